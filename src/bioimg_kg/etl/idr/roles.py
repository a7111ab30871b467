"""What the gene of a row has to do with its phenotype, component by component.

A gene may be knocked down, overexpressed, tagged, or be the target of a compound: four different claims.
``mappings/component-roles.tsv`` holds what curators decided; a component that is not in it gets what its
technology implies (``mappings/technology-roles.tsv``), and where that says nothing the role is unstated.
"""

from collections.abc import Iterable
from functools import cache

from bioimg_kg.resources import table_rows
from bioimg_kg.vocab import BIKG


def role_of(study: str, component: str, technologies: Iterable[str]) -> tuple[str, str]:
    """Return gene role (name of an individual) and treatment class (IRI) of a component.

    Parameters
    ----------
    technologies
        Labels and accessions of its screen technology, library type and study type.

    Examples
    --------
    >>> role_of("idr9999", "screenA", ["RNAi screen", "EFO_0007551"])
    ('PerturbationTarget', 'https://w3id.org/bioimg-kg/ontology#GeneKnockdown')
    >>> role_of("idr9999", "experimentA", [])
    ('UnstatedRole', 'https://w3id.org/bioimg-kg/ontology#Treatment')
    """
    curated = _curated().get((study, component))
    if curated:
        return curated[0], BIKG + curated[1]
    words = [t.lower().replace(":", "_") for t in technologies if t]
    for match, role, treatment in _rules():
        if any(match == word or ("_" not in match and match in word) for word in words):
            return role, BIKG + treatment
    return "UnstatedRole", BIKG + "Treatment"


@cache
def _curated() -> dict[tuple[str, str], tuple[str, str]]:
    return {(r[0], r[1]): (r[2], r[3]) for r in table_rows("mappings/component-roles.tsv")}


@cache
def _rules() -> list[tuple[str, str, str]]:
    return [(r[0], r[1], r[2]) for r in table_rows("mappings/technology-roles.tsv")]
