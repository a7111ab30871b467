"""Organisms: their number in NCBI Taxonomy, and the strains that databases take for the species."""

from collections.abc import Iterable
from functools import cache

from bioimg_kg.identifiers.prefixes import expand
from bioimg_kg.resources import table_rows
from bioimg_kg.vocab import OBO

_PREFIX = f"{OBO}NCBITaxon_"


def taxon_number(iri: str) -> str:
    """Return the number of an organism in NCBI Taxonomy, or an empty text.

    Examples
    --------
    >>> taxon_number("http://purl.obolibrary.org/obo/NCBITaxon_9606")
    '9606'
    >>> taxon_number("https://www.gbif.org/species/4277175")
    ''
    """
    local = iri.removeprefix(_PREFIX)
    return local if local != iri and local.isdigit() else ""


def taxon_matches(number: str) -> tuple[str, ...]:
    """Return the IRIs that UniProt and Ensembl have for an organism.

    Examples
    --------
    >>> taxon_matches("9606")
    ('http://purl.uniprot.org/taxonomy/9606', 'http://identifiers.org/taxonomy/9606')
    """
    return f"http://purl.uniprot.org/taxonomy/{number}", f"http://identifiers.org/taxonomy/{number}"


@cache
def reference_strains() -> dict[str, str]:
    """Return the strains whose number databases use where studies use that of the species: strain to species.

    Examples
    --------
    >>> reference_strains()["http://purl.obolibrary.org/obo/NCBITaxon_559292"]
    'http://purl.obolibrary.org/obo/NCBITaxon_4932'
    """
    return {expand(row[0]): expand(row[2]) for row in table_rows("mappings/reference-strains.tsv")}


def strains_of(taxa: Iterable[str]) -> dict[str, str]:
    """Return the reference strains that are among some organisms, or whose species is."""
    known = set(taxa)
    return {strain: species for strain, species in reference_strains().items() if {strain, species} & known}
