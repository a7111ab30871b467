"""From what somebody types to things: exact names, beginnings, words, parts of words, slips of spelling.

What is looked for is only ever a parameter; FTS5 gets it as one quoted string per word, in which nothing has
a meaning. A lookup that takes too long is interrupted.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from bioimg_kg.errors import ConfigError, QueryError, QueryTimeout
from bioimg_kg.search.hits import Found
from bioimg_kg.search.index import VERSION
from bioimg_kg.search.matching import Lookup
from bioimg_kg.search.things import TYPES, fold, readable

LONGEST: Final = 200
"""Characters of what is looked for."""

MOST_HITS: Final = 1000
"""So many things are found; more would not be read."""

MOST_MEANT: Final = 50
"""So many things of one name are meant by it."""

_STEPS: Final = 10_000
"""Instructions of SQLite's virtual machine between two looks at the clock."""


class Search:
    """The index of a release.

    Parameters
    ----------
    path
        The file ``search.sqlite``. It is never written to; each thread has a connection of its own.
    seconds
        How long a lookup may take.

    Raises
    ------
    ConfigError
        There is no index, or one of another version of this program.
    """

    def __init__(self, path: Path, seconds: float = 2.0) -> None:
        self._path = path
        self._seconds = seconds
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._check()

    def _check(self) -> None:
        message = f"no search index in {self._path.parent}: build the release anew with `bioimg-kg build`"
        if not self._path.is_file():
            raise ConfigError(message)
        try:
            (found,) = self.connection().execute("SELECT value FROM about WHERE name = 'version'").fetchone()
        except (sqlite3.Error, TypeError) as error:
            raise ConfigError(message) from error
        if found != str(VERSION):
            raise ConfigError(message)

    def connection(self) -> sqlite3.Connection:
        """Return the connection of this thread."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            address = f"file:{quote(str(self._path.resolve()))}?mode=ro&immutable=1"
            known = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
            self._local.connection = known
            with self._lock:
                self._open.append(known)
        return known

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()

    @contextmanager
    def timed(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose work ends when its time is over.

        Raises
        ------
        QueryTimeout
            It was interrupted.
        """
        connection = self.connection()
        end = time.monotonic() + self._seconds
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield connection
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            message = f"the search took more than {self._seconds:g} s: ask for something more specific"
            raise QueryTimeout(message) from error
        finally:
            connection.set_progress_handler(None, 0)

    def find(
        self,
        text: str,
        *,
        type: str = "",
        organism: str = "",
        narrower: bool = True,
        limit: int = 20,
        offset: int = 0,
        most: int = MOST_HITS,
    ) -> Found:
        """Find things by name.

        Parameters
        ----------
        text
            A name, the beginning of one, words or an identifier.
        type
            Only things of this type, see :data:`bioimg_kg.search.things.TYPES`.
        organism
            Only genes of this organism: a name, a number or an IRI.
        narrower
            Things with many records below them come first; otherwise those with many of their own.
        limit, offset
            Which hits.
        most
            How many to look for.

        Raises
        ------
        QueryError
            The text is too long, or the type or organism unknown.
        QueryTimeout
            It took too long.
        """
        if len(text) > LONGEST:
            message = f"the search text has {len(text):,} characters; at most {LONGEST} are looked for"
            raise QueryError(message)
        if type and type not in TYPES:
            message = f"{type!r} is no type: use {', '.join(TYPES)}"
            raise QueryError(message)
        text = readable(text).strip()
        with self.timed() as connection:
            taxon = self.resolve(connection, organism, ("organism",))[0] if organism else 0
            run = Lookup(connection, type, taxon, min(most, MOST_HITS))
            run.look(text)
            found = run.ranked(narrower=narrower)
            hits = [run.hit(thing) for thing in found[offset : offset + limit]]
        return Found(hits, len(found), run.full, run.types(), run.spelling)

    def resolve(self, connection: sqlite3.Connection, text: str, types: Sequence[str]) -> list[int]:
        """Return the numbers of the things that a name or identifier means; a name may mean several.

        Raises
        ------
        QueryError
            There is none.
        """
        marks = ",".join("?" * len(types))
        text = readable(text)
        rows = connection.execute(
            f"SELECT n.kind, t.id FROM name n JOIN thing t ON t.id = n.thing WHERE n.key = ?"  # noqa: S608
            f" AND t.type IN ({marks}) UNION SELECT 0, id FROM thing WHERE iri = ? AND type IN ({marks})"
            " ORDER BY 1, 2 LIMIT ?",
            (fold(text[:LONGEST]), *types, text, *types, MOST_MEANT),
        ).fetchall()
        if rows:
            return [thing for kind, thing in rows if kind == rows[0][0]]
        near = self._near(connection, text, types)
        message = f"no {' or '.join(types)} is called {text[:LONGEST]!r}" + (
            f"; there is {near}" if near else ""
        )
        raise QueryError(message)

    def _near(self, connection: sqlite3.Connection, text: str, types: Sequence[str]) -> str:
        labels: list[str] = []
        for kind in types:
            run = Lookup(connection, kind, 0, 3)
            run.look(text[:LONGEST])
            labels += [run.hit(number).label for number in run.ranked(narrower=True)[:3]]
        return ", ".join(labels)
