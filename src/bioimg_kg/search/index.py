"""Writes the index of a release: one SQLite file, the same to the byte for the same release.

Things are numbered by how many records they have, names by their thing. FTS5 yields rows in the order of
their numbers, so the first rows of any match are the best ones, and nothing has to be sorted.
"""

import gc
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from bioimg_kg.search.gather import Gathering
from bioimg_kg.search.quads import StudyFacts, read_facts, read_study
from bioimg_kg.search.things import KINDS, Thing, rolled_up

FILE: Final = "search.sqlite"
"""Name of the index in the folder of a release."""

VERSION: Final = 1
"""Of the tables; a reader refuses another one."""

_SKIPPED: Final = frozenset(("reference/orthologs", "ontology/cmpo-definitions"))
LONGEST_NOTE: Final = 500
SHORTEST_SPELT: Final = 4
"""Letters of the shortest word whose spelling is corrected."""

UNSPELT: Final = frozenset(("identifier", "author"))
"""Kinds of names whose words are no spelling to correct to."""

_WORD: Final = re.compile(r"[^\W_]+")

_SETTINGS: Final = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096;"
_TABLES: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT, type TEXT, label TEXT, note TEXT, organism INTEGER,
  records INTEGER, studies INTEGER, genes INTEGER, all_records INTEGER, all_studies INTEGER,
  all_genes INTEGER, places TEXT);
