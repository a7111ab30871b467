"""Compound identifiers to IRIs: PubChem CID, else InChIKey."""

import re
from dataclasses import replace
from functools import cache

from bioimg_kg.identifiers.terms import Resolved, is_null
from bioimg_kg.resources import table_rows

_INCHIKEY = re.compile(r"^[A-Z]{14}-[A-Z]{10}-[A-Z]$")


def resolve_cid(value: str) -> Resolved:
    r"""Find the IRI of a PubChem compound id; characters that are no digits at the end are dropped.

    Examples
    --------
    >>> resolve_cid("679").iri
    'http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID679'
    >>> resolve_cid("54677972\ufb02").repair
    "'54677972ﬂ' read as 54677972"
    """
    if is_null(value):
        return Resolved()
    match = re.match(r"^(?:CID\s*)?([1-9][0-9]*)(?:\.0)?(\D*)$", value.strip())
    if not match or re.search(r"[\d\s;,]", match[2]):
        return Resolved(problem=f"{value!r} is not a PubChem compound id, which is a number")
    repair = f"{value!r} read as {match[1]}" if match[1] != value.strip() else ""
    return Resolved(f"http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID{match[1]}", repair)


@cache
def _names() -> dict[str, str]:
    return {name.lower(): number for name, number, _ in table_rows("mappings/compound-names.tsv")}


def resolve_compound_name(name: str) -> Resolved:
    """Find the IRI of a compound that studies use as a vehicle and call by name only.

    Names are not guessed at: only those of ``mappings/compound-names.tsv`` count.

    Examples
    --------
    >>> resolve_compound_name("DMSO").repair
    "'DMSO' read as PubChem 679 by mappings/compound-names.tsv"
    >>> resolve_compound_name("taxol")
    Resolved(iri=None, repair='', problem='')
    """
    number = _names().get(" ".join(name.lower().split()))
    if not number:
        return Resolved()
    return replace(
        resolve_cid(number), repair=f"{name!r} read as PubChem {number} by mappings/compound-names.tsv"
    )


def compound_pages(compound: str) -> tuple[str, str]:
    """Return the web page of a PubChem compound and its IRI at identifiers.org; empty for other compounds.

    Examples
    --------
    >>> compound_pages("http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID679")[0]
    'https://pubchem.ncbi.nlm.nih.gov/compound/679'
    """
    start, _, number = compound.partition("/pubchem/compound/CID")
    if start != "http://rdf.ncbi.nlm.nih.gov" or not number:
        return "", ""
    return (
        f"https://pubchem.ncbi.nlm.nih.gov/compound/{number}",
        f"http://identifiers.org/pubchem.compound/{number}",
    )


def is_cas_number(text: str) -> bool:
    """Say whether every number in a text is a CAS registry number; its last digit checks the others.

    Examples
    --------
    >>> is_cas_number("67-68-5"), is_cas_number("67-68-6"), is_cas_number("04/04/1953")
    (True, False, False)
    """
    numbers = [n.replace("-", "") for n in re.findall(r"\b\d{2,7}-\d{2}-\d\b", text)]
    sums = (sum(place * int(d) for place, d in enumerate(n[-2::-1], start=1)) % 10 for n in numbers)
    return bool(numbers) and all(total == int(n[-1]) for n, total in zip(numbers, sums, strict=True))


def resolve_inchikey(value: str) -> Resolved:
    """Find the IRI of an InChIKey.

    Examples
    --------
    >>> resolve_inchikey("IAZDPXIOMUYVGZ-UHFFFAOYSA-N").iri
    'http://rdf.ncbi.nlm.nih.gov/pubchem/inchikey/IAZDPXIOMUYVGZ-UHFFFAOYSA-N'
    """
    text = value.strip()
    if is_null(text):
        return Resolved()
    if not _INCHIKEY.match(text):
        return Resolved(problem=f"{value!r} is not an InChIKey (14, 10 and 1 capital letters)")
    return Resolved(f"http://rdf.ncbi.nlm.nih.gov/pubchem/inchikey/{text}")
