"""Terms that words without a term might be mapped to: suggestions for a curator, never statements.

Three sources are compared with the words, each as a set of weighted word stems: the names of a term, the
parts of its logical definition (*big nuclei* has both parts of *increased nucleus size phenotype*), and the
words that other studies map to it.

Source: the weights are inverse document frequencies, Spärck Jones 1972, https://doi.org/10.1108/eb026526
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from bioimg_kg import __version__
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.prefixes import compact, records
from bioimg_kg.mappings.matches import PhenotypeWords, curie, mapping_set, normalised
from bioimg_kg.mappings.tokens import tokens
from bioimg_kg.mappings.vocabulary import Vocabulary
from bioimg_kg.sssom import RELATED, MappingSet, Row
from bioimg_kg.vocab import OBO

SET_NAME = "candidates"

LABEL, SYNONYM, DEFINITION, STUDY = "label", "synonym", "definition", "words of another study"
SOURCES: dict[str, float] = {LABEL: 1.0, SYNONYM: 1.0, DEFINITION: 0.9, STUDY: 0.9}
"""What may match, and how much that counts."""

LEAST = 0.3
"""Suggestions of a lower score are left out: hardly any is right."""

SIMILAR = 0.92
"""Words that are at least as similar count as one: a slip of the pen, another form."""

UNKNOWN = 0.5
"""Weight of a word that no term has, as a share of that of a word that one term has."""

_COMPONENT = OBO + "GO_0005575"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term that some words might mean.

    Attributes
    ----------
    score
        Share of what the words and the matching text have in common, from 0 to 1.
    source
        What matched, one of :data:`SOURCES`.
    text
        The name, the names of the parts, or the other study's words that matched.
    """

    term: str
    score: float
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class _Document:
    term: str
    source: str
    text: str
    stems: frozenset[str]
    study: str = ""


class Suggester:
    """Ranks the terms that words may be mapped to.

    Parameters
    ----------
    vocabulary
        Names and definitions.
    terms
        IRIs of the terms to choose from.
    mapped
        Study phenotypes that have a term: their words count as further names.

    Examples
    --------
    >>> from bioimg_kg.mappings.vocabulary import TermNames
    >>> names = {"x:1": TermNames("increased nucleus size phenotype"), "x:3": TermNames("nucleus")}
    >>> names |= {"x:2": TermNames("round cell phenotype"), "x:4": TermNames("increased size")}
    >>> finder = Suggester(Vocabulary(names, parts={"x:1": {"x:3", "x:4"}}), ["x:1", "x:2"])
    >>> [(found.term, found.source, found.text) for found in finder.suggest("big nuclei")]
    [('x:1', 'definition', 'increased size + nucleus')]
    """

    def __init__(
        self, vocabulary: Vocabulary, terms: Iterable[str], mapped: Iterable[PhenotypeWords] = ()
    ) -> None:
        self._documents = [
            *_named(vocabulary, terms),
            *(
                _Document(term, STUDY, phenotype.words, tokens(phenotype.words), phenotype.study)
                for phenotype in mapped
                for term in phenotype.terms
            ),
        ]
        counted = Counter(stem for d in self._documents if d.source != STUDY for stem in d.stems)
        self._all = max(1, sum(d.source != STUDY for d in self._documents))
        self._weights = {stem: math.log(1 + self._all / n) for stem, n in counted.items()}
        self._by_stem: Mapping[str, list[_Document]] = defaultdict(list)
        for document in self._documents:
            for stem in document.stems:
                self._by_stem[stem].append(document)
        self._similar = lru_cache(maxsize=None)(self._find_similar)

    def suggest(self, words: str, *, study: str = "", context: str = "", limit: int = 5) -> list[Candidate]:
        """Return the best terms for some words, the best first.

        Parameters
        ----------
        words
            A phenotype as its authors call it.
        study
            Study whose own mappings are not used.
        context
            More words that go without saying in the component.
        """
        asked = {stem: self._similar(stem) for stem in tokens(f"{words} {context}")}
        best: dict[str, tuple[float, float, _Document]] = {}
        seen: set[int] = set()
        for document in (d for found in asked.values() for stem in found for d in self._by_stem[stem]):
            if id(document) in seen or (document.study and document.study == study):
                continue
            seen.add(id(document))
            likeness = JaroWinkler.similarity(normalised(words), normalised(document.text))
            rank = (round(self._score(asked, document), 6), likeness, document)
            if document.term not in best or rank[:2] > best[document.term][:2]:
                best[document.term] = rank
        ranked = sorted(best.values(), key=lambda rank: (-rank[0], -rank[1], rank[2].term))
        return [
            Candidate(d.term, round(score, 3), d.source, d.text) for score, _, d in ranked[:limit] if score
        ]

    def _weight(self, stem: str) -> float:
        return self._weights.get(stem, UNKNOWN * math.log(1 + self._all))

    def _find_similar(self, stem: str) -> dict[str, float]:
        """Return the stems of all documents that are as good as one of the words."""
        if stem in self._by_stem:
            return {stem: 1.0}
        if len(stem) < 5:  # short words are seldom misspelt and often near to others
            return {}
        near = ((other, JaroWinkler.similarity(stem, other)) for other in list(self._by_stem))
        return {other: likeness for other, likeness in near if likeness >= SIMILAR}

    def _score(self, asked: Mapping[str, Mapping[str, float]], document: _Document) -> float:
        """Return the harmonic mean of how much of the words, and of the document, the other one has."""
        of_words: list[float] = []
        reached: dict[str, float] = {}
        for stem, similar in asked.items():
            hits = {s: similar[s] for s in similar if s in document.stems}
            if hits:
                of_words.append(self._weight(stem) * max(hits.values()))
                for s, likeness in hits.items():
                    reached[s] = max(reached.get(s, 0.0), likeness)
        of_document = math.fsum(self._weight(s) * likeness for s, likeness in reached.items())
        # fsum: sets have no order, and the last bit of a sum must not depend on it
        one = math.fsum(of_words) / math.fsum(map(self._weight, asked))
        other = of_document / math.fsum(map(self._weight, document.stems))
        return SOURCES[document.source] * 2 * one * other / (one + other) if one and other else 0.0


