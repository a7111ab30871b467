"""CURIEs in tables and in KGX, and the prefixes that they use."""

from functools import cache
from typing import Final
from urllib.parse import quote

from bioimg_kg.identifiers.prefixes import compact, converter

OURS: Final = "bioimgkg"
"""Prefix of our own resources."""

_REGISTRY: Final = "https://identifiers.org/"
_PUBMED: Final = "https://pubmed.ncbi.nlm.nih.gov/"
_DOI: Final = "https://doi.org/"


@cache
def curie(iri: str, base: str) -> str:
    """Return the CURIE of an IRI, or the IRI itself if it has none.

    Parameters
    ----------
    iri
        The IRI.
    base
        Base of our own IRIs.

    Examples
    --------
    >>> base = "https://w3id.org/bioimg-kg/"
    >>> curie("https://pubmed.ncbi.nlm.nih.gov/20360735/", base)
    'PMID:20360735'
    >>> curie("https://identifiers.org/insdc:AJ309216", base)
    'insdc:AJ309216'
    >>> curie(f"{base}id/study/idr9001", base)
    'bioimgkg:study%2Fidr9001'

    Notes
    -----
    KGX allows neither a slash nor a colon behind the prefix, so ours are percent-encoded there.
    """
    if iri.startswith(f"{base}id/"):
        return f"{OURS}:{quote(iri.removeprefix(f'{base}id/'), safe='')}"
    if iri.startswith(_PUBMED):
        return f"PMID:{iri.removeprefix(_PUBMED).strip('/')}"
    if iri.startswith(_DOI):
        return f"DOI:{iri.removeprefix(_DOI)}"
    short = compact(iri)
    if short == iri and iri.startswith(_REGISTRY):
        prefix, colon, local = iri.removeprefix(_REGISTRY).partition(":")
        return f"{prefix}:{local}" if colon and "/" not in prefix else iri
    return short


def prefixes(base: str) -> dict[str, str]:
    """Return what the prefixes of :func:`curie` stand for."""
    known = {record.prefix: record.uri_prefix for record in converter().records}
    return dict(sorted({**known, OURS: f"{base}id/", "PMID": _PUBMED, "DOI": _DOI}.items()))
