"""The prefix table: CURIE to IRI and back, from the records in ``mappings/prefixes.json``."""

import json
import re
from functools import cache

from curies import Converter, Record

from bioimg_kg.errors import ConfigError
from bioimg_kg.resources import data_path
from bioimg_kg.vocab import PREFIXES


@cache
def records() -> dict[str, dict[str, object]]:
    """Return the prefix records by prefix and by every synonym, in lower case."""
    table: dict[str, dict[str, object]] = {}
    for record in json.loads(data_path("mappings/prefixes.json").read_text(encoding="utf-8")):
        for name in (record["prefix"], *record.get("prefix_synonyms", ())):
            if table.setdefault(name.lower(), record) is not record:
                message = f"mappings/prefixes.json: two records claim the prefix {name!r}"
                raise ConfigError(message)
    return table


@cache
def converter() -> Converter:
    """Return the prefix table as a converter; the vocabularies of queries are in it too."""
    unique = {str(r["prefix"]): r for r in records().values()}
    taken = {str(r["uri_prefix"]) for r in unique.values()}
    identifiers = [Record(prefix=p, uri_prefix=str(r["uri_prefix"])) for p, r in unique.items()]
    known = {name.lower() for name in unique}
    words = [
        Record(prefix=p, uri_prefix=u)
        for p, u in PREFIXES.items()
        if u not in taken and p.lower() not in known
    ]
    return Converter([*identifiers, *words])


def expand(curie: str) -> str:
    """Return the IRI of a CURIE; case of the prefix does not matter, synonyms are known.

    Raises
    ------
    ConfigError
        The prefix is not in the table, or the identifier does not match the prefix's pattern.

    Examples
    --------
    >>> expand("CMPO:0000077")
    'http://www.ebi.ac.uk/cmpo/CMPO_0000077'
    >>> expand("CMPO:77")
    Traceback (most recent call last):
        ...
    bioimg_kg.errors.ConfigError: 'CMPO:77' is not a CMPO identifier: they look like CMPO:0000077
    """
    prefix, colon, local = curie.partition(":")
    record = records().get(prefix.strip().lower())
    if record is None:
        iri = converter().expand(curie) if colon else None
        if iri:
            return iri
        message = f"{curie!r} has no known prefix; known are {', '.join(sorted(known_prefixes()))}"
        raise ConfigError(message)
    if not re.match(str(record["pattern"]), local, re.ASCII):
        example = f"{record['prefix']}:{record['example']}"
        message = f"{curie!r} is not a {record['prefix']} identifier: they look like {example}"
        raise ConfigError(message)
    return f"{record['uri_prefix']}{local}"


def compact(iri: str) -> str:
    """Return the CURIE of an IRI, or the IRI itself if no prefix fits.

    Examples
    --------
    >>> compact("http://purl.obolibrary.org/obo/NCBITaxon_9606"), compact("https://example.org/x")
    ('NCBITaxon:9606', 'https://example.org/x')
    """
    return converter().compress(iri) or iri


def known_prefixes() -> set[str]:
    """Return the preferred spelling of every prefix."""
    return {str(record["prefix"]) for record in records().values()}
