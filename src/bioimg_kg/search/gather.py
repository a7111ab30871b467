"""Gathers what can be found in a release, study by study."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.search import quads
from bioimg_kg.search.quads import Facts, StudyFacts
from bioimg_kg.search.things import Thing, fold, identifiers
from bioimg_kg.vocab import (
    ALT_LABEL,
    ANTIBODY,
    BIOSAMPLE,
    CANONICAL_GENE,
    CELL_LINE,
    COMMENT,
    CONCENTRATION,
    DEFINITION,
    EXACT_SYNONYM,
    EXPERIMENT,
    GENE_ASSOCIATION,
    GUIDE_RNA,
    IN_TAXON,
    IS_PART_OF,
    LABEL,
    MAPPED_TERM,
    OBJECT,
    OBO,
    ORF_CLONE,
    OWL_CLASS,
    PREF_LABEL,
    PREFIXES,
    REAGENT,
    REAGENT_OF,
    SCREEN,
    SEE_ALSO,
    SIRNA,
    SIRNA_POOL,
    SMALL_MOLECULE,
    STUDY,
    STUDY_PHENOTYPE,
    STUDY_PHENOTYPE_OF,
    SUBCLASS_OF,
    SUBJECT,
    TARGET_AMBIGUOUS,
    TARGET_GENE,
    TARGET_NAME,
    TYPE,
)

_REAGENTS: Final = frozenset((SIRNA, SIRNA_POOL, GUIDE_RNA, ANTIBODY, ORF_CLONE, REAGENT))
_COMPONENTS: Final = frozenset((SCREEN, EXPERIMENT))
_FAMILIES: Final = {
    PREFIXES["cmpo"]: "phenotype",
    f"{OBO}NCBITaxon_": "organism",
    f"{OBO}FBbi_": "method",
}
"""Ontologies whose terms are of one type, whether a study uses them or not."""


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """Records that are alike, see :class:`bioimg_kg.search.quads.Group`."""

    study: str
    component: str
    records: tuple[tuple[str, str], ...]
    doses: frozenset[tuple[str, float]]


class Gathering:
    """Everything that can be found, as it is gathered study by study.

    Parameters
    ----------
    shared
        What the reference graphs and ontologies say.

    Attributes
    ----------
    things
        By IRI.
    groups
        The records.
    pairs
        A gene and a study that looked at it, both as IRIs of things.
    """

    def __init__(self, shared: Facts) -> None:
        self.shared = shared
        self.things: dict[str, Thing] = {}
        self.groups: list[RecordGroup] = []
        self.pairs: dict[tuple[str, str], int] = {}
        self._families: dict[str, str] = {}
        for iri, said in shared.items():
            family = next((kind for start, kind in _FAMILIES.items() if iri.startswith(start)), "")
            if family and OWL_CLASS in said.get(TYPE, ()):
                self._thing(iri, family)

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """All broader terms of each term, without itself."""
        parents = {iri: said[SUBCLASS_OF] for iri, said in self.shared.items() if SUBCLASS_OF in said}
        found: dict[str, frozenset[str]] = {}
        for iri in parents:
            above: set[str] = set()
            rest = [iri]
            while rest:
                rest += [parent for parent in parents.get(rest.pop(), ()) if parent not in above]
                above.update(rest)
            found[iri] = frozenset(above - {iri})
        return found

    def add(self, study: StudyFacts, recorded: Mapping[str, Iterable[str]]) -> None:
        """Add a study.

        Parameters
        ----------
        study
            What its graph says.
        recorded
            IRIs of genes, compounds and terms, with the words that the study has for them.
        """
        _Study(self, study).gather()
        for iri, words in recorded.items():
            (one, *_) = self.shared.get(iri, {}).get(CANONICAL_GENE, [iri])
            if thing := self.things.get(one):
                for word in words:
                    thing.call(word, "recorded name", study.accession)

    def canonical(self, gene: str) -> str:
        """Return the IRI that stands for a gene."""
        return self.shared.get(gene, {}).get(CANONICAL_GENE, [gene])[0]

    def _thing(self, iri: str, kind: str, facts: Facts | None = None) -> Thing:
        """Return a thing, which is described when it is met first."""
        known = self.things.get(iri)
        if known:
            return known
        said = (facts or {}).get(iri) or self.shared.get(iri, {})
        label = (said.get(LABEL) or said.get(PREF_LABEL) or [""])[0]
        thing = Thing(iri, kind, label or compact(unquote(iri)))
        self.things[iri] = thing
        thing.call(thing.label, "label")
        for predicate, name in ((LABEL, "label"), (EXACT_SYNONYM, "synonym"), (ALT_LABEL, "other name")):
            for text in said.get(predicate, ()):
                thing.call(text, name if name != "label" or text == label else "other name")
        thing.note = (said.get(DEFINITION) or said.get(COMMENT) or [""])[0]
        for text in identifiers(iri, said):
            thing.call(text, "identifier")
        thing.above = self.ancestors.get(iri, frozenset())
        return thing

    def finish(self) -> list[Thing]:
        """Return the things, the ones with most records first, with broader terms of those in use."""
        for iri in {above for thing in self.things.values() if thing.studies for above in thing.above}:
            self._thing(iri, next((k for start, k in _FAMILIES.items() if iri.startswith(start)), "term"))
        return [thing for _, thing in sorted(self.things.items())]


class _Study:
    """One study on its way into the gathering."""

    def __init__(self, out: Gathering, study: StudyFacts) -> None:
        self._out = out
        self._study = study
        self._facts = study.facts
        self._by_type: defaultdict[str, list[str]] = defaultdict(list)
        for iri, said in self._facts.items():
            for kind in said.get(TYPE, ()):
                self._by_type[kind].append(iri)
        self._iri = next(iter(self._by_type[STUDY]), "")
        self._known: dict[str, tuple[str, ...]] = {}
        self._doses: dict[str, tuple[tuple[str, float], ...]] = {}

    def gather(self) -> None:
        """Add all that the study has."""
        everywhere = self._describe()
        for component in (iri for kind in sorted(_COMPONENTS) for iri in self._by_type[kind]):
            for iri in self._facts[component].get(quads.TECHNIQUE, ()):
                self._use(iri, "method")
        for kind, name in (
            (STUDY_PHENOTYPE, "study-phenotype"),
            *((r, "reagent") for r in sorted(_REAGENTS)),
        ):
            for iri in self._by_type[kind]:
                self._use(iri, name)
        for iri in (*self._by_type[STUDY_PHENOTYPE], *self._by_type[BIOSAMPLE]):
            self._about(iri)
        for iri in sorted(i for i, said in self._facts.items() if _treats(said)):
            for key in self._about(iri):
                if self._out.things[key].type == "gene":
                    self._pair(key, (key, *everywhere))
        self._call(everywhere)
        for group in self._study.groups:
            self._group(group, everywhere)

    def _describe(self) -> tuple[str, ...]:
        """Add the study itself; return what all that it has shares: itself and its licence."""
        said = self._facts.get(self._iri, {})
        study = self._use(self._iri, "study")
        study.note = next(iter(said.get(quads.NAME, ())), "")
        study.call(study.note, "title")
        for text in said.get(quads.KEYWORDS, ()):
            study.call(text, "keyword")
        for person in said.get(quads.AUTHOR, ()):
            facts = self._facts.get(person) or self._out.shared.get(person, {})
            for text in (*facts.get(quads.NAME, ()), *([] if person.startswith(self._iri) else [person])):
                study.call(text, "author")
        same = [*said.get(quads.CITATION, ()), *said.get(quads.SAME_AS, ())]
        for paper in said.get(quads.CITATION, ()):
            more = self._out.shared.get(paper, {})
            same += [*more.get(quads.SAME_AS, ()), *more.get(SEE_ALSO, ())]
            for text in more.get(quads.NAME, ()):
                study.call(text, "title")
        for address in same:
            study.call(address, "identifier")
            study.call(_local(address), "identifier")
        shared = [self._iri]
        for licence in said.get(quads.LICENSE, ()):
            thing = self._use(licence, "licence")
            for text in said.get(quads.LICENSE_TEXT, ()):
                thing.call(text, "recorded name", self._study.accession)
            shared.append(licence)
        for organism in said.get(IN_TAXON, ()):
            self._use(organism, "organism")
        return tuple(shared)

    def _use(self, iri: str, kind: str) -> Thing:
        thing = self._out._thing(iri, kind, self._facts)
        thing.studies.add(self._study.accession)
        return thing

    def _named(self, name: str, kind: str) -> str:
        """Use what has a name and no IRI."""
        key = f"{kind} {fold(name)}"
        if key not in self._out.things:
            self._out.things[key] = Thing(key, kind, name)
        self._out.things[key].call(name, "recorded name", self._study.accession)
        self._out.things[key].studies.add(self._study.accession)
        return key

    def _about(self, iri: str) -> tuple[str, ...]:
        """Return the keys of the things that a biosample, a treatment or a phenotype is about."""
        known = self._known.get(iri)
        if known is None:
            known = self._known[iri] = tuple(dict.fromkeys(self._find(iri)))
        return known

    def _find(self, iri: str) -> Iterator[str]:
        said = self._facts.get(iri, {})
        if STUDY_PHENOTYPE in said.get(TYPE, ()):
            yield iri
        for term in said.get(MAPPED_TERM, ()):
            yield self._use(term, "phenotype").iri
        for predicate in quads.TRAITS:
            kind = {IN_TAXON: "organism", CELL_LINE: "cell-line"}.get(predicate, "term")
            for value in said.get(predicate, ()):
                yield self._use(value, kind).iri
        for name in said.get(quads.CELL_LINE_NAME, ()):
            yield self._named(name, "cell-line")
        for gene in said.get(TARGET_GENE, ()):
            yield self._gene(gene).iri
        for name in said.get(TARGET_NAME, ()):
            yield self._named(name, "gene")
        yield from self._reagents(iri, said)

    def _reagents(self, iri: str, said: Mapping[str, list[str]]) -> Iterator[str]:
        for reagent in said.get(REAGENT_OF, ()):
            facts = self._facts.get(reagent) or self._out.shared.get(reagent, {})
            small = SMALL_MOLECULE in facts.get(TYPE, ())
            yield self._use(reagent, "compound" if small else "reagent").iri
            if small and said.get(CONCENTRATION):
                doses = tuple((reagent, float(value)) for value in said[CONCENTRATION])
                self._doses[iri] = (*self._doses.get(iri, ()), *doses)

    def _gene(self, used: str) -> Thing:
        out = self._out
        one = out.canonical(used)
        thing = self._use(one, "gene")
        if thing.organism == "" and one in out.shared:
            thing.organism = next(iter(out.shared[one].get(IN_TAXON, ())), "")
        if used != one:
            for text in identifiers(used, out.shared.get(used, {})):
                thing.call(text, "identifier")
            for text in out.shared.get(used, {}).get(ALT_LABEL, ()):
                thing.call(text, "other name")
        return thing

    def _pair(self, gene: str, about: Iterable[str]) -> None:
        pairs = self._out.pairs
        number = pairs.setdefault((gene, self._iri), len(pairs))
        organism = self._out.things[gene].organism
        for key in (*about, *([self._use(organism, "organism").iri] if organism else ())):
            self._out.things[key].pairs.add(number)

    def _call(self, everywhere: tuple[str, ...]) -> None:
        """Add what the study says of genes and phenotypes."""
        for iri in self._by_type[GENE_ASSOCIATION]:
            said = self._facts[iri]
            about = [self._use(term, "phenotype").iri for term in said.get(OBJECT, ())]
            about += [self._use(x, "study-phenotype").iri for x in said.get(STUDY_PHENOTYPE_OF, ())]
            about += [self._use(x, "organism").iri for x in said.get(quads.SPECIES, ())]
            for component in said.get(IS_PART_OF, ()):
                about += self._facts.get(component, {}).get(quads.TECHNIQUE, ())
            if TARGET_AMBIGUOUS in said:  # this gene or another one: no claim about either
                about = []
            for subject in said.get(SUBJECT, ()):
                gene = self._gene(subject)
                gene.organism = gene.organism or next(iter(said.get(quads.SPECIES, ())), "")
                self._pair(gene.iri, (gene.iri, *about, *everywhere))

    def _group(self, group: quads.Group, everywhere: tuple[str, ...]) -> None:
        out = self._out
        number = len(out.groups)
        keys = {*everywhere, *self._facts.get(group.component, {}).get(quads.TECHNIQUE, ())}
        doses: set[tuple[str, float]] = set()
        for iri in group.about:
            keys.update(self._about(iri))
            doses.update(self._doses.get(iri, ()))
        for key in keys:
            out.things[key].groups.append(number)
        accession, component = self._study.accession, group.component
        out.groups.append(RecordGroup(accession, component, group.records, frozenset(doses)))


def _treats(said: Mapping[str, list[str]]) -> bool:
    return TARGET_GENE in said or TARGET_NAME in said or REAGENT_OF in said


def _local(address: str) -> str:
    """Return the identifier in the address of a paper or study.

    Examples
    --------
    >>> _local("https://doi.org/10.1038/msb.2010.25"), _local("https://pubmed.ncbi.nlm.nih.gov/20531400/")
    ('10.1038/msb.2010.25', '20531400')
    """
    if address.startswith("https://doi.org/"):
        return unquote(address.removeprefix("https://doi.org/"))
    return unquote(address.rstrip("/").rpartition("/")[2])
