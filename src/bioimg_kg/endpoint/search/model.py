"""What search answers in JSON."""

from pydantic import BaseModel, Field

from bioimg_kg.endpoint.linked.identifiers import address_of
from bioimg_kg.search.conditions import Selected
from bioimg_kg.search.hits import Counts, Found, Hit


class CountsModel(BaseModel):
    """How much there is of a thing."""

    records: int = Field(description="Wells and images.")
    studies: int
    genes: int = Field(description="Genes that were studied with it, or called to have it.")


class HitModel(BaseModel):
    """A thing that was found."""

    iri: str = Field(description="Its IRI; empty for what studies only name.")
    page: str = Field(description="Address of its page on this service.")
    type: str
    label: str
    note: str = Field(description="Definition or title.")
    organism: str = Field(description="Organism of a gene.")
    match: str = Field(description="How it fits: exact, prefix, word, substring or spelling.")
    name: str = Field(description="The name that fits.")
    why: str = Field(description="Why it was found, in words.")
    direct: CountsModel = Field(description="Counts of the thing itself.")
    with_narrower: CountsModel = Field(description="Counts with all narrower terms, each record once.")
    studies: list[str] = Field(description="Accessions of the studies that have the thing itself.")


class SearchAnswer(BaseModel):
    """Things with a name that fits."""

    release: str
    q: str
    total: int = Field(description="How many were found.")
    more: bool = Field(description="There are more than `total`, which were not looked for.")
    types: dict[str, int] = Field(description="How many of them are of each type.")
    spelling: str = Field(description="What was looked for instead, if nothing is spelt like `q`.")
    offset: int
    next: str = Field(description="Address of the next page; empty on the last.")
    hits: list[HitModel]


class Suggestion(BaseModel):
    """A thing, for a list below a search box."""

    label: str
    type: str
    page: str
    organism: str
    why: str
    records: int = Field(description="Records with narrower terms.")
    studies: int = Field(description="Studies with narrower terms.")


class SuggestAnswer(BaseModel):
    """The first things whose name fits."""

    release: str
    q: str
    suggestions: list[Suggestion]


class Item(BaseModel):
    """A record, gene or study that fulfils conditions."""

    iri: str
    page: str = Field(description="Address of its page on this service.")
    label: str
    study: str = Field(description="Accession of the study of a record.")


class SelectAnswer(BaseModel):
    """What fulfils conditions."""

    release: str
    what: str = Field(description="records, genes or studies.")
    where: str
    total: int = Field(description="How many fulfil them.")
    studies: dict[str, int] = Field(description="How many of them are in each study.")
    next: str = Field(description="Address of the next page; empty on the last.")
    items: list[Item]


def page_of(hit: Hit) -> str:
    """Return the address of the page of a hit."""
    if hit.type == "study":
        return f"/study/{hit.label}"
    if not hit.iri:  # a name without an identifier: the study that has it
        return f"/study/{hit.studies[0]}"
    return _address(hit.iri)


def _address(iri: str) -> str:
    return address_of(iri, frozenset({iri})) or ""


def hit_model(hit: Hit) -> HitModel:
    """Return a hit as JSON has it."""
    return HitModel(
        iri=hit.iri,
        page=page_of(hit),
        type=hit.type,
        label=hit.label,
        note=hit.note,
        organism=hit.organism,
        match=hit.match,
        name=hit.name.text,
        why=hit.why,
        direct=_counts(hit.direct),
        with_narrower=_counts(hit.whole),
        studies=list(hit.studies),
    )


def search_answer(release: str, text: str, found: Found, offset: int, following: str) -> SearchAnswer:
    """Return the answer to a search."""
    return SearchAnswer(
        release=release,
        q=text,
        total=found.total,
        more=found.more,
        types=found.types,
        spelling=found.spelling,
        offset=offset,
        next=following,
        hits=[hit_model(hit) for hit in found.hits],
    )


def select_answer(release: str, what: str, where: str, found: Selected, following: str) -> SelectAnswer:
    """Return the answer to conditions."""
    items = []
    for one in found.items:
        page = f"/study/{one.label}" if what == "studies" else _address(one.iri)
        items.append(Item(iri=one.iri, page=page, label=one.label, study=one.study))
    return SelectAnswer(
        release=release,
        what=what,
        where=where,
        total=found.total,
        studies=found.studies,
        next=following,
        items=items,
    )


def suggest_answer(release: str, text: str, found: Found) -> SuggestAnswer:
    """Return the answer to somebody who is still typing."""
    suggestions = [
        Suggestion(
            label=hit.label,
            type=hit.type,
            page=page_of(hit),
            organism=hit.organism,
            why=hit.why,
            records=hit.whole.records,
            studies=hit.whole.studies,
        )
        for hit in found.hits
    ]
    return SuggestAnswer(release=release, q=text, suggestions=suggestions)


def _counts(counts: Counts) -> CountsModel:
    return CountsModel(records=counts.records, studies=counts.studies, genes=counts.genes)
