"""Counts what is in a graph while it is written: the use of each property, the things of each class.

The numbers become the statistics of the graph in VoID, which planners of federated queries read.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bioimg_kg.vocab import TYPE

_TYPE = f"<{TYPE}>"


@dataclass(frozen=True, slots=True)
class PropertyCount:
    """How often a property is used, and by how many different subjects and objects."""

    triples: int
    subjects: int
    objects: int


@dataclass(frozen=True, slots=True)
class GraphCounts:
    """What is in one graph.

    Attributes
    ----------
    quads
        Number of quads.
    subjects
        Number of different subjects.
    properties
        Use of each property, by its IRI.
    classes
        Number of things of each class, by its IRI.
    """

    quads: int = 0
    subjects: int = 0
    properties: Mapping[str, PropertyCount] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)


class Tally:
    """Counts lines in the order of a sorted file, in about half a microsecond each.

    Subjects are counted where they change. Objects are counted by their 64-bit hashes, which take eight bytes
    per line; two of a million objects are taken for one with a probability of 3 in 10^8.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add(['<s> <p> "a"', '<s> <p> "b"', '<t> <p> "b"'])
    >>> tally.counts().properties
    {'p': PropertyCount(triples=3, subjects=2, objects=2)}
    """

    def __init__(self) -> None:
        self.quads = 0
        self._subjects = 0
        self._last = ("", "")
        self._used: Counter[str] = Counter()
        self._objects: dict[str, array[int]] = {}
        self._classes: Counter[str] = Counter()

    def add(self, lines: Iterable[str]) -> None:
        """Count lines of ``subject predicate object`` in tokens, sorted, and after those before."""
        subject, predicate = self._last
        objects = self._objects.get(predicate, array("q"))
        for line in lines:
            self.quads += 1
            here, verb, value = line.split(" ", 2)
            if here != subject or verb != predicate:
                if here != subject:
                    self._subjects += 1
                    subject = here
                if verb != predicate:
                    objects = self._objects.setdefault(verb, array("q"))
                    predicate = verb
                self._used[verb] += 1
            objects.append(hash(value))
            if verb == _TYPE:
                self._classes[value] += 1
        self._last = subject, predicate

    def counts(self) -> GraphCounts:
        """Return what has been counted, classes and properties in order."""
        return GraphCounts(
            self.quads,
            self._subjects,
            {
                verb[1:-1]: PropertyCount(len(hashes), self._used[verb], len(set(hashes)))
                for verb, hashes in sorted(self._objects.items())
            },
            {name[1:-1]: n for name, n in sorted(self._classes.items()) if name.startswith("<")},
        )
