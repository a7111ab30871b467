"""Citations in BibTeX, in UTF-8.

Entry types and fields are those of biblatex; styles of old BibTeX treat what they do not know as ``misc`` and
leave out fields. Letters beyond ASCII stay as they are: biber reads them, and ``inputenc`` sets them.

Source: https://ctan.org/pkg/biblatex
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from bioimg_kg.catalog.citing.model import Citation, Name, date_parts
from bioimg_kg.catalog.citing.names import ET_AL

_ESCAPES: Final = str.maketrans(
    {
        **{sign: "\\" + sign for sign in "&%$#_"},
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts \{ as a brace
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def bibtex(citations: Iterable[Citation]) -> str:
    r"""Return citations as a bibliography.

    Examples
    --------
    >>> print(bibtex([Citation("a", "article", "Cells & {genes}", (Name("Pau", "G"),), doi="10.1/a_b")]))
    @article{a,
      author = {Pau, G},
      title = {{Cells \& \textbraceleft{}genes\textbraceright{}}},
      doi = {10.1/a_b}
    }
    <BLANKLINE>
    """
    return "\n".join(map(_entry, citations))


def escaped(text: str) -> str:
    """Return a text in which no sign means anything to TeX."""
    return text.translate(_ESCAPES)


def _entry(citation: Citation) -> str:
    date = date_parts(citation.issued)
    fields = {
        "author": " and ".join(map(_name, citation.authors)),
        "title": f"{{{escaped(citation.title)}}}",  # in braces no style changes capitals: RNAi, GFP
        "year": "".join(date[:1]),
        "month": str(int(date[1])) if len(date) > 1 else "",
        "date": "-".join(date),
        "publisher": escaped(citation.publisher),
        "version": escaped(citation.version),
        "number": escaped(citation.number),
        "doi": _verbatim(citation.doi),
        "pmid": escaped(citation.pubmed),
        "pmcid": escaped(citation.pmc),
        "url": _verbatim(citation.url),
        "note": escaped(citation.note),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{citation.kind}{{{citation.key},\n{lines}\n}}\n"


def _name(name: Name) -> str:
    if name == ET_AL:
        return "others"
    parts = [name.family, name.suffix, name.given]
    whole = name.literal or " ".join(filter(None, parts))
    if name.literal or any("," in part or " and " in part for part in parts):
        return f"{{{escaped(whole)}}}"
    return ", ".join(escaped(part) for part in parts if part)


def _verbatim(address: str) -> str:
    """Return a DOI or URL, in which TeX reads all signs as they are, but braces must be in pairs."""
    return "".join(quote(sign) if sign in "{}\\ " else sign for sign in address)
