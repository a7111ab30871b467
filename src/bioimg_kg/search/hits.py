"""What a lookup answers: things, each with the reason why it was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

MATCHES: Final = ("exact", "prefix", "word", "substring", "spelling")
"""How a name fits, the best first."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of a thing: records (wells and images), studies, and genes."""

    records: int
    studies: int
    genes: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a thing.

    Attributes
    ----------
    text
        The name.
    kind
        One of :data:`bioimg_kg.search.things.KINDS`.
    studies
        Studies that record it.
    """

    text: str
    kind: str
    studies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found.

    Attributes
    ----------
    iri
        Its IRI; empty for what studies only name.
    type, label, note
        What it is, its name, and a line about it.
    organism
        Name of the organism, of genes.
    match
        One of :data:`MATCHES`.
    name
        The name that fits.
    recorded
        Other names under which studies have it.
    direct, whole
        Counts without and with narrower terms.
    studies
        Accessions of the studies that have the thing itself.
    """

    iri: str
    type: str
    label: str
    note: str
    organism: str
    match: str
    name: Name
    recorded: tuple[Name, ...]
    direct: Counts
    whole: Counts
    studies: tuple[str, ...]

    @property
    def why(self) -> str:
        """Say in words why it was found."""
        kind = self.name.kind
        how = f"{kind}" if self.name.text == self.label else f"{kind} {self.name.text!r}"
        if self.name.studies and self.name.text != self.label:
            how = f"recorded as {self.name.text} in {_listed(self.name.studies)}"
        if self.match == "spelling":
            how += " (spelt differently)"
        others = [n for n in self.recorded if n.text != self.name.text]
        also = [f"recorded as {n.text} in {_listed(n.studies)}" for n in others]
        return "; ".join([how, *also])


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a lookup.

    Attributes
    ----------
    hits
        The hits that were asked for, the best first.
    total
        How many there are.
    more
        There are more than were counted.
    types
        How many there are of each type.
    spelling
        What was looked for instead, if nothing was found as it was spelt.
    """

    hits: Sequence[Hit]
    total: int
    more: bool = False
    types: dict[str, int] = field(default_factory=dict)
    spelling: str = ""


def _listed(studies: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(studies[:most])
    return shown + (f" and {len(studies) - most} more studies" if len(studies) > most else "")
