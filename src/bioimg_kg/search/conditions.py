"""Conditions that records, genes or studies fulfil: ``phenotype:"round cell" AND NOT study:idr0012``.

The text is read into a tree, the tree becomes SQL whose only variable parts are numbers of things and doses,
given as parameters. A condition stands for a set, and ``AND``, ``OR`` and ``NOT`` combine sets:

- of records (wells and images);
- of genes, each in one study: conditions that are joined must hold in the same study;
- of studies.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from bioimg_kg.errors import QueryError
from bioimg_kg.search.lookup import Search

SELECTABLE: Final = ("records", "genes", "studies")
FIELDS: Final = {
    "phenotype": ("phenotype", "study-phenotype"),
    "gene": ("gene",),
    "compound": ("compound",),
    "reagent": ("reagent",),
    "organism": ("organism",),
    "cell-line": ("cell-line",),
    "study": ("study",),
    "method": ("method",),
    "licence": ("licence",),
    "term": ("term",),
}
"""Fields, and the types of things that they may name."""

UNITS: Final = {"pM": 1e-6, "nM": 1e-3, "uM": 1.0, "µM": 1.0, "μM": 1.0, "mM": 1e3, "M": 1e6}
"""Units of doses, in micromolar."""

LONGEST: Final = 2000
MOST_CONDITIONS: Final = 20
DEEPEST: Final = 10

_TOKEN: Final = re.compile(
    r'\s*(?:(?P<bracket>[()])|(?P<field>[A-Za-z-]{1,20}):(?:"(?P<quoted>[^"]{1,200})"|(?P<plain>[^\s()"]{1,200}))'
    r"|(?P<word>AND|OR|NOT)\b)"
)
_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_UNIT: Final = "[pnuµμm]?M"
_RANGE: Final = re.compile(
    rf"(?:(?P<low>{_NUMBER})\s?(?P<own>{_UNIT})?)?(?P<dots>\.\.)?(?P<high>{_NUMBER})?\s?(?P<unit>{_UNIT})?"
)

_SPACES: Final = {
    "records": ("SELECT grp FROM in_record WHERE thing", "SELECT id FROM grp"),
    "genes": ("SELECT pair FROM in_gene WHERE thing", "SELECT id FROM pair"),
    "studies": ("SELECT study FROM in_study WHERE thing", "SELECT id FROM thing WHERE type = 'study'"),
}
"""What has a thing, and everything."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that fulfils conditions; ``study`` is the accession of a record's study."""

    iri: str
    label: str
    study: str = ""


@dataclass(frozen=True, slots=True)
class Selected:
    """What fulfils conditions: some items, how many there are, and how many in each study."""

    items: list[Item]
    total: int
    studies: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Set:
    """A set as SQL, with its parameters."""

    sql: str
    values: tuple[float | int | str, ...] = ()


def select(
    search: Search, what: str, where: str, *, narrower: bool = True, limit: int = 100, offset: int = 0
) -> Selected:
    """Return what fulfils conditions.

    Parameters
    ----------
    search
        The index.
    what
        One of :data:`SELECTABLE`.
    where
        The conditions.
    narrower
        A term stands for all that is narrower, too.
    limit, offset
        Which items.

    Raises
    ------
    QueryError
        The conditions cannot be read, or name what is not there.
    QueryTimeout
        It took too long.
    """
    if what not in SELECTABLE:
        message = f"{what!r} cannot be selected: use {', '.join(SELECTABLE)}"
        raise QueryError(message)
    if len(where) > LONGEST:
        message = f"the conditions have {len(where):,} characters; at most {LONGEST:,} are read"
        raise QueryError(message)
    with search.timed() as connection:
        wanted = _Reader(search, what, narrower=narrower).read(where)
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS found (id INTEGER PRIMARY KEY)")
        connection.execute("DELETE FROM found")
        connection.execute(f"INSERT OR IGNORE INTO found {wanted.sql}", wanted.values)
        rows = connection.execute(_ITEMS[what], (limit, offset))
        items = [Item(iri, unquote(label), study) for iri, label, study in rows]
        counts = connection.execute(_STUDIES[what]).fetchall()
        total = sum(number for _, number in counts)
        if what == "genes":
            query = "SELECT COUNT(DISTINCT gene) FROM pair WHERE id IN (SELECT id FROM found)"
            (total,) = connection.execute(query).fetchone()
    return Selected(items, total, dict(counts))


_ITEMS: Final = {
    "records": "SELECT p.iri || r.name, substr(r.name, 2), t.label FROM record r"
    " JOIN place p ON p.id = r.place JOIN grp g ON g.id = r.grp JOIN thing t ON t.id = g.study"
    " WHERE r.grp IN (SELECT id FROM found) ORDER BY r.id LIMIT ? OFFSET ?",
    "genes": "SELECT t.iri, t.label, '' FROM thing t WHERE t.id IN"
    " (SELECT gene FROM pair WHERE id IN (SELECT id FROM found)) ORDER BY t.id LIMIT ? OFFSET ?",
    "studies": "SELECT t.iri, t.label, t.label FROM thing t WHERE t.id IN (SELECT id FROM found)"
    " ORDER BY t.label LIMIT ? OFFSET ?",
}
_STUDIES: Final = {
    "records": "SELECT t.label, SUM(g.records) FROM grp g JOIN thing t ON t.id = g.study"
    " WHERE g.id IN (SELECT id FROM found) GROUP BY t.label ORDER BY t.label",
    "genes": "SELECT t.label, COUNT(DISTINCT p.gene) FROM pair p JOIN thing t ON t.id = p.study"
    " WHERE p.id IN (SELECT id FROM found) GROUP BY t.label ORDER BY t.label",
    "studies": "SELECT t.label, 1 FROM thing t WHERE t.id IN (SELECT id FROM found) ORDER BY t.label",
}


