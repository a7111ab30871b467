"""The rows of the table ``records``."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final
from urllib.parse import unquote

from bioimg_kg.exports.curies import curie
from bioimg_kg.exports.model import joined
from bioimg_kg.exports.names import Names
from bioimg_kg.exports.study import Study, split
from bioimg_kg.vocab import (
    BIKG,
    CELL_LINE,
    COMPOUND_TREATMENT,
    CONCENTRATION,
    DOSE_AS_REPORTED,
    IN_TAXON,
    IS_PART_OF,
    LABEL,
    MAPPED_TERM,
    PREF_LABEL,
    REAGENT_OF,
    SCHEMA,
    TARGET_GENE,
    TYPE,
)

PERTURBATIONS: Final = {
    BIKG + name
    for name in ("GeneKnockdown", "GeneDeletion", "GeneKnockout", "GeneMutation", "GeneOverexpression")
}
VISIBLE: Final = {BIKG + name for name in ("ProteinTagging", "AntibodyStaining", "ProbeHybridization")}


class RecordRows:
    """Makes the rows of the table ``records``; what records share is made once.

    Parameters
    ----------
    study
        The study.
    names
        What all studies share.
    base
        Base of our own IRIs.

    Attributes
    ----------
    treatments, phenotypes
        How many records have these treatments, these phenotypes; as tokens.
    """

    def __init__(self, study: Study, names: Names, base: str) -> None:
        self._study, self._names, self._base = study, names, base
        self.treatments: Counter[str] = Counter()
        self.phenotypes: Counter[str] = Counter()
        self._plain: Callable[[str], str] = cache(lambda tokens: joined(split(tokens)))
        self._local: Callable[[str], str] = cache(
            lambda tokens: joined([iri.removeprefix(BIKG) for iri in split(tokens)])
        )
        self._made: dict[tuple[str, str], tuple[str, ...]] = {}

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, in the order of the records' IRIs."""
        study = self._study
        for record in study.records:
            (
                label,
                container,
                sample,
                treatment,
                seen,
                level,
                outcome,
                control,
                quality,
                channels,
                copies,
                rows,
            ) = record.tokens
            self.treatments[treatment] += 1
            self.phenotypes[seen] += 1
            yield [
                record.iri,
                record.kind,
                study.accession,
                study.license,
                *self._shared(self._place, container),
                self._plain(label),
                *self._shared(self._sample, sample),
                *self._shared(self._treatments, treatment),
                *self._shared(self._phenotypes, seen),
                self._local(level),
                self._local(outcome),
                self._plain(control),
                self._plain(quality),
                *self._shared(self._channels, channels),
                *self._shared(self._copies, copies),
                joined(split(rows)),
            ]

    def _shared(self, make: Callable[[str], tuple[str, ...]], tokens: str) -> tuple[str, ...]:
        """Return cells that many records have."""
        key = (make.__name__, tokens)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = make(tokens)
        return found

    def _place(self, tokens: str) -> tuple[str, ...]:
        containers = split(tokens)
        parts = {part: None for iri in containers for part in self._study.values(iri, IS_PART_OF)}
        return (
            joined([component_name(part) for part in parts]),
            joined([self._study.first(iri, LABEL) for iri in containers]),
        )

    def _sample(self, tokens: str) -> tuple[str, ...]:
        organisms: list[tuple[str, str]] = []
        lines: list[tuple[str, str]] = []
        for sample in split(tokens):
            for terms, words, found in (
                (IN_TAXON, f"{BIKG}organismName", organisms),
                (CELL_LINE, f"{BIKG}cellLineName", lines),
            ):
                found += [
                    (curie(t, self._base), self._names.label(t)) for t in self._study.values(sample, terms)
                ]
                found += [(word, word) for word in self._study.values(sample, words)]
        return (
            *(joined([pair[place] for pair in organisms]) for place in (0, 1)),
            *(joined([pair[place] for pair in lines]) for place in (0, 1)),
        )

    def _treatments(self, tokens: str) -> tuple[str, ...]:
        study, names = self._study, self._names
        kinds: dict[str, None] = {}
        genes: defaultdict[str, dict[str, None]] = defaultdict(dict)
        reagents: dict[str, None] = {}
        compounds: list[tuple[str, str, str, str]] = []
        for iri in sorted(split(tokens)):
            kind = study.first(iri, TYPE)
            kinds[kind.removeprefix(BIKG)] = None
            role = "perturbed" if kind in PERTURBATIONS else "seen" if kind in VISIBLE else "other"
            genes[role].update({names.one(gene): None for gene in study.values(iri, TARGET_GENE)})
            used = study.values(iri, REAGENT_OF)
            reagents.update({self._reagent(reagent): None for reagent in used})
            if kind == COMPOUND_TREATMENT:
                dose = study.first(iri, CONCENTRATION), study.first(iri, DOSE_AS_REPORTED)
                compounds += [(curie(r, self._base), self._reagent(r), *dose) for r in used]
        cells = [joined(list(kinds)), joined(list(reagents))]
        for role in ("perturbed", "seen"):
            cells.append(joined([curie(gene, self._base) for gene in genes[role]]))
            cells.append(joined([names.label(gene) for gene in genes[role]]))
        cells.append(joined([curie(gene, self._base) for gene in genes["other"]]))
        return (*cells, *(_aligned([c[place] for c in compounds]) for place in range(4)))

    def _reagent(self, iri: str) -> str:
        return self._study.first(iri, LABEL) or self._names.label(iri)

    def _phenotypes(self, tokens: str) -> tuple[str, ...]:
        phenotypes = split(tokens)
        terms = {t: None for iri in phenotypes for t in self._study.values(iri, MAPPED_TERM)}
        words = [self._study.first(iri, PREF_LABEL) for iri in phenotypes]
        return joined(words), joined([curie(term, self._base) for term in terms])

    def _channels(self, tokens: str) -> tuple[str, ...]:
        return (joined([self._study.first(iri, LABEL) for iri in split(tokens)]),)

    def _copies(self, tokens: str) -> tuple[str, ...]:
        return (joined([self._study.first(iri, f"{SCHEMA}contentUrl") for iri in split(tokens)]),)


def _aligned(values: Sequence[str]) -> str:
    """Return values that stand in the order of others; nothing if all are unknown."""
    return joined(values) if any(values) else ""


def component_name(iri: str) -> str:
    """Return the name of a component, which ends its IRI.

    Examples
    --------
    >>> component_name("https://w3id.org/bioimg-kg/id/study/idr9001/screenA")
    'screenA'
    """
    return unquote(iri.rpartition("/")[2])
