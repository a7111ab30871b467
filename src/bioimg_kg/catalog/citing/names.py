"""Lists of authors in one text, as studies write them: ``Fuchs F, Pau G, CRUK Grand Challenge Team``."""

import re
from typing import Final

from bioimg_kg.catalog.citing.model import Name, clean

ET_AL: Final = Name(literal="et al.")

_LETTER: Final = r"[^\W\d_a-zß-öø-ÿ]"
_INITIALS: Final = rf"(?:{_LETTER}{{1,4}}|{_LETTER}(?:[.\-\u2010 ]{{1,2}}{_LETTER}){{1,5}})\.?"
_SUFFIX: Final = r"(?:Jr|Sr)\.?|II|III|IV|[23](?:nd|rd)"
_ALONE: Final = re.compile(_INITIALS)
_PERSON: Final = re.compile(
    rf"(?P<family>[^\W\d_][^\d,;]*?[^\W\d_.,;A-Z][^\d,;]*?|[^\W\d_]{{2,}})"
    rf"(?: (?P<suffix>{_SUFFIX}))? (?P<given>{_INITIALS})(?: (?P<after>{_SUFFIX}))?"
)
_AND: Final = re.compile(r" (?:and|&) ")
_LONGEST: Final = 200
"""Characters of a name; what is longer is kept whole."""


def split_names(text: str) -> tuple[Name, ...]:
    """Split a list of authors into names, and names into parts where the text tells which is which.

    A name is a family name with initials after it; anything else between two commas is kept whole. A list in
    which commas may stand inside of names (``Smith, John, Doe, Jane``) is kept whole as one name.

    Examples
    --------
    >>> [name.family for name in split_names("Fuchs F, Carazo Salas RE and van der Water B")]
    ['Fuchs', 'Carazo Salas', 'van der Water']
    >>> split_names("Nelson Jr. SD, The HPA Team")[0]
    Name(family='Nelson', given='SD', suffix='Jr.', literal='', orcid='')
    >>> split_names("Smith, John, Doe, Jane")
    (Name(family='', given='', suffix='', literal='Smith, John, Doe, Jane', orcid=''),)
    """
    whole = clean(text).strip(" ,;")
    if not whole:
        return ()
    separator = ";" if ";" in whole else ","
    items = [part for item in whole.split(separator) for part in _joined(item.strip())]
    if separator == ",":
        if _alternates(items):
            pairs = zip(items[::2], items[1::2], strict=True)
            return tuple(Name(family=family, given=given) for family, given in pairs)
        if not _separates(items):
            return (Name(literal=whole),)
    return tuple(map(_name, items))


def _joined(item: str) -> list[str]:
    """Split ``Huber W and Boutros M``, which has no comma, but not ``Institute of Art and Science``."""
    if len(item) > _LONGEST:
        return [item]
    item = re.sub("^(?:and|&) ", "", item)
    et_al = re.fullmatch(r"(.*?)\s*\bet\.? al\.?", item)
    if et_al:
        return [*(_joined(et_al[1]) if et_al[1] else []), "et al."]
    parts = _AND.split(item)
    return parts if all(map(_PERSON.fullmatch, parts)) else [item] if item else []


def _alternates(items: list[str]) -> bool:
    """Say whether family names and initials take turns: ``Smith, J., Doe, A. B.``."""
    names, initials = items[::2], items[1::2]
    return (
        len(items) % 2 == 0
        and all(map(_ALONE.fullmatch, initials))
        and max(map(len, items)) <= _LONGEST
        and not any(map(_ALONE.fullmatch, names))
        and not any(map(_PERSON.fullmatch, names))
    )


def _separates(items: list[str]) -> bool:
    """Say whether commas stand between names and never inside of them, as far as one can see."""
    if any(map(_ALONE.fullmatch, items)):
        return False
    single = sum(" " not in item for item in items)
    return single == 0 or len(items) == 1 or single * 2 < len(items)


def _name(item: str) -> Name:
    if item == ET_AL.literal:
        return ET_AL
    found = None if len(item) > _LONGEST or _AND.search(item) else _PERSON.fullmatch(item)
    if found:
        return Name(found["family"], found["given"], found["suffix"] or found["after"] or "")
    family, comma, given = item.partition(", ")
    if comma and "," not in given:  # of a list with semicolons
        return Name(family=family, given=given)
    return Name(literal=item)
