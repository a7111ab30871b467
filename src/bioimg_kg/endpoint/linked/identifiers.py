"""Identifiers as people write them, such as ``CMPO:0000077``, to the IRIs of things."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from bioimg_kg.endpoint.linked.addresses import MalformedAddress, link
from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.compounds import resolve_cid, resolve_inchikey
from bioimg_kg.identifiers.genes import namespaces, resolve_gene
from bioimg_kg.identifiers.prefixes import compact, expand
from bioimg_kg.identifiers.terms import Resolved, resolve_term


def _gene(text: str) -> Resolved:
    return resolve_gene(text, namespaces()["ensembl"])


def _compound(text: str) -> Resolved:
    return resolve_cid(text) if text.upper().startswith("CID") else resolve_inchikey(text)


def _taxon(text: str) -> Resolved:
    return resolve_term(text, "NCBITaxon")


READERS: Final[dict[str, Callable[[str], Resolved]]] = {
    "compound": _compound,
    "gene": _gene,
    "phenotype": resolve_term,
    "taxon": _taxon,
    "term": resolve_term,
}
"""First segment of an address, and how an identifier without a known prefix is read there."""


_PAGES: Final = {
    "BTO": "term",
    "CLO": "term",
    "CMPO": "phenotype",
    "EFO": "term",
    "ENSEMBL": "gene",
    "INCHIKEY": "compound",
    "NCBIGene": "gene",
    "NCBITaxon": "taxon",
    "PUBCHEM.COMPOUND": "compound",
}
"""First segment of the address of things that have another IRI than ours, by the prefix of their CURIE."""


def named(iri: str) -> str | None:
    """Return the address of a gene, phenotype, compound, organism or cell line by its CURIE, if it has one.

    Examples
    --------
    >>> named("http://www.ebi.ac.uk/cmpo/CMPO_0000077"), named("https://example.org/x")
    ('/phenotype/CMPO:0000077', None)
    """
    curie = compact(iri)
    kind = _PAGES.get(curie.partition(":")[0])
    try:
        return f"/{kind}/{quote(curie, safe=':')}" if kind and expand(curie) == iri else None
    except ConfigError:
        return None


def address_of(iri: str, known: frozenset[str] = frozenset()) -> str | None:
    """Return where a page leads for an IRI: to its short address, or as :func:`link` does.

    Examples
    --------
    >>> address_of("http://www.ebi.ac.uk/cmpo/CMPO_0000077"), address_of("https://example.org/x")
    ('/phenotype/CMPO:0000077', 'https://example.org/x')
    """
    return named(iri) or link(iri, known)


def identified(kind: str, text: str) -> str:
    """Return the IRI that an identifier stands for.

    Parameters
    ----------
    kind
        One of :data:`READERS`.
    text
        A CURIE with a prefix of ``mappings/prefixes.json``, or an identifier that can only be of this kind.

    Raises
    ------
    MalformedAddress
        It is no identifier.

    Examples
    --------
    >>> identified("phenotype", "CMPO:0000077")
    'http://www.ebi.ac.uk/cmpo/CMPO_0000077'
    >>> identified("gene", "ENSG00000129810"), identified("compound", "CID679")
    ('http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810', 'http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID679')
    """
    if ":" in text:
        try:
            return expand(text)
        except ConfigError as error:
            raise MalformedAddress(str(error)) from error
    found = READERS[kind](text)
    if not found.iri:
        message = found.problem or f"{text!r} is no identifier of a {kind}"
        message += "; with a prefix it is unmistakable, as in NCBIGene:1025"
        raise MalformedAddress(message)
    return found.iri
