"""Citations as a citation file: about the first data among them, with the others as references.

The format asks for authors of everything; whose are not known are anonymous, as its guide has it.

Source: https://github.com/citation-file-format/citation-file-format/blob/main/schema-guide.md, version 1.2.0
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bioimg_kg.catalog.citing.model import Citation, Kind, Name, date_parts

MESSAGE: Final = "Cite the preferred citation first, then what is listed here and its references."
_TYPES: Final[dict[Kind, str]] = {"article": "article", "dataset": "data", "software": "software"}
_DOI: Final = re.compile(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")
_PMC: Final = re.compile(r"PMC[0-9]{7}")
_URL: Final = re.compile(r"https?://.+")
_ORCID: Final = re.compile(r"https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_UNPRINTABLE: Final = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Signs that YAML 1.1 reads only as escapes."""


def cff(citations: Sequence[Citation]) -> str:
    """Return citations as a citation file.

    Parameters
    ----------
    citations
        The first is what is best cited; at least one of them is data or software.

    Examples
    --------
    >>> print(cff([Citation("a", "dataset", "Cells: 'RNAi'", (Name("Pau", "G"),))]), end="")
    cff-version: "1.2.0"
    message: "Cite the preferred citation first, then what is listed here and its references."
    type: "dataset"
    title: "Cells: 'RNAi'"
    authors:
      - family-names: "Pau"
        given-names: "G"
    """
    first = citations[0]
    subject = next(citation for citation in citations if citation.kind != "article")
    others = [citation for citation in citations if citation not in (first, subject)]
    facts = _facts(subject)
    if subject.number:
        number = {"type": "other", "value": subject.number, "description": "accession"}
        facts["identifiers"] = [*facts.get("identifiers", []), number]
    document: dict[str, Any] = {"cff-version": "1.2.0", "message": MESSAGE, "type": subject.kind, **facts}
    if first is not subject:
        document["preferred-citation"] = _reference(first)
    if others:
        document["references"] = [_reference(citation) for citation in others]
    return "".join(f"{line}\n" for line in _lines(document))


def _facts(citation: Citation) -> dict[str, Any]:
    """Return what is said alike of the subject and of references."""
    doi = citation.doi if _DOI.fullmatch(citation.doi) else ""
    others = [
        ("doi", "" if doi else citation.doi),
        ("pmid", citation.pubmed),
        ("pmcid", "" if _PMC.fullmatch(citation.pmc) else citation.pmc),
    ]
    date = citation.issued if len(date_parts(citation.issued)) == 3 else ""
    facts = {
        "title": citation.title,
        "authors": [_author(name) for name in citation.authors] or [{"name": "anonymous"}],
        "version": citation.version,
        "date-released": date,
        "doi": doi,
        "url": citation.url if _URL.fullmatch(citation.url) else "",
        "license-url": citation.license if _URL.fullmatch(citation.license) else "",
        "identifiers": [{"type": "other", "value": f"{kind}:{value}"} for kind, value in others if value],
    }
    return {name: value for name, value in facts.items() if value}


def _reference(citation: Citation) -> dict[str, Any]:
    more = {
        "year": "".join(date_parts(citation.issued)[:1]),
        "pmcid": citation.pmc if _PMC.fullmatch(citation.pmc) else "",
        "number": citation.number,
        "publisher": {"name": citation.publisher} if citation.publisher else None,
        "notes": citation.note,
    }
    known = {name: value for name, value in more.items() if value}
    return {"type": _TYPES[citation.kind], **_facts(citation), **known}


def _author(name: Name) -> dict[str, str]:
    orcid = name.orcid if _ORCID.fullmatch(name.orcid) else ""
    if name.literal:
        parts = {"name": name.literal, "orcid": orcid}
    else:
        parts = {"family-names": name.family, "given-names": name.given, "name-suffix": name.suffix}
    return {part: text for part, text in parts.items() if text}


def _lines(content: Mapping[str, Any]) -> list[str]:
    """Write a mapping as YAML: every text in quotes, so that none is read as a number or a date."""
    lines = []
    for name, value in content.items():
        if isinstance(value, str):
            lines.append(f"{name}: {_quoted(value)}")
            continue
        lines.append(f"{name}:")
        if isinstance(value, Mapping):
            lines += [f"  {line}" for line in _lines(value)]
        else:
            for entry in value:
                head, *rest = _lines(entry)
                lines += [f"  - {head}", *(f"    {line}" for line in rest)]
    return lines


def _quoted(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
