"""How strong the mapping of a study's words to an ontology term is (rule R5 of the data model).

The curators of a study state which terms its phenotypes are mapped to, but not how well they fit. That is
decided here, by the words alone: ``skos:exactMatch`` needs equal words, all else is ``skos:closeMatch``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.prefixes import compact, records
from bioimg_kg.mappings.vocabulary import TermNames
from bioimg_kg.sssom import CLOSE, EXACT, UNSPECIFIED_LICENSE, VOCABULARIES, MappingSet, Row

SET_NAME = "study-phenotypes"


@dataclass(frozen=True, slots=True, order=True)
class PhenotypeWords:
    """A study phenotype with what the study says of it.

    Attributes
    ----------
    iri, words
        The study phenotype and the authors' words.
    terms
        IRIs of the terms that the study maps it to.
    study, provider, license
        The study, where its metadata are kept, and their licence: IRIs, the last two may be empty.
    localized
        The component reports where gene products are, not what becomes of a cell without them.
    """

    iri: str
    words: str
    terms: tuple[str, ...]
    study: str
    provider: str = ""
    license: str = ""
    localized: bool = False


def normalised(words: str) -> str:
    """Return words without differences of case and white space.

    Examples
    --------
    >>> normalised("Round  Nucleus phenotype ")
    'round nucleus phenotype'
    """
    return " ".join(words.split()).casefold()


def match(words: str, names: TermNames | None, others: int = 0) -> tuple[str, str]:
    """Say how well a term fits the words that it is mapped to.

    Parameters
    ----------
    words
        The authors' words.
    names
        What the term is called; None if nobody says so. Names without a source are the studies' own.
    others
        How many more terms the same words are mapped to.

    Returns
    -------
    str
        CURIE of the mapping predicate. Where the words have several terms, none is exact: each says a part.
    str
        CURIE of the field of the term that has the same words, or an empty text.

    Examples
    --------
    >>> term = TermNames("mitosis arrested", ("mitotic arrest",), "https://example.org/ontology")
    >>> match("Mitotic arrest", term)
    ('skos:exactMatch', 'oboInOwl:hasExactSynonym')
    >>> match("mitosis arrested", term, others=1)
    ('skos:closeMatch', 'rdfs:label')
    >>> match("arrested", term)
    ('skos:closeMatch', '')
    """
    same = normalised(words)
    if not names or not names.source or not same:
        field = ""
    elif normalised(names.label) == same:
        field = "rdfs:label"
    elif same in map(normalised, names.exact):
        field = "oboInOwl:hasExactSynonym"
    else:
        field = ""
    return EXACT if field and not others else CLOSE, field


def phenotype_rows(phenotype: PhenotypeWords, names: Mapping[str, TermNames], minter: Minter) -> list[Row]:
    """Return the mappings that a study states for one of its phenotypes, one per term.

    Parameters
    ----------
    names
        What terms are called.
    """
    rows = []
    for term in dict.fromkeys(phenotype.terms):
        known = names.get(term)
        others = len(set(phenotype.terms)) - 1
        predicate, field = match(phenotype.words, known, others)
        rows.append(
            Row(
                record_id=curie(minter.mapping(SET_NAME, phenotype.iri, term), minter),
                subject_id=curie(phenotype.iri, minter),
                subject_label=phenotype.words,
                predicate_id=predicate,
                object_id=compact(term),
                object_label=known.label if known else "",
                mapping_justification="semapv:ManualMappingCuration",
                license=phenotype.license,
                subject_source=curie(phenotype.study, minter),
                object_source=curie(known.source, minter) if known and known.source else "",
                object_source_version=known.version if known else "",
                mapping_provider=phenotype.provider,
                subject_match_field="skos:prefLabel" if field else "",
                object_match_field=field,
                comment=f"one of {others + 1} terms that the study gives these words" if others else "",
            )
        )
    return rows


def phenotype_set(rows: Iterable[Row], date: str, minter: Minter) -> MappingSet:
    """Return the mapping set of the study phenotypes of a release.

    Parameters
    ----------
    date
        Day of the release.
    """
    return mapping_set(
        SET_NAME,
        rows,
        date,
        minter,
        title="Phenotypes in the words of studies, and the ontology terms that their curators chose",
        description=(
            "The terms are those of the studies. The predicate is exactMatch if the words equal the label or "
            "an exact synonym of the only term, else closeMatch. Each mapping has the licence of its study."
        ),
        license=UNSPECIFIED_LICENSE,
    )


def mapping_set(name: str, rows: Iterable[Row], date: str, minter: Minter, **metadata: str) -> MappingSet:
    """Return a mapping set of a release, with the prefixes that its rows use.

    Parameters
    ----------
    metadata
        More slots of the set.
    """
    found = tuple(rows)
    used = {c.partition(":")[0] for r in found for c in (r.record_id, r.subject_id, r.object_id) if c}
    starts = {str(record["prefix"]): str(record["uri_prefix"]) for record in records().values()} | _ours(
        minter
    )
    prefixes = {prefix: starts[prefix] for prefix in used | _ours(minter).keys()} | VOCABULARIES
    slots = {
        "sssom_version": "1.1",  # record_id is new in it
        "mapping_set_id": f"{minter.base}mappings/{name}.sssom.tsv",
        "mapping_set_title": metadata.pop("title"),
        "mapping_set_description": metadata.pop("description"),
        "mapping_set_version": date,
        **metadata,
    }
    return MappingSet(slots, prefixes, found)


def curie(iri: str, minter: Minter) -> str:
    """Return the CURIE of an IRI of ours.

    Examples
    --------
    >>> curie("https://w3id.org/bioimg-kg/id/study/idr0012/screenA/phenotype/7", Minter())
    'bikgid:study/idr0012/screenA/phenotype/7'
    """
    for prefix, start in _ours(minter).items():
        if iri.startswith(start):
            return f"{prefix}:{iri.removeprefix(start)}"
    return compact(iri)


def _ours(minter: Minter) -> dict[str, str]:
    return {"bikgid": f"{minter.base}id/", "bikggraph": minter.graph()}
