"""``idrNNNN-study.txt`` to a study with its components; the tables are read elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from bioimg_kg.etl.idr import keys
from bioimg_kg.etl.idr.declared import read_phenotypes
from bioimg_kg.etl.idr.persons import read_people, read_publications
from bioimg_kg.etl.idr.reading import SectionReader, TermKeys, is_nothing
from bioimg_kg.etl.idr.studytext import Section, StudyText, parse
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Component, Protocol, Study, Term
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.identifiers import documents
from bioimg_kg.identifiers.prefixes import expand
from bioimg_kg.identifiers.terms import is_null

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_ACCESSIONS = ("Study BioStudies Accession", "Study BioImage Archive Accession", "Study EMPIAR Accession")
_PROTOCOL_TYPE = TermKeys.of("Protocol Type")


@dataclass(frozen=True, slots=True)
class StudySource:
    """A study as its text describes it, and the text itself for the readers of its tables.

    Attributes
    ----------
    sections
        The section of each component, by the component's name.
    """

    study: Study
    text: StudyText
    sections: dict[str, Section]


def read_study(
    folder: str, file: SourceFile, data: bytes, ledger: Ledger, *, source: str = "", revision: str = ""
) -> StudySource:
    r"""Read the text of one study.

    Parameters
    ----------
    folder
        Name of the study's folder, ``idr0012-fuchs-cellmorph``; the accession is its first part.
    file, data
        The study text and its content.
    ledger
        Receives the issues, and the account of every cell.
    source, revision
        Repository and commit that the folder comes from.

    Examples
    --------
    >>> book = Ledger("idr9999")
    >>> file = SourceFile(path="idr9999-study.txt", url="https://example.org/s", sha256="")
    >>> data = b"Study Title\tA title\nScreen Number\t1\nComment[IDR Screen Name]\tidr9999-doe/screenA\n"
    >>> read = read_study("idr9999-doe", file, data, book)
    >>> read.study.title, [component.name for component in read.study.components]
    ('A title', ['screenA'])
    """
    text = parse(data)
    accession = folder.partition("-")[0]
    study = Study(accession=accession, archive="idr", source=source, revision=revision, ledger=ledger)
    study.files.append(file)
    study.text, study.rows = file, text.sections[0].range
    own = SectionReader(text.sections[0], "", file.path, ledger, study.names)
    _fill(study, own)
    _check_numbers(own, text)
    own.settle([f for f in text.findings if f.section == 0])
    sections: dict[str, Section] = {}
    for number, section in enumerate(text.sections[1:], start=1):
        reader = SectionReader(section, "", file.path, ledger, study.names)
        component = _read_component(reader, number, sections)
        sections[component.name] = section
        study.components.append(component)
        reader.settle([f for f in text.findings if f.section == number])
    return StudySource(study, text, sections)


def _fill(study: Study, reader: SectionReader) -> None:
    key = "Comment[IDR Study Accession]"
    if reader.peek(key) == study.accession:
        reader.take(key)
    else:
        reader.reject("accession-mismatch", f"the folder says {study.accession}, which is used", key)
    study.title = reader.take_text("Study Title")
    study.description = reader.take_text("Study Description")
    study.types = reader.terms("Study Type")
    study.organisms = reader.terms("Study Organism")
    study.keywords = tuple(dict.fromkeys(reader.take_all("Study Key Words")))
    study.publications = read_publications(reader)
    study.people = read_people(reader)
    _fill_licence(study, reader)
    study.copyright = reader.take_text("Study Copyright")
    study.publisher = reader.take_text("Study Data Publisher")
    study.released = _release_date(reader)
    study.data_doi = _data_doi(reader, "Study Data DOI")
    study.links = tuple(dict.fromkeys(_links(reader)))


def _fill_licence(study: Study, reader: SectionReader) -> None:
    """Find the licence by its address, else by its name."""
    by_url, by_name = "Study License URL", "Study License"
    url, name = reader.peek(by_url), reader.peek(by_name)
    study.license_text = reader.take(by_name)
    study.license = documents.licence(url, name)
    if not url and not name:
        message = "the study states no licence: add Study License and Study License URL"
        reader.report("licence-missing", message, by_name)
    elif not study.license:
        message = "not a known licence: correct it or add it to mappings/licences.tsv"
        reader.reject("licence-unknown", message, by_url)
        if not url:
            reader.report("licence-unknown", message, by_name)
    elif documents.licence(url) == study.license:
        reader.take(by_url)
    else:
        message = "not the address of a known licence, so the name counts: correct the address"
        reader.reject("licence-unknown", message, by_url)


def _release_date(reader: SectionReader) -> str:
    key = "Study Public Release Date"
    text = reader.peek(key)
    try:
        good = not text or date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if good:
        return reader.take(key)
    reader.reject("date-malformed", "not a date: write it as YYYY-MM-DD", key)
    return ""


def _data_doi(reader: SectionReader, key: str) -> str:
    found = ""
    for row, column in reader.places(key):
        iri = documents.doi(reader.peek(key, column, row))
        if iri and not found:
            reader.take(key, column, row)
            found = iri
        elif not iri and not is_null(reader.peek(key, column, row)):
            reader.reject("doi-malformed", "not a DOI such as 10.17867/10000101", key, column, row)
    return found


def _links(reader: SectionReader) -> Iterator[str]:
    for key in ("Study External URL", "Study Publication Preprint", *_ACCESSIONS):
        for row, column in reader.places(key):
            text = reader.peek(key, column, row)
            preprint = documents.doi(text) if key == "Study Publication Preprint" else ""
            iri = preprint or documents.accession_link(text) or documents.web_page(text)
            if iri:
                reader.take(key, column, row)
                yield iri
            elif not is_null(text):
                reader.reject("link-malformed", "neither an address nor an accession", key, column, row)


def _check_numbers(reader: SectionReader, text: StudyText) -> None:
    for kind, key in (("screen", "Study Screens Number"), ("experiment", "Study Experiments Number")):
        found = sum(section.kind == kind for section in text.sections)
        stated = reader.peek(key)
        if stated and stated != str(found):
            message = f"the file describes {found}, all of them are read: correct the number"
            reader.reject("screens-number-wrong", message, key)


def _read_component(reader: SectionReader, number: int, taken: dict[str, Section]) -> Component:
    section = reader.section
    kind: str = section.kind
    word = kind.capitalize()
    key = f"Comment[IDR {word} Name]"
    name = reader.peek(key).rpartition("/")[2].strip()
    good = bool(_NAME.fullmatch(name)) and name not in taken
    reader.component = name if good else f"{kind}{number}"
    if not good:
        message = f"not a name of its own such as idr0012-fuchs-cellmorph/{kind}A; {reader.component} is used"
        reader.report("component-name-malformed", message, key)
    return Component(
        name=reader.component,
        kind="screen" if kind == "screen" else "experiment",
        title=reader.take(key),
        description=reader.take_text(f"{word} Description"),
        sample_type=reader.take_text(f"{word} Sample Type"),
        imaging_methods=reader.terms(f"{word} Imaging Method"),
        types=tuple(dict.fromkeys(reader.terms("Screen Type") + reader.terms("Screen Technology Type"))),
        library_types=reader.terms("Library Type"),
        organisms=reader.terms(f"{word} Organism"),
        facts=tuple(dict.fromkeys(_facts(reader))),
        data_doi=_data_doi(reader, f"{word} Data DOI"),
        protocols=tuple(_protocols(reader)),
        phenotypes=read_phenotypes(reader),
        rows=section.range,
    )


def _facts(reader: SectionReader) -> Iterator[tuple[str, str]]:
    """Yield what ``mappings/study-keys.tsv`` gives a property of its own."""
    for key in reader.section.rows:
        entry = keys.known().get(key.lower())
        if entry and ":" in entry.property:
            for row, column in reader.places(key):
                if not is_nothing(reader.peek(key, column, row)):
                    yield expand(entry.property), reader.take(key, column, row)


def _protocols(reader: SectionReader) -> list[Protocol]:
    """Return the protocols, column by column; a whole block of rows may be repeated."""
    name, text = "Protocol Name", "Protocol Description"
    parts = (name, text, _PROTOCOL_TYPE.label, _PROTOCOL_TYPE.accession)
    blocks = range(max(len(reader.section.rows.get(key, ())) for key in parts))
    found: list[Protocol] = []
    for row, column in product(blocks, range(reader.width(*parts))):
        description = reader.take(text, column, row)
        if reader.peek(name, column, row) or reader.peek(_PROTOCOL_TYPE.label, column, row):
            kind = reader.term(_PROTOCOL_TYPE, column, row) or Term("")
            label = reader.take(name, column, row)
            if "\n" in label and not description:  # the text stands where the name should be
                label, description = label.partition(":")[0], label
            found.append(Protocol(name=label or kind.label, type=kind, description=description))
        elif description and found:  # a description that was torn in two
            found[-1] = replace(found[-1], description=f"{found[-1].description}\n{description}".strip())
        elif description:
            found.append(Protocol(name="protocol", type=Term(""), description=description))
    return found


def property_iris() -> list[str]:
    """Return the IRIs of all properties that ``Component.facts`` can have.

    Examples
    --------
    >>> property_iris()[0]
    'https://w3id.org/bioimg-kg/ontology#comments'
    """
    return sorted({expand(entry.property) for entry in keys.known().values() if ":" in entry.property})
