"""The papers of a study, each once, whatever addresses it has."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from bioimg_kg.catalog.model import Paper
from bioimg_kg.vocab import BIKG, SCHEMA, SEE_ALSO

if TYPE_CHECKING:
    from bioimg_kg.catalog.reading import Reader

DOI: Final = "https://doi.org/"
_PUBMED: Final = "https://pubmed.ncbi.nlm.nih.gov/"
_PMC: Final = "https://www.ncbi.nlm.nih.gov/pmc/articles/"


def doi_of(iri: str) -> str:
    """Return the DOI that an IRI is made of, or nothing.

    Examples
    --------
    >>> doi_of("https://doi.org/10.1002/(sici)1097-0290(19980420)58:2/3%3C121::aid%3E3.0.co;2-n")
    '10.1002/(sici)1097-0290(19980420)58:2/3<121::aid>3.0.co;2-n'
    """
    return unquote(iri.removeprefix(DOI)) if iri.startswith(DOI) else ""


def pubmed_of(iri: str) -> str:
    """Return the PubMed id that an IRI is made of, or nothing."""
    return iri.removeprefix(_PUBMED).strip("/") if iri.startswith(_PUBMED) else ""


def pmc_of(iri: str) -> str:
    """Return the id of PubMed Central that an IRI is made of, or nothing."""
    return iri.removeprefix(_PMC).strip("/") if iri.startswith(_PMC) else ""


def read_papers(reader: "Reader", study: str, title: str) -> list[Paper]:
    """Return the papers of a study: the one with its title, then those of PubMed by number, then others.

    The graph has them in no order. Papers are numbered in PubMed as they come in, so the earliest is first.

    Parameters
    ----------
    reader
        Asks the store.
    study, title
        IRI of the study, and its title.
    """
    papers = [*_known(reader, study), *_nameless(reader, study)]
    wanted = _plain(title)

    def place(paper: Paper) -> tuple[bool, int, str]:
        numbers = [int(n) for iri in paper.iris if (n := pubmed_of(iri)).isdecimal()]
        return (
            _plain(paper.title) != wanted,
            min(numbers, default=1 << 62),
            "".join((*paper.iris, paper.title)),
        )

    return sorted(papers, key=place)


def _plain(title: str) -> str:
    return " ".join(title.split()).rstrip(".").casefold()


def _known(reader: "Reader", study: str) -> Iterator[Paper]:
    """Yield the papers that have an address: those addresses that are said to be one paper are one."""
    groups: list[set[str]] = []
    for iri in reader.links(study, f"{SCHEMA}citation"):
        group = {iri}
        for predicate in (f"{SCHEMA}sameAs", SEE_ALSO):
            group |= {other for other in reader.links(iri, predicate) if doi_of(other) or pmc_of(other)}
        touching = [known for known in groups if known & group]
        groups = [known for known in groups if not known & group] + [group.union(*touching)]
    for group in groups:
        iris = sorted(group, key=lambda iri: (not pubmed_of(iri), not doi_of(iri), iri))
        yield Paper(
            iris=iris,
            title=_first(reader, iris, f"{SCHEMA}name"),
            authors=_first(reader, iris, f"{BIKG}authorList"),
        )


def _first(reader: "Reader", iris: Sequence[str], predicate: str) -> str:
    return next((text for iri in iris if (text := reader.text(iri, predicate))), "")


def _nameless(reader: "Reader", study: str) -> Iterator[Paper]:
    """Yield the papers without an address. With several of them, nobody knows whose authors a list has."""
    titles, lists = reader.texts(study, f"{SCHEMA}citation"), reader.texts(study, f"{BIKG}authorList")
    if len(titles) <= 1 and len(lists) <= 1:
        if titles or lists:
            yield Paper((), "".join(titles), "".join(lists))
        return
    for title in titles or [""]:
        yield Paper((), title, "", lists)
