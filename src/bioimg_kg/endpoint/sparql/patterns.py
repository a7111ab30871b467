"""Triple patterns that are joined in a group, as :mod:`bioimg_kg.endpoint.sparql.reader` finds them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bioimg_kg.endpoint.sparql.tokens import Token

CONSTANTS: Final = frozenset({"iri", "prefixed"})
"""Kinds of tokens that are an IRI."""


class Unsure(Exception):  # noqa: N818 - a way out, never seen by a user
    """Something in the query is not understood."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path, between slashes: its span in the text, and whether it ends with ``*`` or ``+``."""

    start: int
    end: int
    starred: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern.

    Attributes
    ----------
    subject, object
        Its ends; the object is None where it is something longer than one token.
    steps
        Steps of its path; empty if the verb is a variable or has alternatives.
    is_type
        The verb is rdf:type.
    start, cut, alone
        Where its statement starts, the span to remove if only this pattern is to be removed, and whether it
        is the only one of its statement.
    """

    subject: Token
    object: Token | None
    steps: tuple[Step, ...]
    is_type: bool
    start: int
    cut: tuple[int, int]
    alone: bool


@dataclass(slots=True)
class Group:
    """The patterns that are joined in one WHERE group.

    Attributes
    ----------
    star
        Offset of the ``*`` of its SELECT, None if that names its columns.
    outer
        It belongs to the query itself, not to a sub-select.
    values
        The texts of its VALUES blocks of one variable, by variable.
    mixed
        It has parts other than triple patterns and filters.
    """

    star: int | None
    outer: bool
    patterns: list[Pattern] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    mixed: bool = False


def constant(token: Token | None) -> bool:
    """Tell whether a term is an IRI."""
    return token is not None and token.kind in CONSTANTS


def anchors(group: Group) -> Iterator[Pattern]:
    """Yield the patterns that name a thing other than by its type or at the far end of a path."""
    for pattern in group.patterns:
        named = pattern.object is not None and pattern.object.kind != "variable"
        starred = any(step.starred for step in pattern.steps)
        if not starred and (constant(pattern.subject) or (named and not pattern.is_type)):
            yield pattern
