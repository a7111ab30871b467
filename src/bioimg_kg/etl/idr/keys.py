"""The keys of a study text: which spellings are known, and what a line must look like to hold a new one."""

import re
from dataclasses import dataclass
from functools import cache

from bioimg_kg.errors import ConfigError
from bioimg_kg.resources import table_rows

LEVELS = frozenset({"study", "component", "both"})

PRIVATE = "private"
"""Property of keys whose content is never published: addresses, e-mail, telephone."""

_STEM = (
    r"(?:Study|Screen|Experiment|Assay|Library|Protocol|Phenotype|Raw Image|Feature Level|Processed Data"
    r"|Term Source|Quality Control|Additional)"
)
_SMALL = r"(?:of|for|to|in|and|or|per|by|with|the|description)"
_NEW = re.compile(rf"(?:{_STEM}(?: (?:[A-Z][\w-]*|{_SMALL})){{1,7}}|Comment ?\[[^\]]{{1,40}}\])")
_MAX = 64


@dataclass(frozen=True, slots=True)
class Key:
    """A key as ``mappings/study-keys.tsv`` lists it.

    Attributes
    ----------
    name
        The spelling that the code uses.
    level
        ``study``, ``component`` or ``both``.
    property
        A field of the model, the CURIE of a property, ``-`` if the content stays in the file, or ``private``.
    """

    name: str
    level: str
    property: str


@cache
def known() -> dict[str, Key]:
    """Return the known keys by their spelling in lower case.

    Examples
    --------
    >>> known()["screen technology term accession"].name
    'Screen Technology Type Term Accession'
    """
    table: dict[str, Key] = {}
    for number, row in enumerate(table_rows("mappings/study-keys.tsv"), start=2):
        spelling, name, level, meaning, *_ = row
        if level not in LEVELS or spelling.lower() in table:
            message = f"mappings/study-keys.tsv:{number}: {spelling!r} is there twice or its level is unknown"
            raise ConfigError(message)
        table[spelling.lower()] = Key(name, level, meaning)
    return table


def tidy(cell: str) -> str:
    """Return a key cell without what editors leave around it.

    Examples
    --------
    >>> tidy(' Screen  Example Images, ')
    'Screen Example Images'
    """
    return " ".join(cell.strip().strip('"').split()).rstrip(" :,").replace("Comment [", "Comment[")


def find(cell: str) -> Key | None:
    """Return the known key that a cell holds.

    Examples
    --------
    >>> find("Protocol Name:").property, find("protocol")
    ('protocols', None)
    """
    return known().get(tidy(cell).lower())


def is_new(cell: str) -> bool:
    """Say whether a cell that is no known key looks like one: short, a familiar first word, title case.

    Examples
    --------
    >>> is_new("Study Funding Agency"), is_new("Study design was randomised"), is_new("Ki67")
    (True, False, False)
    """
    text = tidy(cell)
    return len(text) <= _MAX and bool(_NEW.fullmatch(text))


def is_private(name: str) -> bool:
    """Say whether the content of a key must not be published; when in doubt it must not.

    Examples
    --------
    >>> is_private("Study Person Email"), is_private("Study Person Telephone"), is_private("Study Title")
    (True, True, False)
    """
    key = known().get(name.lower())
    return key.property == PRIVATE if key else name.lower().startswith("study person")


@cache
def _glued() -> re.Pattern[str]:
    longest_first = sorted({key.name for key in known().values()}, key=len, reverse=True)
    return re.compile(rf"\s*({'|'.join(map(re.escape, longest_first))})(?:\s*:)?(?P<gap>\s+)(?P<value>.*\S)")


def split_glued(cell: str) -> tuple[str, list[str]] | None:
    """Split a cell in which a known key and its values stand without a tab between them.

    Examples
    --------
    >>> split_glued("Protocol Description Cells were  fixed")
    ('Protocol Description', ['Cells were  fixed'])
    >>> split_glued("Term Source Name    NCBITaxon    EFO")
    ('Term Source Name', ['NCBITaxon', 'EFO'])
    """
    match = _glued().match(cell)
    if not match:
        return None
    value = match["value"]
    return match[1], re.split(r"\s{2,}", value) if len(match["gap"]) > 1 else [value]
