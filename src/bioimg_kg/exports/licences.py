"""What a licence allows: whether the files of a study may be offered to everybody for everything."""

import re
from typing import Final

NON_COMMERCIAL: Final = "its licence excludes commercial use"
NO_DERIVATIVES: Final = "its licence excludes adapted versions"
NONE_STATED: Final = "it states no licence"
UNKNOWN: Final = "its licence is not known to allow it"

_CREATIVE_COMMONS: Final = re.compile(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/")
_OPEN: Final = {"by", "sa", "zero", "mark"}


def restriction(licence: str) -> str:
    """Return why the files of a study with this licence are not open; empty if they are.

    Open is what the Open Definition 2.1 calls so: any use by anybody, with attribution and share-alike as the
    only conditions. A licence that is not one of Creative Commons is not judged, so it is not taken as open.

    Parameters
    ----------
    licence
        IRI of the licence; empty if none is stated.

    Examples
    --------
    >>> restriction("https://creativecommons.org/licenses/by-sa/4.0/")
    ''
    >>> restriction("https://creativecommons.org/licenses/by-nc/4.0/")
    'its licence excludes commercial use'
    >>> restriction("")
    'it states no licence'

    Notes
    -----
    Source: https://opendefinition.org/od/2.1/en/ and https://creativecommons.org/share-your-work/cclicenses/
    """
    if not licence:
        return NONE_STATED
    match = _CREATIVE_COMMONS.match(licence.lower())
    parts = set(match[2].split("-")) if match else set()
    reasons = [text for part, text in (("nc", NON_COMMERCIAL), ("nd", NO_DERIVATIVES)) if part in parts]
    if reasons:
        return " and ".join([reasons[0], *(text.removeprefix("its licence ") for text in reasons[1:])])
    return "" if parts and parts <= _OPEN else UNKNOWN