def _named(vocabulary: Vocabulary, terms: Iterable[str]) -> Iterable[_Document]:
    for term in sorted(terms):
        names = vocabulary.names[term]
        for text in dict.fromkeys(names.all):
            source = LABEL if text == names.label else SYNONYM
            yield _Document(term, source, text, tokens(text))
        parts = [vocabulary.names[p] for p in sorted(vocabulary.parts.get(term, ())) if p in vocabulary.names]
        if len(parts) > 1:
            text = " + ".join(sorted(part.label for part in parts))
            yield _Document(term, DEFINITION, text, tokens(text))


def phenotype_terms(vocabulary: Vocabulary) -> tuple[set[str], set[str]]:
    """Return the terms to choose from: the phenotypes of CMPO, and the cellular components of GO."""
    cmpo = str(records()["cmpo"]["uri_prefix"])
    phenotypes = {term for term, names in vocabulary.names.items() if term.startswith(cmpo) and names.source}
    components = {term for term in vocabulary.below(_COMPONENT) if term in vocabulary.names}
    return phenotypes, components


def suggest_all(
    phenotypes: Iterable[PhenotypeWords], vocabulary: Vocabulary, mapped: Iterable[PhenotypeWords]
) -> Iterator[tuple[PhenotypeWords, list[Candidate]]]:
    """Suggest terms for study phenotypes.

    Where a study reports places of gene products, cellular components are suggested beside phenotypes.

    Parameters
    ----------
    mapped
        Phenotypes whose words are further names of their terms, except for phenotypes of the same study.
    """
    known = [p for p in mapped if p.terms]
    terms, components = phenotype_terms(vocabulary)
    plain = Suggester(vocabulary, terms, known)
    local = Suggester(vocabulary, terms | components, known)
    for phenotype in sorted(phenotypes):
        context = "protein localized" if phenotype.localized else ""
        finder = local if phenotype.localized else plain
        found = finder.suggest(phenotype.words, study=phenotype.study, context=context)
        yield phenotype, [c for c in found if c.score >= LEAST]


def confidence(rank: int, score: float) -> float:
    """Return how probable it is that a suggestion is right, as measured in ``docs/mappings.md``.

    Parameters
    ----------
    rank
        Its place, from 0; any but the first is right once in twenty times.

    Examples
    --------
    >>> confidence(0, 0.9), confidence(1, 0.9)
    (0.81, 0.08)
    """
    return round(score**2 if rank == 0 else score**2 / 10, 2)


def candidate_set(
    phenotypes: Iterable[PhenotypeWords], vocabulary: Vocabulary, date: str, minter: Minter
) -> MappingSet:
    """Return suggestions for all phenotypes that have no term.

    Parameters
    ----------
    date
        Day of the release.
    """
    found = list(phenotypes)
    wanting = [p for p in found if not p.terms]
    rows = [
        _row(phenotype, rank, candidate, vocabulary, minter)
        for phenotype, candidates in suggest_all(wanting, vocabulary, found)
        for rank, candidate in enumerate(candidates)
    ]
    return mapping_set(
        SET_NAME,
        rows,
        date,
        minter,
        title="Candidates for phenotypes that have no term",
        description=(
            "Suggestions of a program that nobody has reviewed. The predicate is relatedMatch throughout: "
            "whether a term fits, and how well, is for a curator to say."
        ),
        license="https://creativecommons.org/publicdomain/zero/1.0/",
        mapping_tool="bioimg_kg",
        mapping_tool_version=__version__,
        similarity_measure="harmonic mean of the shared inverse document frequencies of words and match",
    )


def _row(
    phenotype: PhenotypeWords, rank: int, candidate: Candidate, vocabulary: Vocabulary, minter: Minter
) -> Row:
    names = vocabulary.names[candidate.term]
    if candidate.source == DEFINITION:
        justification = "semapv:CompositeMatching"
    elif normalised(phenotype.words) == normalised(candidate.text):
        justification = "semapv:LexicalMatching"
    else:
        justification = "semapv:LexicalSimilarityThresholdMatching"
    return Row(
        subject_id=curie(phenotype.iri, minter),
        subject_label=phenotype.words,
        predicate_id=RELATED,
        object_id=compact(candidate.term),
        object_label=names.label,
        mapping_justification=justification,
        subject_source=curie(phenotype.study, minter),
        object_source=curie(names.source, minter),
        object_source_version=names.version,
        confidence=f"{confidence(rank, candidate.score):.2f}",
        similarity_score=f"{candidate.score:.3f}",
        comment=f"{candidate.source}: {candidate.text}",
    )
