"""Quads of treatments and reagents: each distinct one of a study once."""

from collections.abc import Iterable

from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.nquads import GraphFile, iri, literal
from bioimg_kg.etl.rows import Reagent, Treatment
from bioimg_kg.identifiers.iris import Minter, digest
from bioimg_kg.vocab import (
    CONCENTRATION,
    DOSE_AS_REPORTED,
    FACTOR,
    FACTOR_VALUE,
    LABEL,
    REAGENT_OF,
    SCHEMA,
    SMALL_MOLECULE,
    TARGET_AMBIGUOUS,
    TARGET_GENE,
    TARGET_NAME,
    TREATMENT,
    TYPE,
)

_HAS_PART = SCHEMA + "hasPart"


class TreatmentWriter:
    """Writes treatments on first sight and remembers their IRIs.

    Parameters
    ----------
    study
        IRI of the study that they belong to.
    out
        Its graph.
    shared
        Takes what is said of reagents that a registry knows.
    minter
        Makes our own IRIs.
    """

    def __init__(self, study: str, out: GraphFile, shared: Shared, minter: Minter) -> None:
        self._study, self._out, self._shared, self._minter = study, out, shared, minter
        self._known: dict[Treatment, str] = {}
        self._reagents: set[Reagent] = set()

    def tokens(self, treatments: Iterable[Treatment]) -> list[str]:
        """Return a token for each treatment."""
        return [f"<{self.iri(t)}>" for t in treatments]

    def iri(self, treatment: Treatment) -> str:
        """Return the IRI of a treatment; the first time it is written."""
        if treatment not in self._known:
            self._known[treatment] = self._write(treatment)
        return self._known[treatment]

    def reagent_iri(self, reagent: Reagent) -> str:
        """Return the IRI of a reagent: of a registry if it is in one, else of the study."""
        return reagent.iri or self._minter.within(self._study, "reagent", reagent.key)

    def _write(self, treatment: Treatment) -> str:
        out = self._out
        reagents = [self._reagent(r) for r in treatment.reagents]
        parts = {self._minter.within(self._study, "reagent", k) for r in treatment.reagents for k in r.parts}
        me = self._minter.within(self._study, "treatment", digest(_facts(treatment, reagents)))
        out.link(me, TYPE, treatment.type)
        if treatment.type != TREATMENT and not treatment.factor:
            out.text(me, LABEL, _label(treatment))
        for reagent in reagents:
            if reagent not in parts:
                out.link(me, REAGENT_OF, reagent)
        for gene in treatment.targets:
            out.link(me, TARGET_GENE, gene)
        for name in treatment.target_names:
            out.text(me, TARGET_NAME, name)
        if treatment.ambiguous:
            out.text(me, TARGET_AMBIGUOUS, "true", "boolean")
        out.text(me, CONCENTRATION, treatment.micromolar, "decimal")
        out.text(me, DOSE_AS_REPORTED, treatment.dose)
        out.text(me, FACTOR, treatment.factor)
        out.text(me, FACTOR_VALUE, treatment.level)
        return me

    def _reagent(self, reagent: Reagent) -> str:
        me = self.reagent_iri(reagent)
        if reagent in self._reagents:
            return me
        self._reagents.add(reagent)
        out = self._out
        if reagent.iri and reagent.type != SMALL_MOLECULE:
            self._shared.add("reagents", me, TYPE, iri(reagent.type))
            for predicate, text in reagent.texts:
                self._shared.add("reagents", me, predicate, literal(text))
        elif not reagent.iri:
            out.link(me, TYPE, reagent.type)
            if LABEL in dict(reagent.texts):
                out.text(me, SCHEMA + "identifier", reagent.key)
            else:
                out.text(me, LABEL, reagent.key)
            for predicate, text in reagent.texts:
                out.text(me, predicate, text)
        for part in reagent.parts:
            out.link(me, _HAS_PART, self._minter.within(self._study, "reagent", part))
        return me


def _facts(treatment: Treatment, reagents: list[str]) -> list[str]:
    return [
        treatment.type,
        *sorted(reagents),
        *sorted(treatment.targets),
        *sorted(treatment.target_names),
        str(treatment.ambiguous),
        treatment.micromolar,
        treatment.dose,
        treatment.factor,
        treatment.level,
    ]


def _label(treatment: Treatment) -> str:
    """Return words for a treatment that has no better ones: what was used, and how much."""
    names = [r.key for r in treatment.reagents if r.key]
    return " ".join([*names[:1], treatment.dose]).strip()
