"""The named queries as SHACL executables, which query editors and language models read as examples.

Source: https://github.com/sib-swiss/sparql-examples and https://www.w3.org/TR/shacl-af/#SPARQLExecutable
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Triple

from bioimg_kg.catalog.site import Site
from bioimg_kg.catalog.triples import english, iri, statements, text
from bioimg_kg.queries import NamedQuery
from bioimg_kg.vocab import COMMENT, LABEL, PREFIXES, SCHEMA, TYPE

SH: Final = "http://www.w3.org/ns/shacl#"
_FORM: Final = re.compile(r"^\s*(SELECT|CONSTRUCT|ASK)\b", re.MULTILINE | re.IGNORECASE)
_PREFIX: Final = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)
_LINE: Final = re.compile(r"^#\+.*\n", re.MULTILINE)


def example_graph(queries: Iterable[NamedQuery], site: Site) -> Iterator[Triple]:
    """Yield each query as an example, with its default values."""
    me = site.at("/.well-known/sparql-examples")
    declared = dict(PREFIXES)
    for query in queries:
        written = _LINE.sub("", query.bind({p.name: p.example for p in query.parameters}))
        found = _FORM.search(written)
        if found is None:  # DESCRIBE has no name in SHACL
            continue
        form = found.group(1).lower()
        declared.update(_PREFIX.findall(written))
        yield from statements(
            f"{me}#{query.name}",
            [
                (TYPE, iri(f"{SH}SPARQLExecutable")),
                (TYPE, iri(f"{SH}SPARQL{form.capitalize()}Executable")),
                (LABEL, text(query.name)),
                (COMMENT, english(query.question)),
                (f"{SH}prefixes", iri(f"{me}#prefixes")),
                (f"{SH}{form}", text(written)),
                (f"{SCHEMA}target", iri(site.sparql)),
                *((f"{SCHEMA}keywords", text(tag)) for tag in query.tags),
            ],
        )
    for prefix, namespace in sorted(declared.items()):
        part = f"{me}#prefix={prefix}"
        yield from statements(f"{me}#prefixes", [(f"{SH}declare", iri(part))])
        facts = [(f"{SH}prefix", text(prefix)), (f"{SH}namespace", text(namespace, "anyURI"))]
        yield from statements(part, facts)