CREATE TABLE name (id INTEGER PRIMARY KEY, thing INTEGER, kind INTEGER, text TEXT, key TEXT, recorded TEXT);
CREATE TABLE below (thing INTEGER, narrower INTEGER, PRIMARY KEY (thing, narrower)) WITHOUT ROWID;
CREATE TABLE grp (id INTEGER PRIMARY KEY, study INTEGER, records INTEGER);
CREATE TABLE record (id INTEGER PRIMARY KEY, grp INTEGER, place INTEGER, name TEXT);
CREATE TABLE place (id INTEGER PRIMARY KEY, iri TEXT);
CREATE TABLE dose (grp INTEGER, thing INTEGER, value REAL);
CREATE TABLE pair (id INTEGER PRIMARY KEY, gene INTEGER, study INTEGER);
CREATE TABLE in_record (thing INTEGER, grp INTEGER, PRIMARY KEY (thing, grp)) WITHOUT ROWID;
CREATE TABLE in_gene (thing INTEGER, pair INTEGER, PRIMARY KEY (thing, pair)) WITHOUT ROWID;
CREATE TABLE in_study (thing INTEGER, study INTEGER, PRIMARY KEY (thing, study)) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT);
CREATE VIRTUAL TABLE words USING fts5(key, content='', columnsize=0, prefix='1 2 3',
  tokenize="unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE parts USING fts5(key, content='', columnsize=0, tokenize='trigram');
CREATE VIRTUAL TABLE spelling USING fts5(key, content='', columnsize=0, tokenize='trigram', detail='none');
"""
_INDEXES: Final = """
CREATE INDEX name_key ON name (key);
CREATE INDEX name_thing ON name (thing);
CREATE INDEX thing_iri ON thing (iri);
CREATE INDEX record_grp ON record (grp);
CREATE INDEX dose_value ON dose (value);
INSERT INTO words(words) VALUES('optimize');
INSERT INTO parts(parts) VALUES('optimize');
INSERT INTO spelling(spelling) VALUES('optimize');
"""

Apply = Callable[[Callable[[Path], StudyFacts], Sequence[Path]], Iterable[StudyFacts]]
Recorded = Mapping[str, Mapping[str, Iterable[str]]]
"""Accession of a study to the IRI of a thing to the words that the study has for it."""


def write_index(quads: Path, target: Path, recorded: Recorded, apply: Apply = map) -> int:
    """Write the index of a release.

    Parameters
    ----------
    quads
        Folder of the release's N-Quads files.
    target
        File to write.
    recorded
        What studies call things; the graph has these words without the study.
    apply
        Applies a function to each item and yields the results in order, as ``map`` does; a build reads
        studies in several processes.

    Returns
    -------
    int
        Number of things in it.
    """
    collecting = gc.isenabled()
    gc.disable()  # millions of objects that stay: to look through them again and again doubles the time
    try:
        found = _gather(quads, recorded, apply)
        things = found.finish()
        with closing(sqlite3.connect(target, isolation_level=None)) as connection:
            connection.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096;"
            )
            connection.executescript(_TABLES)
            connection.execute("BEGIN")
            _write(connection, found, things)
            connection.execute("COMMIT")
            connection.executescript(f"{_INDEXES} ANALYZE; VACUUM;")
        return len(things)
    finally:
        if collecting:
            gc.enable()


def _gather(quads: Path, recorded: Recorded, apply: Apply) -> Gathering:
    shared = sorted([*quads.glob("reference/*.nq.gz"), *quads.glob("ontology/*.nq.gz")])
    named = {path: path.relative_to(quads).as_posix().partition(".")[0] for path in shared}
    found = Gathering(read_facts(path for path in shared if named[path] not in _SKIPPED))
    for study in apply(read_study, sorted(quads.glob("study/*.nq.gz"))):
        found.add(study, recorded.get(study.accession, {}))
    return found


class _Row(NamedTuple):
    """A thing with its counts: records, studies and genes."""

    thing: Thing
    direct: tuple[int, int, int]
    whole: tuple[int, int, int]


def _count(found: Gathering, things: list[Thing]) -> list[_Row]:
    """Return the things in the order of their numbers."""
    sizes = [len(group.records) for group in found.groups]
    genes = [gene for gene, _ in found.pairs]
    below = rolled_up(things)

    def count(tree: Sequence[Thing]) -> tuple[int, int, int]:
        groups = {number for one in tree for number in one.groups}
        studies = {study for one in tree for study in one.studies}
        pairs = {genes[number] for one in tree for number in one.pairs}
        return sum(sizes[number] for number in groups), len(studies), len(pairs)

    rows = []
    for thing in things:
        direct = count([thing])
        tree = below.get(thing.iri)
        rows.append(_Row(thing, direct, count([thing, *tree]) if tree else direct))
    return sorted(rows, key=lambda r: ([-n for n in r.whole], r.thing.type, r.thing.label, r.thing.iri))


def _write(connection: sqlite3.Connection, found: Gathering, things: list[Thing]) -> None:
    rows = _count(found, things)
    numbers = {row.thing.iri: number for number, row in enumerate(rows, 1)}
    put = connection.executemany
    put("INSERT INTO about VALUES (?,?)", [("version", str(VERSION))])
    put(
        "INSERT INTO thing VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            (
                *(numbers[t.iri], "" if " " in t.iri else t.iri, t.type, t.label, t.note[:LONGEST_NOTE]),
                *(numbers.get(t.organism), *direct, *whole, " ".join(sorted(t.studies))),
            )
            for t, direct, whole in rows
        ),
    )
    _write_names(connection, [row.thing for row in rows])
    tree = ((numbers[iri], numbers[t.iri]) for t in things for iri in t.above if iri in numbers)
    put("INSERT INTO below VALUES (?,?)", sorted(tree))
    _write_units(connection, found, things, numbers)


def _write_names(connection: sqlite3.Connection, things: list[Thing]) -> None:
    """Write names, best thing and kind first, and the words that they are made of."""
    rows: list[tuple[int, int, int, str, str, str]] = []
    vocabulary: set[str] = set()
    for number, thing in enumerate(things, 1):
        named = ((kind, key, text, studies) for key, (kind, text, studies) in thing.names.items())
        for kind, key, text, studies in sorted(named):
            rows.append((len(rows) + 1, number, kind, text, key, " ".join(sorted(studies))))
            if KINDS[kind] not in UNSPELT and thing.type != "reagent":
                vocabulary.update(word for word in _WORD.findall(key) if len(word) >= SHORTEST_SPELT)
    put = connection.executemany
    put("INSERT INTO name VALUES (?,?,?,?,?,?)", rows)
    put("INSERT INTO words(rowid, key) VALUES (?,?)", ((row[0], row[4]) for row in rows))
    put(
        "INSERT INTO parts(rowid, key) VALUES (?,?)",
        ((row[0], row[4]) for row in rows if KINDS[row[2]] != "identifier"),
    )
    words = list(enumerate(sorted(vocabulary), 1))
    put("INSERT INTO word VALUES (?,?)", words)
    put("INSERT INTO spelling(rowid, key) VALUES (?,?)", words)


def _write_units(
    connection: sqlite3.Connection, found: Gathering, things: list[Thing], numbers: Mapping[str, int]
) -> None:
    """Write what conditions select: groups of records, gene-study pairs, and studies."""
    put = connection.executemany
    studies = {thing.label: numbers[thing.iri] for thing in things if thing.type == "study"}
    places: dict[str, int] = {}
    records: list[tuple[int, int, int, str]] = []
    for number, group in enumerate(found.groups):
        for container, end in group.records:
            records.append((len(records) + 1, number, places.setdefault(container, len(places)), end))
    groups = ((n, studies.get(g.study), len(g.records)) for n, g in enumerate(found.groups))
    put("INSERT INTO grp VALUES (?,?,?)", groups)
    put("INSERT INTO record VALUES (?,?,?,?)", records)
    put("INSERT INTO place VALUES (?,?)", ((number, iri) for iri, number in places.items()))
    doses = ((n, numbers[iri], value) for n, g in enumerate(found.groups) for iri, value in sorted(g.doses))
    put("INSERT INTO dose VALUES (?,?,?)", doses)
    pairs = ((n, numbers[gene], numbers[study]) for (gene, study), n in found.pairs.items())
    put("INSERT INTO pair VALUES (?,?,?)", pairs)
    ordered = sorted(things, key=lambda thing: numbers[thing.iri])
    for table, units in (("in_record", "groups"), ("in_gene", "pairs")):
        members = ((numbers[t.iri], unit) for t in ordered for unit in sorted(getattr(t, units)))
        put(f"INSERT INTO {table} VALUES (?,?)", members)  # noqa: S608 - the names stand above
    members = ((numbers[t.iri], unit) for t in ordered for unit in sorted(studies[s] for s in t.studies))
    put("INSERT INTO in_study VALUES (?,?)", members)
