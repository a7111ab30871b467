"""Citations in CSL-JSON, which citation processors and reference managers read.

Source: https://docs.citationstyles.org/en/v1.0.2/specification.html#appendix-iv-variables
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from bioimg_kg.catalog.citing.model import Citation, Kind, Name, date_parts

_TYPES: Final[dict[Kind, str]] = {"article": "article-journal", "dataset": "dataset", "software": "software"}


def csl_json(citations: Iterable[Citation]) -> str:
    """Return citations as a list of items."""
    return json.dumps([csl_item(citation) for citation in citations], ensure_ascii=False, indent=1) + "\n"


def csl_item(citation: Citation) -> dict[str, Any]:
    """Return a citation as an item.

    Examples
    --------
    >>> csl_item(Citation("a", "dataset", "Cells", (Name(literal="Team"),), "2016-05"))["issued"]
    {'date-parts': [[2016, 5]]}
    """
    date = [int(part) for part in date_parts(citation.issued)]
    item = {
        "id": citation.key,
        "type": _TYPES[citation.kind],
        "title": citation.title,
        "author": [_name(name) for name in citation.authors],
        "issued": {"date-parts": [date]} if date else None,
        "DOI": citation.doi,
        "PMID": citation.pubmed,
        "PMCID": citation.pmc,
        "URL": citation.url,
        "number": citation.number,
        "version": citation.version,
        "publisher": citation.publisher,
        "note": citation.note,
    }
    return {name: value for name, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix, "literal": name.literal}
    return {part: text for part, text in parts.items() if text}
