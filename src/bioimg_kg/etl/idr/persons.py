"""People and papers of a study: lists that belong together column by column."""

import re

from bioimg_kg.errors import Severity
from bioimg_kg.etl.idr.reading import SectionReader
from bioimg_kg.etl.model import Person, Publication
from bioimg_kg.identifiers import documents
from bioimg_kg.identifiers.terms import is_null

_LAST, _FIRST = "Study Person Last Name", "Study Person First Name"
_ORCID, _ROLES = "Study Person ORCID", "Study Person Roles"
_NAMED = re.compile(r"\(([^)]*)\)")

_PAPER_IDS = {"pubmed": "Study PubMed ID", "pmc": "Study PMC ID", "doi": "Study DOI"}


def read_people(reader: SectionReader) -> tuple[Person, ...]:
    """Read names, ORCIDs and roles; e-mail and postal addresses stay in the file."""
    columns = [
        c for c in range(reader.width(_LAST, _FIRST)) if reader.peek(_LAST, c) or reader.peek(_FIRST, c)
    ]
    names = {c: f"{reader.take(_FIRST, c)} {reader.take(_LAST, c)}".strip() for c in columns}
    orcids = _orcids(reader, names)
    roles = _roles(reader, columns)
    return tuple(
        Person(name=name, orcid=orcids.get(column, ""), roles=roles.get(column, ""))
        for column, name in names.items()
    )


def _orcids(reader: SectionReader, names: dict[int, str]) -> dict[int, str]:
    """Return ORCIDs by column of the person: by the name in parentheses if there is one, else by position."""
    found: dict[int, str] = {}
    for column in range(reader.width(_ORCID)):
        text = reader.peek(_ORCID, column)
        if is_null(text):
            continue
        iri = documents.orcid(text)
        owner = _named(text, names, column)
        if not iri:
            reader.reject("orcid-malformed", "not an ORCID such as 0000-0002-1825-0097", _ORCID, column)
        elif owner not in names or owner in found:
            message = "there is no person for this ORCID: align the lists of the persons"
            reader.reject("person-list-misaligned", message, _ORCID, column)
        else:
            reader.take(_ORCID, column)
            found[owner] = iri
    if 0 < len(found) < len(names) and reader.width(_ORCID) < len(names):
        message = "fewer ORCIDs than persons, aligned from the left: keep an empty cell for who has none"
        reader.report("person-list-misaligned", message, _ORCID, severity=Severity.INFO)
    return found


def _named(text: str, names: dict[int, str], column: int) -> int:
    match = _NAMED.search(text)
    words = set(match[1].lower().split()) if match else set()
    shared = {c: len(words & set(name.lower().split())) for c, name in names.items()}
    best = max(shared, key=lambda c: shared[c], default=column)
    return best if shared.get(best) else column


def _roles(reader: SectionReader, columns: list[int]) -> dict[int, str]:
    """Return roles by column; all roles are hers or his if there is only one person."""
    places = [column for _, column in reader.places(_ROLES)]
    if len(columns) == 1:
        roles = dict.fromkeys(reader.take(_ROLES, column) for column in places)
        return {columns[0]: ", ".join(roles)}
    for column in set(places) - set(columns):
        message = "a role without a person: align the lists of the persons"
        reader.reject("person-list-misaligned", message, _ROLES, column)
    return {column: reader.take(_ROLES, column) for column in places if column in columns}


def read_publications(reader: SectionReader) -> tuple[Publication, ...]:
    """Read the papers of a study, column by column; holes are kept apart."""
    titles, authors = "Study Publication Title", "Study Author List"
    found = []
    for column in range(reader.width(titles, authors, *_PAPER_IDS.values())):
        ids = {field: _paper_id(reader, field, column) for field in _PAPER_IDS}
        title, who = reader.take(titles, column), reader.take(authors, column)
        if title or any(ids.values()):
            found.append(Publication(title=title, authors=who, **ids))
        elif who:
            found.append(Publication(authors=who))
    return tuple(found)


def _paper_id(reader: SectionReader, field: str, column: int) -> str:
    key = _PAPER_IDS[field]
    text = reader.peek(key, column)
    if is_null(text):
        return ""
    iri: str = getattr(documents, field)(text)
    if iri:
        reader.take(key, column)
    else:
        reader.reject(f"{field}-malformed", f"not an identifier of this kind: correct the {key}", key, column)
    return iri
