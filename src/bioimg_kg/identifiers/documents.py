"""Papers, people, licences and archive accessions to IRIs."""

import re
from functools import cache
from typing import Final

from bioimg_kg.identifiers.iris import encode, is_iri
from bioimg_kg.resources import table_rows

_DOI_SPACE = "https://doi.org/"
_PUBMED_SPACE = "https://pubmed.ncbi.nlm.nih.gov/"
_PMC_SPACE = "https://www.ncbi.nlm.nih.gov/pmc/articles/"
_ORCID_SPACE = "https://orcid.org/"
_BIOSTUDIES_SPACE = "https://www.ebi.ac.uk/biostudies/studies/"
SPACES: Final = {
    _DOI_SPACE: "DOI",
    _PUBMED_SPACE: "PubMed",
    _PMC_SPACE: "PMC",
    _ORCID_SPACE: "ORCID",
    _BIOSTUDIES_SPACE: "BioStudies",
}
"""What the IRIs of papers, people and deposits begin with, and whose they are."""

_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.ASCII)
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")


def doi(text: str) -> str:
    """Return the IRI of a DOI in any of its spellings, or an empty text.

    Examples
    --------
    >>> doi("http://dx.doi.org/10.1038/MSB.2010.25")
    'https://doi.org/10.1038/msb.2010.25'
    """
    match = _DOI.search(text)
    return _DOI_SPACE + "/".join(map(_keep, match[0].lower().split("/"))) if match else ""


def _keep(part: str) -> str:
    return encode(part).replace("%28", "(").replace("%29", ")").replace("%3A", ":").replace("%3B", ";")


def pubmed(text: str) -> str:
    """Return the IRI of a PubMed id, or an empty text.

    Examples
    --------
    >>> pubmed("20531400")
    'https://pubmed.ncbi.nlm.nih.gov/20531400/'
    """
    digits = text.strip()
    return f"{_PUBMED_SPACE}{digits}/" if re.fullmatch("[0-9]+", digits) else ""


def pubmed_rdf(paper: str) -> str:
    """Return the IRI that PubChemRDF has for a paper of PubMed.

    Examples
    --------
    >>> pubmed_rdf("https://pubmed.ncbi.nlm.nih.gov/20531400/")
    'http://rdf.ncbi.nlm.nih.gov/pubmed/20531400'
    """
    return f"http://rdf.ncbi.nlm.nih.gov/pubmed/{paper.rstrip('/').rpartition('/')[2]}"


def pmc(text: str) -> str:
    """Return the IRI of a PubMed Central id, or an empty text."""
    match = re.fullmatch(r"(?:PMC)?([0-9]+)", text.strip())
    return f"{_PMC_SPACE}PMC{match[1]}/" if match else ""


def orcid(text: str) -> str:
    """Return the IRI of an ORCID found in a text, or an empty text.

    Examples
    --------
    >>> orcid("0000-0002-1825-0097 (Josiah Carberry)")
    'https://orcid.org/0000-0002-1825-0097'
    """
    match = _ORCID.search(text)
    return f"{_ORCID_SPACE}{match[0]}" if match else ""


def accession_link(text: str) -> str:
    """Return the IRI of a BioStudies, BioImage Archive or EMPIAR accession, or an empty text.

    Examples
    --------
    >>> accession_link("S-BIAD845"), accession_link("EMPIAR-10404")
    ('https://www.ebi.ac.uk/biostudies/studies/S-BIAD845', 'https://identifiers.org/empiar:EMPIAR-10404')
    """
    word = text.strip()
    if re.fullmatch(r"S-[A-Z]+-?[A-Z]*[0-9]+", word):
        return f"{_BIOSTUDIES_SPACE}{word}"
    if re.fullmatch(r"EMPIAR-[0-9]+", word):
        return f"https://identifiers.org/empiar:{word}"
    return ""


def web_page(text: str) -> str:
    """Return the IRI of a web page, or an empty text; a missing ``http://`` is supplied.

    Examples
    --------
    >>> web_page("www.sysgro.org"), web_page("https://example.org/a b"), web_page("see the paper")
    ('http://www.sysgro.org', '', '')
    """
    word = text.strip()
    if word.lower().startswith("www."):
        word = f"http://{word}"
    return word if re.match(r"https?://[^/]+\.\w", word) and is_iri(word) else ""


@cache
def _licences() -> dict[str, str]:
    return {row[0].strip().lower(): row[1] for row in table_rows("mappings/licences.tsv")}


def licence(url: str, text: str = "") -> str:
    """Return the canonical IRI of a licence, from its address or else from its name; empty if unknown.

    Examples
    --------
    >>> licence("http://creativecommons.org/licenses/by/4.0")
    'https://creativecommons.org/licenses/by/4.0/'
    """
    key = url.strip().lower()
    match = re.match(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", key)
    if match:
        return f"https://creativecommons.org/{match[1]}/{match[2]}/{match[3]}/"
    return _licences().get(key) or _licences().get(text.strip().lower(), "")


def spdx(address: str) -> str:
    """Return the SPDX IRI of a Creative Commons licence, or an empty text.

    Examples
    --------
    >>> spdx("https://creativecommons.org/licenses/by-nc/4.0/")
    'https://spdx.org/licenses/CC-BY-NC-4.0'
    >>> spdx("https://creativecommons.org/publicdomain/zero/1.0/")
    'https://spdx.org/licenses/CC0-1.0'
    """
    match = re.fullmatch(r"https://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)/", address)
    if not match:
        return ""
    kinds = {"zero": "CC0", "mark": "CC-PDM"}
    kind = kinds.get(match[2], "") if match[1] == "publicdomain" else f"CC-{match[2].upper()}"
    return f"https://spdx.org/licenses/{kind}-{match[3]}" if kind else ""
