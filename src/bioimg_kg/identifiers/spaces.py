"""Whose thing an IRI names: the address space of the database, ontology or registry that it is from.

Known are the spaces of ``mappings/prefixes.json`` and ``mappings/genes.json``, those of papers and people,
and two families that need no list: ontologies of the OBO Foundry (http://obofoundry.org/id-policy) and the
registries behind ``identifiers.org``. A web page, a repository of files and a vocabulary are none of them.
"""

import re
from functools import cache
from typing import Final

from bioimg_kg.identifiers.documents import SPACES
from bioimg_kg.identifiers.genes import namespaces
from bioimg_kg.identifiers.prefixes import records

_FAMILIES: Final = r"http://purl\.obolibrary\.org/obo/[A-Za-z]+_|https?://identifiers\.org/[\w.-]+[:/]"


@cache
def known_spaces() -> dict[str, str]:
    """Return the name of each space that a table has, by the space."""
    genes = {
        namespace.iri.removesuffix("{id}"): name
        for name, namespace in reversed(namespaces().items())
        if not namespace.iri.startswith("{base}")
    }
    prefixes = {str(record["uri_prefix"]): str(record["prefix"]) for record in records().values()}
    return genes | SPACES | prefixes


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(known_spaces(), key=lambda space: (-len(space), space))
    return re.compile("|".join([*map(re.escape, longest_first), _FAMILIES]), re.ASCII)


def space_of(iri: str) -> str:
    """Return the space that an IRI is in, or an empty text; the end of the IRI may be missing.

    Examples
    --------
    >>> space_of("http://purl.obolibrary.org/obo/NCBITaxon_9606")
    'http://purl.obolibrary.org/obo/NCBITaxon_'
    >>> space_of("https://identifiers.org/refseq:NM_006738"), space_of("https://example.org/x")
    ('https://identifiers.org/refseq:', '')
    """
    match = _pattern().match(iri)
    return match[0] if match else ""


def name_of(space: str) -> str:
    """Return what a space is called: its prefix if a table has it, else the last part of its address.

    Examples
    --------
    >>> name_of("http://www.ebi.ac.uk/cmpo/CMPO_"), name_of("http://identifiers.org/hgnc/")
    ('CMPO', 'hgnc')
    """
    return known_spaces().get(space) or re.split(r"[/#:]", space.rstrip("_:/"))[-1]
