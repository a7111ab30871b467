"""Citations in RIS: one tag per line, lines end with CR LF.

Source: https://en.wikipedia.org/wiki/RIS_(file_format)
"""

from collections.abc import Iterable
from typing import Final

from bioimg_kg.catalog.citing.model import Citation, Kind, Name, date_parts

_TYPES: Final[dict[Kind, str]] = {"article": "JOUR", "dataset": "DATA", "software": "COMP"}


def ris(citations: Iterable[Citation]) -> str:
    r"""Return citations as records.

    Examples
    --------
    >>> print(ris([Citation("a", "article", "Cells", (Name("Pau", "G"),), "2010")]).replace("\r", ""))
    TY  - JOUR
    ID  - a
    AU  - Pau, G
    TI  - Cells
    PY  - 2010
    ER  -
    """
    return "\r\n".join(line for citation in citations for line in (*_record(citation), ""))


def _record(citation: Citation) -> Iterable[str]:
    date = date_parts(citation.issued)
    tags = [
        ("TY", _TYPES[citation.kind]),
        ("ID", citation.key),
        *(("AU", _name(name)) for name in citation.authors),
        ("TI", citation.title),
        ("PY", "".join(date[:1])),
        ("DA", "/".join(date) if len(date) > 1 else ""),
        ("PB", citation.publisher),
        ("ET", citation.version),
        ("AN", citation.pubmed or citation.number),
        ("DB", "PubMed" if citation.pubmed else ""),
        ("C2", citation.pmc),
        ("DO", citation.doi),
        ("UR", citation.url),
        ("N1", citation.note),
    ]
    yield from (f"{tag}  - {value}" for tag, value in tags if value)
    yield "ER  - "


def _name(name: Name) -> str:
    return name.literal or ", ".join(filter(None, (name.family, name.given, name.suffix)))
