"""All ways in which names fit a text: exactly, at their beginning, by words, in parts, or nearly."""

import sqlite3
from typing import Final

from bioimg_kg.search.hits import MATCHES, Counts, Hit, Name
from bioimg_kg.search.spelling import distance, slips
from bioimg_kg.search.things import KINDS, TYPES, fold

MOST_WORDS: Final = 12

FEW: Final = 3
"""With fewer hits than this, spellings are tried."""

SHORTEST_PART: Final = 3
"""Letters of the shortest part of a word that is looked for, as FTS5's trigrams have it."""

SPELT: Final = range(4, 41)
"""Lengths of words whose spelling is corrected."""

_JOINED: Final = "t.id, t.type, t.records FROM name n JOIN thing t ON t.id = n.thing"


class Lookup:
    """One lookup."""

    def __init__(self, connection: sqlite3.Connection, kind: str, organism: int, most: int) -> None:
        self._connection = connection
        self._most = most
        self._where = "".join([" AND t.type = ?" if kind else "", " AND t.organism = ?" if organism else ""])
        self._values = [value for value in (kind, organism) if value]
        self._found: dict[int, tuple[int, int]] = {}
        self._types: dict[int, str] = {}
        self._direct: dict[int, int] = {}
        self.spelling = ""

    @property
    def full(self) -> bool:
        """Say whether there may be more."""
        return len(self._found) >= self._most

    def look(self, text: str) -> None:
        """Look for a text in all ways, as far as they are needed."""
        key = fold(text)
        if not key:
            return
        self._take(0, "SELECT 0, t.id, t.type, t.records FROM thing t WHERE t.iri = ?", text)
        self._take(0, f"SELECT n.id, {_JOINED} WHERE n.key = ?", key)
        words = [word for word in key.split() if any(map(str.isalnum, word))][:MOST_WORDS]
        if words:
            self._match(1, "words", f"^ {quoted(' '.join(words))} *")
            self._match(2, "words", " AND ".join(f"{quoted(word)} *" for word in words))
        if len(key) >= 3:
            self._match(3, "parts", quoted(key))
        if len(self._found) < FEW and words:
            self._respell(words)

    def _respell(self, words: list[str]) -> None:
        """Look for the known words that are nearest to those that are given."""
        better = [self._nearest(word) for word in words]
        if all(better) and better != words:
            self.spelling = " ".join(better)
            self._match(4, "words", " AND ".join(f"{quoted(word)} *" for word in better))

    def _nearest(self, word: str) -> str:
        known = f"{quoted(word)} *"
        if self._connection.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (known,)).fetchone():
            return word
        parts = {word[n : n + 3] for n in range(len(word) - 2)}
        if len(word) < 4 or len(word) > 40:
            return ""
        most = slips(len(word))
        rows = self._connection.execute(
            "SELECT w.text FROM spelling JOIN word w ON w.id = spelling.rowid WHERE spelling MATCH ?"
            " AND length(w.text) BETWEEN ? AND ? LIMIT 20000",
            (" OR ".join(map(quoted, sorted(parts))), len(word) - most, len(word) + most),
        )
        shared = [(len(parts & {w[n : n + 3] for n in range(len(w) - 2)}), w) for (w,) in rows]
        candidates = [w for _, w in sorted(shared, key=lambda pair: (-pair[0], pair[1]))[:200]]
        near = [(distance(word, w, most), w) for w in candidates]
        return min((pair for pair in near if pair[0] <= most), default=(0, ""))[1]

    def _match(self, rank: int, table: str, expression: str) -> None:
        self._take(
            rank,
            f"SELECT n.id, {_JOINED} JOIN {table} ON n.id = {table}.rowid WHERE {table} MATCH ?",
            expression,
        )

    def _take(self, rank: int, query: str, value: str) -> None:
        if self.full:
            return
        rows = self._connection.execute(f"{query}{self._where}", (value, *self._values))
        for name, thing, kind, direct in rows:
            if thing not in self._found:
                self._found[thing] = rank, name
                self._types[thing] = kind
                self._direct[thing] = direct
                if len(self._found) >= self._most:
                    break

    def ranked(self, *, narrower: bool) -> list[int]:
        """Return the things that were found, the best first."""
        if narrower:
            return sorted(self._found, key=lambda thing: (self._found[thing][0], thing))
        return sorted(self._found, key=lambda t: (self._found[t][0], -self._direct[t], t))

    def types(self) -> dict[str, int]:
        """Return how many were found of each type."""
        kinds = list(self._types.values())
        return {kind: kinds.count(kind) for kind in TYPES if kind in kinds}

    def hit(self, thing: int) -> Hit:
        """Return a thing that was found."""
        rank, name = self._found[thing]
        row = self._connection.execute(
            "SELECT t.iri, t.type, t.label, t.note, o.label, t.records, t.studies, t.genes, t.all_records,"
            " t.all_studies, t.all_genes, t.places FROM thing t LEFT JOIN thing o ON o.id = t.organism"
            " WHERE t.id = ?",
            (thing,),
        ).fetchone()
        iri, kind, label, note, organism, *numbers, places = row
        names = self._connection.execute(
            "SELECT id, text, kind, recorded FROM name WHERE thing = ? AND (id = ? OR recorded <> '')"
            " ORDER BY id LIMIT 20",
            (thing, name),
        )
        named = {n: Name(text, KINDS[k], tuple(recorded.split())) for n, text, k, recorded in names}
        matched = named.pop(name, Name(iri, "identifier"))
        others = tuple(n for n in named.values() if n.text != label)[:5]
        return Hit(
            *(iri, kind, label, note, organism or "", MATCHES[rank], matched, others),
            *(Counts(*numbers[:3]), Counts(*numbers[3:]), tuple(places.split())),
        )


def quoted(text: str) -> str:
    """Return a string of FTS5, in which nothing has a meaning.

    Examples
    --------
    >>> quoted('a "b" OR *')
    '"a ""b"" OR *"'
    """
    return '"{}"'.format(text.replace('"', '""'))
