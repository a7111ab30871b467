"""What a citation is, whatever form it is written in."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["article", "dataset", "software"]

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Name:
    """Name of an author.

    Attributes
    ----------
    family, given, suffix
        Its parts, where the source tells them apart.
    literal
        The name as a whole, where it does not: an organisation, or a person with the names in unknown order.
    orcid
        IRI of the person, if known.
    """

    family: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """One thing that is cited. What is not known is empty: nothing is supplied from elsewhere.

    Attributes
    ----------
    key
        What a text cites it by: ASCII letters, digits, dots and hyphens.
    kind
        What it is.
    title, authors, publisher, note
        As the study writes them, white space and control characters aside.
    issued
        ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``.
    doi, pubmed, pmc
        ``10.1038/msb.2010.25``, ``20531400``, ``PMC2913390``.
    url
        Where it is.
    number
        Accession in an archive.
    version
        Release.
    license
        IRI of its licence.
    """

    key: str
    kind: Kind
    title: str
    authors: tuple[Name, ...] = ()
    issued: str = ""
    doi: str = ""
    pubmed: str = ""
    pmc: str = ""
    url: str = ""
    number: str = ""
    version: str = ""
    publisher: str = ""
    license: str = ""
    note: str = ""


def clean(text: str) -> str:
    r"""Return a text on one line; a control character, which stands for a misread letter, is marked as that.

    Examples
    --------
    >>> clean("Tuck  E\n"), clean("G\x9ahlmann")
    ('Tuck E', 'G\ufffdhlmann')
    """
    return _CONTROL.sub("\ufffd", " ".join(text.split()))


def key(*parts: str) -> str:
    """Return a key for a citation.

    Examples
    --------
    >>> key("doi", "10.1016/s0925-4773(01)00470-1")
    'doi-10.1016-s0925-4773-01-00470-1'
    """
    return re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(parts)).strip("-") or "citation"


def date_parts(issued: str) -> tuple[str, ...]:
    """Return year, month and day of a date, as far as it has them; nothing if it is none.

    Examples
    --------
    >>> date_parts("2016-05-26"), date_parts("2016"), date_parts("soon")
    (('2016', '05', '26'), ('2016',), ())
    """
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", issued)
    return tuple(part for part in found.groups() if part) if found else ()
