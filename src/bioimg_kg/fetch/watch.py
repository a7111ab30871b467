"""Who is told how far a fetch is, and what became of an input."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input.

    Attributes
    ----------
    text
        For people.
    fetched
        Something came over the network.
    missing
        Parts of it that could not be fetched, with the reason.
    """

    text: str
    fetched: bool = True
    missing: list[str] = field(default_factory=list)


class Watch:
    """Is told what happens; this one keeps it to itself."""

    def begin(self, name: str) -> None:
        """Take note that work on an input has begun."""

    def size(self, done: int, total: int | None) -> None:
        """Take note of the bytes at hand and in all; None if nobody knows."""

    def moved(self, count: int) -> None:
        """Take note that so many bytes have arrived."""

    def done(self, name: str, result: str) -> None:
        """Take note of what became of an input."""
