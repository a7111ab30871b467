"""Measure the candidates: hide the terms of phenotypes that have some, suggest, count how often one is right.

The studies are divided in two by a checksum of their accession. Settings were chosen on one half; the
figures to report are those of the other. Equal words of a study that have the same terms count once.

Examples
--------
  python benchmarks/candidates.py --data data
"""

import argparse
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bioimg_kg.mappings.candidates import phenotype_terms, suggest_all
from bioimg_kg.mappings.matches import SET_NAME, PhenotypeWords, normalised
from bioimg_kg.mappings.vocabulary import Vocabulary, read_vocabulary
from bioimg_kg.release import Release, current_release
from bioimg_kg.sssom import read
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import PREFIXES

HALVES = ("tuning", "reporting")
COLUMNS = f"{'half':<10} {'phenotypes':<28} {'names':<14} {'n':>4} {'@1':>6} {'@5':>6}"
_LOCALIZED = "SELECT ?component { ?component bikg:geneRole bikg:LocalizedProduct }"


def mapped_phenotypes(release: Release) -> list[PhenotypeWords]:
    """Return the study phenotypes of a release that have terms, equal ones of a study once."""
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    rows = open_readonly(release.store).query(head + _LOCALIZED, use_default_graph_as_union=True)
    localized = {row[0].value for row in rows}  # type: ignore[union-attr]
    table = read(release.mappings / f"{SET_NAME}.sssom.tsv")
    found: dict[str, PhenotypeWords] = {}
    for row in table.rows:
        iri = table.expand(row.subject_id)
        terms = (*(found[iri].terms if iri in found else ()), table.expand(row.object_id))
        found[iri] = PhenotypeWords(
            iri=iri,
            words=row.subject_label,
            terms=terms,
            study=table.expand(row.subject_source),
            localized=iri.partition("/phenotype/")[0] in localized,
        )
    return list({(p.study, normalised(p.words), p.terms): p for p in reversed(found.values())}.values())


def half(study: str) -> str:
    """Return the half that a study is in."""
    accession = study.rpartition("/")[2]
    return HALVES[int(hashlib.sha256(accession.encode()).hexdigest(), 16) % 2]


def recall(
    phenotypes: Sequence[PhenotypeWords], vocabulary: Vocabulary, known: Sequence[PhenotypeWords]
) -> tuple[float, float]:
    """Return the shares of phenotypes with a right term as the first, and among the first five."""
    first = any_of_five = 0
    for phenotype, candidates in suggest_all(phenotypes, vocabulary, known):
        right = [candidate.term in phenotype.terms for candidate in candidates]
        first += right[:1] == [True]
        any_of_five += any(right)
    return first / len(phenotypes), any_of_five / len(phenotypes)


def report(release: Release) -> list[str]:
    """Return the lines of the report."""
    phenotypes = mapped_phenotypes(release)
    versions = {f"ontology/{p.name.partition('.')[0]}": "" for p in (release.quads / "ontology").iterdir()}
    vocabulary = read_vocabulary(release.quads, versions)
    terms, components = phenotype_terms(vocabulary)

    def on_offer(p: PhenotypeWords) -> bool:
        return any(term in terms or (p.localized and term in components) for term in p.terms)

    def in_other_words(p: PhenotypeWords) -> bool:
        names = {
            normalised(text) for t in p.terms if t in vocabulary.names for text in vocabulary.names[t].all
        }
        return on_offer(p) and normalised(p.words) not in names

    kinds: dict[str, Callable[[PhenotypeWords], bool]] = {
        "all": lambda _: True,
        "a right term is on offer": on_offer,
        "and has no such name": in_other_words,
    }
    lines = [COLUMNS]
    for name in HALVES:
        for kind, test in kinds.items():
            chosen = [p for p in phenotypes if half(p.study) == name and test(p)]
            for source, known in (("ontologies", ()), ("and studies", phenotypes)):
                first, five = recall(chosen, vocabulary, known) if chosen else (0.0, 0.0)
                lines.append(
                    f"{name:<10} {kind:<28} {source:<14} {len(chosen):>4} {first:>6.1%} {five:>6.1%}"
                )
    lines += ["", *_bands(phenotypes, vocabulary)]
    return lines


def _bands(phenotypes: Sequence[PhenotypeWords], vocabulary: Vocabulary) -> list[str]:
    """Return how often suggestions of a score are right, first ones and others, in the reporting half."""
    chosen = [p for p in phenotypes if half(p.study) == HALVES[1]]
    all_of, right = Counter[tuple[bool, int]](), Counter[tuple[bool, int]]()
    for phenotype, candidates in suggest_all(chosen, vocabulary, ()):
        for rank, candidate in enumerate(candidates):
            band = (rank > 0, min(9, int(candidate.score * 10)))
            all_of[band] += 1
            right[band] += candidate.term in phenotype.terms
    return [
        f"{'others' if later else 'first':<7} score {band / 10:.1f} to {(band + 1) / 10:.1f}: "
        f"{right[later, band]} of {n} right"
        for (later, band), n in sorted(all_of.items())
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the report on the current release of a data folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder")
    print("\n".join(report(current_release(parser.parse_args(arguments).data))))


if __name__ == "__main__":
    main()
