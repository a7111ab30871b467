"""Gene identifiers to IRIs, by the namespace that their column has.

A number alone says nothing: it may be a gene, a clone, a sequence or a compound. So the namespace comes
from the column (its declared link template, its heading, or the look of all its values together), and a
value that does not fit the namespace is reported, not guessed at.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from bioimg_kg.identifiers.terms import Resolved, is_null
from bioimg_kg.resources import data_path
from bioimg_kg.vocab import DEFAULT_BASE


@dataclass(frozen=True, slots=True)
class GeneNamespace:
    """One record of ``mappings/genes.json``.

    Attributes
    ----------
    name, type
        Short name; ``Gene`` or ``Transcript`` of the Biolink model.
    pattern
        What an identifier looks like.
    iri, url, exact_match, see_also
        Templates with ``{id}`` (and ``{base}``).
    hosts
        Parts of a link template that declare the namespace.
    names
        Parts of a column heading, in lower case, that declare it.
    literal
        Name of the property that holds the bare identifier, if any.
    ambiguous
        The pattern fits identifiers of other kinds too, so values alone never declare it.
    versioned, uppercase
        The identifier may end in ``.version``, which is dropped; it is written in upper case.
    """

    name: str
    type: str
    pattern: re.Pattern[str]
    iri: str
    hosts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    url: str = ""
    literal: str = ""
    exact_match: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    ambiguous: bool = False
    versioned: bool = False
    uppercase: bool = False

    def clean(self, value: str) -> str | None:
        """Return the identifier without version and in its usual case, or None if it does not fit."""
        text = value.upper() if self.uppercase else value
        if not self.pattern.match(text):
            return None
        return text.split(".")[0] if self.versioned else text


@cache
def namespaces() -> dict[str, GeneNamespace]:
    """Return the gene namespaces by name, in the order of the file."""
    table = {}
    for record in json.loads(data_path("mappings/genes.json").read_text(encoding="utf-8")):
        table[record["namespace"]] = GeneNamespace(
            name=record["namespace"],
            type=record["type"],
            pattern=re.compile(record["pattern"], re.ASCII),
            iri=record["iri"],
            hosts=tuple(record["hosts"]),
            names=tuple(record["names"]),
            url=record.get("url", ""),
            literal=record.get("literal", ""),
            exact_match=tuple(record.get("exact_match", ())),
            see_also=tuple(record.get("see_also", ())),
            ambiguous=record.get("ambiguous", False),
            versioned=record.get("versioned", False),
            uppercase=record.get("uppercase", False),
        )
    return table


def namespace_of_column(heading: str, template: str, values: Iterable[str]) -> GeneNamespace | None:
    """Decide which namespace a gene column has.

    Parameters
    ----------
    heading
        The column's heading.
    template
        The link template that the archive declares for it, or an empty text.
    values
        The distinct identifiers in it.

    Returns
    -------
    GeneNamespace or None
        From the template; else from the heading; else the unambiguous namespace that most values fit.

    Examples
    --------
    >>> template = "https://www.ncbi.nlm.nih.gov/gene/{{ value|urlencode }}"
    >>> namespace_of_column("Gene Identifier", template, []).name
    'ncbigene'
    >>> namespace_of_column("Gene Identifier", "", ["NM_006738", "NM_015272"]).name
    'refseq'
    >>> namespace_of_column("Gene Identifier", "", ["762"]) is None
    True
    """
    link = re.sub(r"\s", "", template)
    words = heading.lower()
    for namespace in namespaces().values():
        if any(host in link for host in namespace.hosts):
            return namespace
    for namespace in namespaces().values():
        if any(name in words for name in namespace.names):
            return namespace
    texts = [v for v in values if not is_null(v)]
    votes = {
        n.name: sum(n.clean(t) is not None for t in texts) for n in namespaces().values() if not n.ambiguous
    }
    best = max(votes, key=lambda name: votes[name])
    return namespaces()[best] if votes[best] * 2 > len(texts) else None


def resolve_gene(value: str, namespace: GeneNamespace, base: str = DEFAULT_BASE) -> Resolved:
    """Find the IRI of one gene identifier.

    A value that does not fit the column's namespace but is unmistakable in another one is accepted.

    Examples
    --------
    >>> resolve_gene("ENSG00000129810.14", namespaces()["ensembl"]).iri
    'http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810'
    >>> resolve_gene("DNASE1", namespaces()["ncbigene"]).problem
    "'DNASE1' is not an identifier of ncbigene: they look like digits"
    """
    if is_null(value):
        return Resolved()
    candidates = [namespace, *(n for n in namespaces().values() if not n.ambiguous and n is not namespace)]
    for candidate in candidates:
        local = candidate.clean(value)
        if local is not None:
            repair = (
                ""
                if candidate is namespace
                else f"an identifier of {candidate.name}, not of {namespace.name}"
            )
            return Resolved(candidate.iri.format(id=local, base=base), repair)
    look = "digits" if namespace.name == "ncbigene" else namespace.pattern.pattern
    return Resolved(problem=f"{value!r} is not an identifier of {namespace.name}: they look like {look}")


def identify(iri: str, base: str = DEFAULT_BASE) -> tuple[GeneNamespace, str] | None:
    """Return namespace and identifier of a gene IRI that :func:`resolve_gene` made.

    Examples
    --------
    >>> identify("https://www.ncbi.nlm.nih.gov/gene/1025")[1]
    '1025'
    """
    for namespace in namespaces().values():
        head = namespace.iri.format(id="", base=base)
        if iri.startswith(head) and namespace.clean(iri[len(head) :]):
            return namespace, iri[len(head) :]
    return None
