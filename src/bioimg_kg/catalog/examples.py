"""The named queries as SHACL executables, which query editors and language models read as examples.

Source: https://github.com/sib-swiss/sparql-examples and https://www.w3.org/TR/shacl-af/#SPARQLExecutable
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Triple

from bioimg_kg.catalog.site import Site
from bioimg_kg.catalog.triples import english, iri, statements, text
from bioimg_kg.queries import NamedQuery, load_queries
from bioimg_kg.resources import data_path
from bioimg_kg.vocab import COMMENT, LABEL, PREFIXES, SCHEMA, TYPE

SH: Final = "http://www.w3.org/ns/shacl#"
FEDERATES: Final = "https://purl.expasy.org/sparql-examples/ontology#federatesWith"
"""Says which other endpoint an example asks."""
_FORM: Final = re.compile(r"^\s*(SELECT|CONSTRUCT|ASK)\b", re.MULTILINE | re.IGNORECASE)
_PREFIX: Final = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)
_SERVICE: Final = re.compile(r"\bSERVICE\s+(?:SILENT\s+)?<([^>]*)>", re.IGNORECASE)
_LINE: Final = re.compile(r"^#\+.*\n", re.MULTILINE)


def examples() -> tuple[NamedQuery, ...]:
    """Return the queries that are shown as examples: the named ones, and those that ask elsewhere too."""
    return (*load_queries(), *load_queries(data_path("queries/federated")))


def example_graph(queries: Iterable[NamedQuery], site: Site) -> Iterator[Triple]:
    """Yield each query as an example of a service, with its default values."""
    me = site.at("/.well-known/sparql-examples")
    return example_triples(queries, f"{me}#", f"{me}#prefix=", site.sparql)


def example_triples(
    queries: Iterable[NamedQuery], mine: str, prefix_at: str, target: str = ""
) -> Iterator[Triple]:
    """Yield each query as an example, with its default values.

    Parameters
    ----------
    queries
        The queries.
    mine, prefix_at
        What the IRIs of examples and of prefixes begin with.
    target
        IRI of the endpoint that answers; empty if that is not known.
    """
    declared = dict(PREFIXES)
    for query in queries:
        written = _LINE.sub("", query.bind({p.name: p.example for p in query.parameters}))
        found = _FORM.search(written)
        if found is None:  # DESCRIBE has no name in SHACL
            continue
        form = found.group(1).lower()
        declared.update(_PREFIX.findall(written))
        yield from statements(
            f"{mine}{query.name}",
            [
                (TYPE, iri(f"{SH}SPARQLExecutable")),
                (TYPE, iri(f"{SH}SPARQL{form.capitalize()}Executable")),
                (LABEL, text(query.name)),
                (COMMENT, english(query.question)),
                (f"{SH}prefixes", iri(f"{mine}prefixes")),
                (f"{SH}{form}", text(written)),
                (f"{SCHEMA}target", iri(target)),
                *((FEDERATES, iri(other)) for other in sorted(set(_SERVICE.findall(written)))),
                *((f"{SCHEMA}keywords", text(tag)) for tag in query.tags),
            ],
        )
    for prefix, namespace in sorted(declared.items()):
        part = f"{prefix_at}{prefix}"
        yield from statements(f"{mine}prefixes", [(f"{SH}declare", iri(part))])
        facts = [(f"{SH}prefix", text(prefix)), (f"{SH}namespace", text(namespace, "anyURI"))]
        yield from statements(part, facts)
