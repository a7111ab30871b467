"""What the graph of one study holds, from its N-Quads file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import Final, NamedTuple

from bioimg_kg.quads import Facts, subjects, value
from bioimg_kg.vocab import (
    ANNOTATED_WITH,
    ANNOTATION_LEVEL,
    BIKG,
    BIOSAMPLE_OF,
    CELL_LINE,
    CHANNEL_SET_OF,
    COMPOUND_ASSOCIATION,
    COMPOUND_TREATMENT,
    CONCENTRATION,
    CONTROL_TYPE,
    DERIVED_FROM,
    DOSE_AS_REPORTED,
    GENE_ASSOCIATION,
    IMAGE,
    IN_TAXON,
    IS_PART_OF,
    LABEL,
    MAPPED_TERM,
    OBSERVED_IN,
    OUTCOME,
    PREF_LABEL,
    QUALITY_CONTROL,
    REAGENT_OF,
    REPRESENTATION,
    SCHEMA,
    SMILES,
    TARGET_GENE,
    TREATMENT_OF,
    TYPE,
    WELL,
)

_RECORD: Final = (
    *(LABEL, IS_PART_OF, BIOSAMPLE_OF, TREATMENT_OF, ANNOTATED_WITH, ANNOTATION_LEVEL, OUTCOME, CONTROL_TYPE),
    *(QUALITY_CONTROL, CHANNEL_SET_OF, REPRESENTATION, DERIVED_FROM),
)
_PLACE: Final = {name: place for place, name in enumerate(_RECORD)}
_AND: Final = "\x1f"
"""Between tokens; no token has it, as it is escaped there."""
_KEPT: Final = {
    *(TYPE, LABEL, IS_PART_OF, IN_TAXON, CELL_LINE, BIKG + "cellLineName", BIKG + "organismName", REAGENT_OF),
    *(TARGET_GENE, CONCENTRATION, DOSE_AS_REPORTED, PREF_LABEL, MAPPED_TERM, TREATMENT_OF, OBSERVED_IN),
    *(SCHEMA + "contentUrl", SMILES),
}
_WELL: Final = f"<{WELL}>"
_RECORDS: Final = {_WELL, f"<{IMAGE}>"}
_CALLS: Final = {f"<{GENE_ASSOCIATION}>", f"<{COMPOUND_ASSOCIATION}>"}

Values = dict[str, list[str]]
"""Property to values."""


class Record(NamedTuple):
    """A well or an image: its IRI, its class, and its tokens by place."""

    iri: str
    kind: str
    tokens: tuple[str, ...]


@dataclass(slots=True)
class Study:
    """What the graph of a study holds, as far as the tables need it.

    Attributes
    ----------
    accession, license
        The study and its licence.
    records
        Its records.
    calls
        Associations and what is said of them.
    things
        Everything else that rows point to.
    """

    accession: str
    license: str
    records: list[Record] = field(default_factory=list)
    calls: dict[str, Values] = field(default_factory=dict)
    things: dict[str, Values] = field(default_factory=dict)

    def values(self, iri: str, prop: str) -> list[str]:
        """Return the values of a property, in order."""
        return self.things.get(iri, {}).get(prop, [])

    def first(self, iri: str, prop: str) -> str:
        """Return the first value, or nothing."""
        return next(iter(self.values(iri, prop)), "")


def read_study(path: Path, accession: str, license: str) -> Study:
    """Read the graph of a study."""
    study = Study(accession, license)
    for subject, facts in subjects(path):
        kind = next((token for predicate, token in facts if predicate == TYPE), "")
        if kind in _RECORDS:
            study.records.append(_record(subject, kind, facts))
        elif kind in _CALLS:
            study.calls[subject] = _values(facts)
        else:
            kept = [(predicate, token) for predicate, token in facts if predicate in _KEPT]
            if kept:
                study.things[subject] = _values(kept)
    return study


def _record(subject: str, kind: str, facts: Facts) -> Record:
    tokens = [""] * len(_RECORD)
    for predicate, token in facts:
        place = _PLACE.get(predicate)
        if place is not None:
            text = tokens[place] + _AND + token if tokens[place] else token
            tokens[place] = text if predicate == DERIVED_FROM else intern(text)
    return Record(subject, "well" if kind == _WELL else "image", tuple(tokens))


def _values(facts: Facts) -> Values:
    found: Values = {}
    for predicate, token in facts:
        found.setdefault(predicate, []).append(value(token))
    return found


def split(tokens: str) -> list[str]:
    """Return the values of tokens as a record keeps them, all in one text."""
    return [value(token) for token in tokens.split(_AND)] if tokens else []


def targets(study: Study, treatments: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the genes that treatments target, and the compounds that they use."""
    genes: set[str] = set()
    compounds: set[str] = set()
    for iri in treatments:
        genes.update(study.values(iri, TARGET_GENE))
        if study.first(iri, TYPE) == COMPOUND_TREATMENT:
            compounds.update(study.values(iri, REAGENT_OF))
    return genes, compounds
