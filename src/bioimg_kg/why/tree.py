"""The answer: a tree of steps, each of which says what it is, in words and as facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "answer",
    "statement",
    "rule",
    "association",
    "evidence",
    "thing",
    "row",
    "file",
    "repair",
    "cells",
    "graph",
    "ontology",
    "reference",
    "build",
    "level",
    "near",
    "gap",
]
"""What a step is. ``row``, ``file``, ``ontology``, ``reference`` and ``build`` are where a chain ends well;
``gap`` is where it is broken."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain.

    Attributes
    ----------
    kind
        What it is.
    text
        A line for people.
    iri
        What it is about, if that has an IRI.
    facts
        Names and values for programs, and for the lines below the first.
    steps
        What it rests on.
    more
        How many further steps were left out here.
    at_least
        Whether there may be more still, beyond what was looked at.
    """

    kind: Kind
    text: str
    iri: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    steps: tuple["Step", ...] = ()
    more: int = 0
    at_least: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return the tree for JSON; what is empty is left out.

        Examples
        --------
        >>> Step("row", "row 6", facts=(("row", "6"),)).as_dict()
        {'kind': 'row', 'text': 'row 6', 'facts': [['row', '6']]}
        """
        found: dict[str, object] = {"kind": self.kind, "text": self.text}
        if self.iri:
            found["iri"] = self.iri
        if self.facts:
            found["facts"] = [list(fact) for fact in self.facts]
        if self.steps:
            found["steps"] = [step.as_dict() for step in self.steps]
        if self.more:
            found["more"] = self.more
        if self.at_least:
            found["at_least"] = True
        return found


def walk(step: Step) -> Iterator[Step]:
    """Yield a step and all below it."""
    yield step
    for below in step.steps:
        yield from walk(below)
