"""Words of phenotypes in a form in which equal things look equal."""

import re
from functools import cache

from bioimg_kg.resources import table_rows

_STOP = (
    "a an and are as at be by for from has have in into is it its of on or than that the their to which with"
)
STOP = frozenset(_STOP.split(" "))
"""Words that tell phenotypes apart seldom enough to be left out."""

_WORD = re.compile(r"[^\W_]+")
_ENDINGS = (("isation", "ization"), ("ised", "ized"), ("ising", "izing"), ("ies", "y"), ("sses", "ss"))
_PLURAL = re.compile(r"(?<![sui])s$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def meanings() -> dict[str, tuple[str, ...]]:
    """Return plain words with the words that ontologies use for them, by ``mappings/phenotype-words.tsv``."""
    return {word: tuple(meaning.split()) for word, meaning in table_rows("mappings/phenotype-words.tsv")}


@cache
def stem(word: str) -> str:
    """Return a word in lower case without plural, past tense and the British ``s`` in *-ised*.

    Examples
    --------
    >>> [stem(word) for word in ("cells", "Bodies", "disorganised", "mitosis", "nucleus", "elongated")]
    ['cell', 'body', 'disorganiz', 'mitosis', 'nucleus', 'elongat']
    """
    word = word.casefold()
    for old, new in _ENDINGS:
        if word.endswith(old):
            word = word.removesuffix(old) + new
            break
    else:
        word = _PLURAL.sub("", word)
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending)
    return word


@cache
def tokens(text: str) -> frozenset[str]:
    """Return the stems of a text's words, plain words replaced by what ontologies say for them.

    Examples
    --------
    >>> sorted(tokens("Big nuclei")), sorted(tokens("increased nucleus size"))
    (['increas', 'nucleus', 'size'], ['increas', 'nucleus', 'size'])
    """
    words = [word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", text))]
    found: set[str] = set()
    for word in words:
        if word not in STOP:
            found.update(map(stem, meanings().get(word, (word,))))
    return frozenset(found)
