"""How far two words are apart."""

from typing import Final

SHORT: Final = 7
"""Letters up to which a word may have one slip; longer ones may have two."""


def slips(length: int) -> int:
    """Return how many slips a word of so many letters may have."""
    return 1 if length <= SHORT else 2


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be added, left out, changed or swapped, or ``most + 1`` if more.

    This is the optimal string alignment distance, see
    https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance

    Examples
    --------
    >>> distance("elongted", "elongated", 2), distance("actni", "actin", 2), distance("plate", "well", 2)
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)