class _Reader:
    """Reads conditions: ``OR`` joins what ``AND`` joins, ``NOT`` stands before a condition or a bracket."""

    def __init__(self, search: Search, what: str, *, narrower: bool) -> None:
        self._search = search
        self._what = what
        self._narrower = narrower
        self._member, self._all = _SPACES[what]
        self._tokens: list[re.Match[str]] = []

    def read(self, text: str) -> _Set:
        """Return the set that conditions stand for."""
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                message = (
                    f"cannot read the conditions from {text[place:].strip()[:40]!r}: write field:value or "
                    'field:"some words", joined by AND, OR and NOT, with brackets'
                )
                raise QueryError(message)
            self._tokens.append(found)
            place = found.end()
        if sum(bool(token["field"]) for token in self._tokens) > MOST_CONDITIONS:
            message = f"more than {MOST_CONDITIONS} conditions"
            raise QueryError(message)
        answer = self._any(0)
        if self._tokens:
            self._fail()
        return answer

    def _fail(self) -> None:
        rest = self._tokens[0].group().strip() if self._tokens else "the end"
        message = f"did not expect {rest!r}: join conditions by AND, OR and NOT, and close brackets"
        raise QueryError(message)

    def _next(self, text: str) -> bool:
        if self._tokens and self._tokens[0].group().strip() == text:
            self._tokens.pop(0)
            return True
        return False

    def _any(self, depth: int) -> _Set:
        found = self._both(depth)
        while self._next("OR"):
            found = _joined(found, "UNION", self._both(depth))
        return found

    def _both(self, depth: int) -> _Set:
        found = self._one(depth)
        while self._next("AND"):
            found = _joined(found, "INTERSECT", self._one(depth))
        return found

    def _one(self, depth: int) -> _Set:
        if depth > DEEPEST:
            message = f"more than {DEEPEST} brackets or NOTs in one another"
            raise QueryError(message)
        if self._next("NOT"):
            return _joined(_Set(self._all), "EXCEPT", self._one(depth + 1))
        if self._next("("):
            found = self._any(depth + 1)
            if not self._next(")"):
                self._fail()
            return found
        if not self._tokens or not self._tokens[0]["field"]:
            self._fail()
        token = self._tokens.pop(0)
        return self._leaf(token["field"].lower(), token["quoted"] or token["plain"])

    def _leaf(self, field: str, value: str) -> _Set:
        if field == "dose":
            return self._dose(value)
        types = FIELDS.get(field)
        if types is None:
            message = f"{field!r} is no field: use {', '.join((*FIELDS, 'dose'))}"
            raise QueryError(message)
        things = self._search.resolve(self._search.connection(), value, types)
        meant = f"({','.join('?' * len(things))})"
        if self._narrower:
            below = f"SELECT narrower FROM below WHERE thing IN {meant}"  # noqa: S608 - question marks
            both = f"{self._member} IN {meant} UNION {self._member} IN ({below})"
            return _Set(both, (*things, *things))
        return _Set(f"{self._member} IN {meant}", tuple(things))

    def _dose(self, value: str) -> _Set:
        found = _RANGE.fullmatch(value)
        unit = found and (found["unit"] or (found["own"] if not found["high"] else None))
        if found is None or not unit or not (found["low"] or found["high"]):
            message = f"{value!r} is no dose: write 5uM, 1..10uM, ..10nM or 1mM.., in {', '.join(UNITS)}"
            raise QueryError(message)
        if found["low"] and found["high"] and not found["dots"]:
            message = f"{value!r} is no dose: write two dots between the ends of a range"
            raise QueryError(message)
        if self._what == "genes":
            message = "genes have no dose: select records or studies"
            raise QueryError(message)
        low = float(found["low"]) * UNITS[found["own"] or unit] if found["low"] else 0.0
        high = float(found["high"]) * UNITS[unit] if found["high"] else 1e300 if found["dots"] else low
        within = (low * (1 - 1e-9), high * (1 + 1e-9))  # what is written in other units
        if self._what == "records":
            return _Set("SELECT grp FROM dose WHERE value BETWEEN ? AND ?", within)
        studies = "SELECT g.study FROM dose d JOIN grp g ON g.id = d.grp WHERE d.value BETWEEN ? AND ?"
        return _Set(studies, within)


def _joined(one: _Set, how: str, other: _Set) -> _Set:
    sql = f"SELECT * FROM ({one.sql}) {how} SELECT * FROM ({other.sql})"  # noqa: S608 - parts of ours
    return _Set(sql, (*one.values, *other.values))
