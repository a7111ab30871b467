"""Compares two releases.

A *thing* is a subject. It is **new** in a class if the later release says that it is of the class and the
earlier one does not, **gone** if it is the other way round, and **changed** if both say so and the
statements about it are not the same. A statement is a triple with its graph. A thing without a class counts
in the class of no name.

The graph ``meta`` is what a build says of itself (its day, counts, checksums of files). It is compared like
the others, but its things are not counted, and it does not make two releases different.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from pyoxigraph import NamedNode, Quad, Store

from bioimg_kg.checksums import checksum
from bioimg_kg.diff.lines import subjects
from bioimg_kg.errors import ConfigError, SourceError
from bioimg_kg.release import Release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import TYPE

META: Final = "meta"
"""Name of the graph that a build writes about itself."""

_SUFFIX: Final = ".nq.gz"
_TYPE: Final = NamedNode(TYPE)

State = Literal["same", "new", "gone", "changed"]


@dataclass(slots=True)
class Things:
    """How many things are new, gone, and changed."""

    new: int = 0
    gone: int = 0
    changed: int = 0

    def count(self, *, before: bool, after: bool) -> None:
        """Count a thing about which the statements are not the same."""
        if before and after:
            self.changed += 1
        elif after:
            self.new += 1
        else:
            self.gone += 1

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


@dataclass(frozen=True, slots=True)
class Graph:
    """What differs in a graph.

    Attributes
    ----------
    name
        ``study/idr0012``.
    state
        ``same``, ``new``, ``gone`` or ``changed``.
    before, after
        Its statements in either release; None if the release does not say and the file was not read.
    added, removed
        Statements that only the later, only the earlier release has.
    things
        Its subjects by what became of them in this graph.
    """

    name: str
    state: State
    before: int | None = None
    after: int | None = None
    added: int = 0
    removed: int = 0
    things: Things = field(default_factory=Things)


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing about which the statements are not the same.

    Attributes
    ----------
    iri
        Its IRI.
    state
        What became of it: ``new``, ``gone`` or ``changed``.
    classes
        Its classes in either release.
    added, removed
        Statements about it.
    """

    iri: str
    state: State
    classes: tuple[str, ...]
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two releases.

    Attributes
    ----------
    old, new
        The releases.
    graphs
        All graphs, by name.
    classes
        Things by class, for the classes with a difference; the empty name for things without a class.
    things
        All of them, each counted once.
    """

    old: Release
    new: Release
    graphs: tuple[Graph, ...]
    classes: dict[str, Things]
    things: Things

    @property
    def added(self) -> int:
        """Statements that only the later release has."""
        return sum(graph.added for graph in self.graphs if graph.name != META)

    @property
    def removed(self) -> int:
        """Statements that only the earlier release has."""
        return sum(graph.removed for graph in self.graphs if graph.name != META)

    @property
    def equal(self) -> bool:
        """Both say the same."""
        return all(graph.state == "same" for graph in self.graphs if graph.name != META)


def compare(
    old: Release,
    new: Release,
    each: Callable[[Thing], object] | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> Difference:
    """Compare two releases.

    Parameters
    ----------
    old, new
        The releases.
    each
        Called with each thing that is not the same, in the order of their IRIs.
    progress
        Called with a line of text for each graph.

    Raises
    ------
    SourceError
        A file of a release cannot be read.
    ConfigError
        A store cannot be opened, or a release has no N-Quads files.
    """
    sides = _files(old), _files(new)
    with closing(sqlite3.connect("")) as found:  # a file without a name, gone when it is closed
        found.execute("PRAGMA journal_mode = OFF")
        found.execute("CREATE TABLE found (iri TEXT, added INT, removed INT)")
        graphs = []
        for name in sorted({*sides[0], *sides[1]}):
            graphs.append(_graph(name, old, new, (sides[0].get(name), sides[1].get(name)), found))
            progress(f"{name}: {graphs[-1].state}")
        classes: dict[str, Things] = {}
        total = Things()
        if any(graph.state != "same" for graph in graphs if graph.name != META):
            stores = _store(old), _store(new)
            rows = found.execute("SELECT iri, SUM(added), SUM(removed) FROM found GROUP BY iri ORDER BY iri")
            for iri, added, removed in rows:
                before, after = (_classes(store, iri) for store in stores)
                total.count(before=bool(before), after=bool(after))
                for name in before | after:
                    classes.setdefault(name, Things()).count(before=name in before, after=name in after)
                if each is not None:
                    state: State = "changed" if before and after else "new" if after else "gone"
                    each(Thing(iri, state, tuple(sorted((before | after) - {""})), added, removed))
    return Difference(old, new, tuple(graphs), dict(sorted(classes.items())), total)


def _files(release: Release) -> dict[str, Path]:
    files = {
        path.relative_to(release.quads).as_posix().removesuffix(_SUFFIX): path
        for path in sorted(release.quads.rglob(f"*{_SUFFIX}"))
    }
    if not files:
        message = f"release {release.name!r} has no N-Quads files in {release.quads}: nothing to compare"
        raise ConfigError(message)
    return files


def _graph(
    name: str, old: Release, new: Release, files: tuple[Path | None, Path | None], found: sqlite3.Connection
) -> Graph:
    """Compare a graph; the subjects that are not the same are written to a table."""
    before, after = files
    if before and after and _same_bytes(before, after):
        return Graph(name, "same", _stated(old, name), _stated(new, name))
    state: State = "gone" if after is None else "new" if before is None else "changed"
    made = Graph(name, state)
    things = made.things
    counts = [0, 0, 0, 0]

    def rows() -> Iterator[tuple[str, int, int]]:
        for subject in subjects(before, after):
            numbers = (subject.before, subject.after, subject.added, subject.removed)
            for place, number in enumerate(numbers):
                counts[place] += number
            if subject.added or subject.removed:
                things.count(before=subject.before > 0, after=subject.after > 0)
                if name != META:
                    yield subject.iri, subject.added, subject.removed

    found.executemany("INSERT INTO found VALUES (?, ?, ?)", rows())
    if state == "changed" and not things:
        state = "same"
    before_, after_, added, removed = counts
    return replace(made, state=state, before=before_, after=after_, added=added, removed=removed)


def _same_bytes(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and checksum(one) == checksum(other)


def _stated(release: Release, graph: str) -> int | None:
    graphs = release.manifest.get("graphs")
    number = graphs.get(graph) if isinstance(graphs, dict) else None
    return number if isinstance(number, int) else None


def _store(release: Release) -> Store:
    try:
        return open_readonly(release.store)
    except (OSError, RuntimeError) as error:  # pyoxigraph calls damage a RuntimeError
        message = f"the store of release {release.name!r} cannot be opened: {error}"
        raise SourceError(message) from error


def _classes(store: Store, iri: str) -> set[str]:
    """Return the classes of a thing: the empty name if it has none, nothing if it is not there."""
    me = NamedNode(iri)
    kinds = (quad.object for quad in store.quads_for_pattern(me, _TYPE, None) if _told(quad))
    found = {kind.value for kind in kinds if isinstance(kind, NamedNode)}
    if found:
        return found
    return {""} if any(_told(quad) for quad in store.quads_for_pattern(me, None, None)) else set()


def _told(quad: Quad) -> bool:
    """Say whether a statement is not one of a build about itself."""
    return not (isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.endswith("graph/" + META))
