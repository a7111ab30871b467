"""Ontology accessions, as people write them, to IRIs."""

import re
from dataclasses import dataclass
from functools import cache

from bioimg_kg.identifiers.prefixes import records
from bioimg_kg.resources import data_path
from bioimg_kg.sssom import read

NULLS = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "not available", "annotation not available"})
"""Texts, in lower case, that mean 'nothing' in an identifier column."""

NAMELESS = NULLS - {"", "na", "nan"} | {"none", "empty", "unknown", "untreated", "no compound", "-"}
"""Texts, in lower case, that name no gene, reagent or compound; ``na`` and ``nan`` are genes of the fly."""

_WRITTEN = re.compile(r"^(?P<prefix>[A-Za-z][A-Za-z .]*?)[\s_:]+(?P<local>\S+)$")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Outcome of resolving an identifier.

    Attributes
    ----------
    iri
        The IRI, or None.
    repair
        What had to be mended, in words; empty if nothing.
    problem
        Why there is no IRI; empty if there is one or the text means 'nothing'.
    """

    iri: str | None = None
    repair: str = ""
    problem: str = ""


def is_null(text: str) -> bool:
    """Say whether a text means 'nothing' in an identifier column; template placeholders do.

    Examples
    --------
    >>> is_null("N/A"), is_null("# leave blank"), is_null("none")
    (True, True, False)
    """
    return text.strip().lower() in NULLS or text.lstrip().startswith("#")


def is_nameless(text: str) -> bool:
    """Say whether a text in a column of names names nothing.

    Examples
    --------
    >>> is_nameless("empty"), is_nameless("nan"), is_null("nan")
    (True, False, True)
    """
    return text.strip().lower() in NAMELESS or text.lstrip().startswith("#")


def resolve_term(accession: str, source: str = "") -> Resolved:
    """Find the IRI of an ontology accession.

    Accepted are ``CMPO_0000077``, ``CMPO:0000077``, a full IRI, and a bare number beside a source column
    that names the ontology. The prefix of the accession beats the source column. Known misprints of whole
    terms are corrected by ``mappings/corrections.sssom.tsv``.

    Parameters
    ----------
    accession
        The text of the accession cell.
    source
        The text of the ``Term Source REF`` cell, if any.

    Examples
    --------
    >>> resolve_term("9606", "NCBI Taxon").iri
    'http://purl.obolibrary.org/obo/NCBITaxon_9606'
    >>> resolve_term("Fbbi:00000246").repair
    "prefix 'Fbbi' read as FBbi"
    >>> resolve_term("XYZ_1").problem
    "'XYZ' is not a prefix of mappings/prefixes.json"
    """
    text = accession.strip()
    if is_null(text):
        return Resolved()
    if text.isascii() and text.isdigit():
        return _from_number(text, source.strip())
    if "://" in text:
        text = re.split(r"[/#]", text.rstrip("/"))[-1]
    match = _WRITTEN.match(text)
    if not match:
        return Resolved(problem=f"{text!r} is not an ontology accession such as CMPO_0000077")
    return _checked(match["prefix"], match["local"])


def _from_number(text: str, source: str) -> Resolved:
    match = _WRITTEN.match(source)
    found = _checked(match["prefix"] if match and match["prefix"].lower() in records() else source, text)
    if found.iri and not found.repair:
        return Resolved(found.iri, repair="number without prefix")
    return found


def _checked(prefix: str, local: str) -> Resolved:
    record = records().get(prefix.lower())
    if record is None:
        return Resolved(problem=f"{prefix!r} is not a prefix of mappings/prefixes.json")
    repair = "" if prefix == record["prefix"] else f"prefix {prefix!r} read as {record['prefix']}"
    if local.isdigit() and len(local) < int(str(record.get("digits", 0))):
        local, repair = local.zfill(int(str(record["digits"]))), f"{local} filled up with zeros"
    if not re.match(str(record["pattern"]), local, re.ASCII):
        example = f"{record['prefix']}_{record['example']}"
        return Resolved(problem=f"not a {record['prefix']} accession: they look like {example}")
    iri = f"{record['uri_prefix']}{local}"
    right = corrections().get(iri)
    if right:
        return Resolved(right, repair=f"corrected to {right} by mappings/corrections.sssom.tsv")
    return Resolved(iri, repair)


@cache
def corrections() -> dict[str, str]:
    """Return the misprinted term IRIs and what they mean."""
    table = read(data_path("mappings/corrections.sssom.tsv"))
    return {table.expand(row.subject_id): table.expand(row.object_id) for row in table.rows}
