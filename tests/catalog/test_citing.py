"""Citations: readers of each form find in it what the model has, and the model has all that the graph has."""

import json
import os
import subprocess
from pathlib import Path

import bibtexparser
import pytest
import rispy
import yaml
from bibtexparser import middlewares
from citeproc.source.json import CiteProcJSON
from hypothesis import given, settings
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from bioimg_kg import __version__
from bioimg_kg.catalog.citing.bibtex import bibtex
from bioimg_kg.catalog.citing.cff import cff
from bioimg_kg.catalog.citing.csl import csl_json
from bioimg_kg.catalog.citing.forms import FORMS
from bioimg_kg.catalog.citing.model import Citation, Name, clean
from bioimg_kg.catalog.citing.names import ET_AL, split_names
from bioimg_kg.catalog.citing.ris import ris
from bioimg_kg.catalog.citing.sources import SOFTWARE, release_citations, study_citations, view_citations
from bioimg_kg.catalog.model import Agent, Catalogue, Dataset, Paper, Term
from bioimg_kg.catalog.papers import doi_of
from bioimg_kg.catalog.reading import Reader, read_catalogue
from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import BIKG, SCHEMA

REPO = Path(__file__).resolve().parents[2]
HOME = "https://example.org/"


# ---- what readers find ----


def _said(citation):
    """What the model says; a name is a text if it is literal, or else family, given and suffix."""
    authors = [n.literal or (n.family, n.given, n.suffix) for n in citation.authors]
    number = citation.pubmed or citation.number
    facts = (citation.issued, citation.doi, citation.url, citation.version, citation.publisher)
    return (citation.title, authors, *facts, number, citation.pmc, citation.note)


def _plain(latex):
    latex = latex or ""
    odd = {
        "braceleft": r"\{",
        "braceright": r"\}",
        "asciicircum": "^",
    }  # of which pylatexenc has another idea
    for name, sign in odd.items():
        latex = latex.replace(rf"\text{name}{{}}", sign)
    return LatexNodes2Text(keep_braced_groups=False).latex_to_text(latex, tolerant_parsing=False)


def _bib_name(parts):
    words = [" ".join(words) for words in (parts.von + parts.last, parts.first, parts.jr)]
    if parts.last[0].startswith("{"):
        assert words[1:] == ["", ""]
        return _plain(words[0])
    return "et al." if words == ["others", "", ""] else tuple(map(_plain, words))


def read_bibtex(text):
    names = [middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()]
    library = bibtexparser.parse_string(text, append_middleware=names)
    assert not library.failed_blocks
    for entry in library.entries:
        field = {key: value.value for key, value in entry.fields_dict.items()}
        assert field.get("date", "")[:4] == field.get("year", "")
        texts = [_plain(field.get(key)) for key in ("version", "publisher")]
        number = field.get("pmid") or _plain(field.get("number"))
        yield (
            _plain(field["title"]),
            [_bib_name(name) for name in field.get("author", [])],
            *(field.get(key, "") for key in ("date", "doi", "url")),
            *(*texts, number, field.get("pmcid", ""), _plain(field.get("note"))),
        )


def read_ris(text):
    assert text.endswith("ER  - \r\n")
    assert "\n" not in text.replace("\r\n", "")
    for record in rispy.loads(text):
        kind = {"JOUR", "DATA", "COMP"}
        assert record["type_of_reference"] in kind
        keys = ("date", "doi", "urls", "edition", "publisher", "accession_number", "custom2", "notes")
        values = [record.get(key, "") for key in keys]
        values = [value[0] if isinstance(value, list) else value for value in values]
        values[0] = values[0].replace("/", "-") or record.get("year", "")
        yield (record["title"], record.get("authors", []), *values)


def read_csl(text):
    items = json.loads(text)
    known = CiteProcJSON(items)  # a field that it does not know is a warning, and so an error
    for item in items:
        assert len(known[item["id"]].get("author", [])) == len(item.get("author", []))
        names = [
            n.get("literal") or (n["family"], n["given"], n.get("suffix", "")) for n in item.get("author", [])
        ]
        (date,) = item.get("issued", {"date-parts": [[]]})["date-parts"]
        facts = [item.get(key, "") for key in ("DOI", "URL", "version", "publisher")]
        number = item.get("PMID") or item.get("number", "")
        issued = "-".join(f"{part:02}" for part in date)
        yield (item["title"], names, issued, *facts, number, item.get("PMCID", ""), item.get("note", ""))


def read_cff(text):
    document = yaml.safe_load(text)
    order = [document.get("preferred-citation"), document, *document.get("references", [])]
    for part in filter(None, order):
        others = {entry["value"] for entry in part.get("identifiers", [])}
        more = {key: value for key, _, value in (entry.partition(":") for entry in others) if value}
        accession = {entry for entry in others if ":" not in entry}
        names = [
            n.get("name") or (n["family-names"], n["given-names"], n.get("name-suffix", ""))
            for n in part["authors"]
        ]
        yield (
            *(part["title"], [] if names == ["anonymous"] else names, part.get("date-released", "")),
            *(part.get("doi") or more.get("doi", ""), part.get("url", ""), part.get("version", "")),
            part.get("publisher", {}).get("name", ""),
            more.get("pmid") or part.get("number") or "".join(accession),
            part.get("pmcid") or more.get("pmcid", ""),
            part.get("notes", ""),
        )


def check(citations):
    """All forms say what the model says, in its order."""
    said = [_said(citation) for citation in citations]
    assert list(read_bibtex(bibtex(citations))) == said
    assert list(read_csl(csl_json(citations))) == said

    def joined(entry):  # the parts of a name are one text there
        names = [n if isinstance(n, str) else ", ".join(filter(None, n)) for n in entry[1]]
        return (entry[0], names, *entry[2:])

    assert list(read_ris(ris(citations))) == list(map(joined, said))
    # a citation file is about the first data; it has no place for its publisher
    about = next(n for n, citation in enumerate(citations) if citation.kind != "article")
    first, rest = citations[:1] if about else [], [c for n, c in enumerate(citations) if n not in (0, about)]
    expected = list(map(_said, [*first, citations[about], *rest]))
    place = len(first)
    expected[place] = (*expected[place][:6], "", *expected[place][7:])
    assert list(read_cff(cff(citations))) == expected


# ---- the forms ----

WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Z", "Cn", "Co", "Cf"), exclude_characters="-'`\"?!,"
    ),
    min_size=1,
    max_size=12,
)
TEXTS = st.lists(
    WORDS | st.sampled_from(["{", "}}", "\\", "\\&", "%", "$x_1^2$", "~", "#", "@a{", "ER  -"]),
    min_size=1,
    max_size=5,
)
TITLES = TEXTS.map(" ".join).map(clean).filter(str.strip)


@settings(deadline=None)
@given(title=TITLES, whole=TITLES, version=TITLES, publisher=TITLES)
def test_no_text_breaks_out_of_its_place(title, whole, version, publisher):
    names = (Name(literal=whole), Name("van der Waals", "J-D", "Jr."), Name("Gö ße", "Å"), ET_AL)
    common = {"version": version, "publisher": publisher, "issued": "2020-02-29"}
    check(
        [
            Citation(
                "a", "article", title, names, pubmed="1", pmc="PMC1", doi="10.1000/a_b%c#d(1)", **common
            ),
            Citation(
                "b",
                "software",
                title,
                (Name(literal="a, b and c"),),
                url="https://example.org/?a=1&b=~_%20",
                **common,
            ),
        ]
    )


def test_addresses_with_braces_stay_in_theirs():
    text = bibtex([Citation("a", "dataset", "t", url="https://x.org/?q=}{\\", doi="10.1000/{")])
    (entry,) = bibtexparser.parse_string(text).entries
    assert (entry["url"], entry["doi"]) == ("https://x.org/?q=%7D%7B%5C", "10.1000/%7B")


def test_what_yaml_would_read_as_something_else_stays_text():
    titles = ["no", "1e3", "2020-01-01", "a: b # c", "- x", "\ufeffx", "x\u2028y", "\U0001f52c", "\x85"]
    for title in titles:
        assert yaml.safe_load(cff([Citation("a", "dataset", title)]))["title"] == title


def test_a_month_or_a_year_alone_is_written_as_that():
    years = [Citation("a", "dataset", "t", issued="2020"), Citation("b", "dataset", "t", issued="2020-05")]
    assert [entry[2] for entry in read_bibtex(bibtex(years))] == ["2020", "2020-05"]
    assert [entry[2] for entry in read_csl(csl_json(years))] == ["2020", "2020-05"]
    assert [entry[2] for entry in read_ris(ris(years))] == ["2020", "2020-05"]


# ---- names ----


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        (" , ;", []),
        ("Fuchs F", [("Fuchs", "F", "")]),
        ("de Boer P, Le Dévédec SE", [("de Boer", "P", ""), ("Le Dévédec", "SE", "")]),
        ("O'Neill P, Ter Horst R.", [("O'Neill", "P", ""), ("Ter Horst", "R.", "")]),
        ("Sivertsson Å, Chipampe N-J", [("Sivertsson", "Å", ""), ("Chipampe", "N-J", "")]),
        ("Nelson Jr. SD, Doe A 3rd", [("Nelson", "SD", "Jr."), ("Doe", "A", "3rd")]),
        ("LI Y, WU ZZ", [("LI", "Y", ""), ("WU", "ZZ", "")]),
        ("Smith, J., Doe, A. B.", [("Smith", "J.", ""), ("Doe", "A. B.", "")]),
        ("Smith, John; Doe, Jane; The Team", [("Smith", "John", ""), ("Doe", "Jane", ""), "The Team"]),
        ("Huber W & Boutros M", [("Huber", "W", ""), ("Boutros", "M", "")]),
        ("Fuchs F, Pau G, and Huber W", [("Fuchs", "F", ""), ("Pau", "G", ""), ("Huber", "W", "")]),
        ("Fuchs F, Pau G et al.", [("Fuchs", "F", ""), ("Pau", "G", ""), "et al."]),
        ("Ali HR, CRUK IMAXT Grand Challenge Team", [("Ali", "HR", ""), "CRUK IMAXT Grand Challenge Team"]),
        ("Institute of Art and Science", ["Institute of Art and Science"]),
        ("Anne Carpenter, Shantanu Singh", ["Anne Carpenter", "Shantanu Singh"]),
        ("Smith, John, Doe, Jane", ["Smith, John, Doe, Jane"]),
        ("Smith, John A, Doe, Jane B", ["Smith, John A, Doe, Jane B"]),
        ("Madonna", ["Madonna"]),
        ("G\x9ahlmann HWH", [("G\ufffdhlmann", "HWH", "")]),
    ],
)  # fmt: skip
def test_lists_of_authors_are_split_where_they_say_how(text, names):
    assert [n.literal or (n.family, n.given, n.suffix) for n in split_names(text)] == names


@settings(deadline=None)
@given(st.text(max_size=80) | st.text("AbC ,;.&-and", max_size=80))
def test_no_list_of_authors_loses_a_letter(text):
    def letters(parts):
        return sorted(sign for part in parts for sign in part if sign.isalnum() or sign == "\ufffd")

    found = [part for n in split_names(text) for part in (n.family, n.given, n.suffix, n.literal)]
    lost = len(letters([clean(text)])) - len(letters(found))
    words = clean(text).replace("&", " and ").split(" and ")
    assert lost in range(3 * len(words)), "only the word between two names may go"
    if "and" not in text and "et" not in text:
        assert lost == 0


def test_a_very_long_text_is_no_trouble():
    text = "Aa " * 100_000
    assert split_names(text) == (Name(literal=clean(text)),)


# ---- what is cited ----

STUDY = Dataset(
    "https://w3id.org/x/id/study/idr0001",
    "idr0001",
    "A title",
    "A description",
    published="2020-02-03",
    license="https://creativecommons.org/licenses/by/4.0/",
    authors=[
        Agent("Ann Example", "https://orcid.org/0000-0001-5105-5915"),
        Agent("Bo", "https://x/person/2"),
    ],
    same_as=["https://doi.org/10.17867/1", "https://identifiers.org/idr:0001"],
    same_parts=[Term("https://doi.org/10.17867/1a", "screenA"), Term("https://example.org/s", "screenB")],
    papers=[Paper(["https://doi.org/10.1000/x%3Cy"], "Paper", "Pau G")],
)
CATALOGUE = Catalogue(Path("/nowhere"), "2026.1", "2026-11-20", datasets=[STUDY])


def test_papers_come_first_then_data_then_the_archive_then_the_release():
    citations = study_citations(STUDY, CATALOGUE, HOME)
    facts = [(c.kind, c.doi, c.number, c.version) for c in citations]
    assert facts == [
        ("article", "10.1000/x<y", "", ""),
        ("dataset", "10.17867/1", "idr0001", ""),
        ("dataset", "10.17867/1a", "", ""),
        ("dataset", "", "", "2026.1"),
    ]
    assert citations[1].url == "https://identifiers.org/idr:0001"
    check(citations)
    orcids = [author.get("orcid") for author in yaml.safe_load(cff(citations))["authors"]]
    assert orcids == ["https://orcid.org/0000-0001-5105-5915", None]


def test_nothing_is_invented_for_a_paper_of_which_nothing_is_known():
    papers = [Paper(["https://pubmed.ncbi.nlm.nih.gov/7/"]), Paper((), "", "", ["Pau G", "Fuchs F, Huber W"])]
    bare = Dataset("https://w3id.org/x/id/study/a", "a", "A title", "A description", papers=papers)
    first, second, data, _ = study_citations(bare, Catalogue(Path("/nowhere"), "1"), HOME)
    assert (first.pubmed, first.authors, first.issued, first.doi) == ("7", (), "", "")
    assert second.authors == ()
    assert second.note == "Authors of papers of this study: Pau G; Fuchs F, Huber W"
    assert data.url == bare.iri
    check([first, second, data])


def test_a_view_is_cited_with_its_address_after_what_it_is_about():
    alone = view_citations("A question", f"{HOME}queries/a?b=1", None, CATALOGUE, HOME)
    assert (alone[0].title, alone[0].url, alone[0].version) == (
        "A question",
        f"{HOME}queries/a?b=1",
        "2026.1",
    )
    about = view_citations("A title", f"{HOME}study/idr0001", STUDY, CATALOGUE, HOME)
    assert about == [*study_citations(STUDY, CATALOGUE, HOME)[:-1], about[-2], alone[-1]]
    check(alone)
    check(about)


def test_the_software_is_cited_as_its_citation_file_says():
    file = yaml.safe_load((REPO / "CITATION.cff").read_text(encoding="utf-8"))
    assert file["title"] == SOFTWARE.title
    assert [author["name"] for author in file["authors"]] == [name.literal for name in SOFTWARE.authors]
    assert (file["version"], str(file["date-released"])) == (__version__, SOFTWARE.issued)
    assert SOFTWARE.license == f"https://spdx.org/licenses/{file['license']}"
    check(release_citations(CATALOGUE, HOME))


# ---- releases ----


def _reads_all(release):
    """Check the citations of all studies, and that all authors and DOIs of the graph are in them."""
    catalogue, reader = read_catalogue(release), Reader(open_readonly(release.store))
    assert catalogue.datasets
    authors = 0
    for study in catalogue.datasets:
        citations = study_citations(study, catalogue, catalogue.graph)
        check(citations)
        assert len({citation.key for citation in citations}) == len(citations)
        people = {reader.text(iri, f"{SCHEMA}name") for iri in reader.links(study.iri, f"{SCHEMA}author")}
        papers = reader.links(study.iri, f"{SCHEMA}citation")
        lists = {text for iri in (study.iri, *papers) for text in reader.texts(iri, f"{BIKG}authorList")}
        written = {word for text in (*people, *lists) for word in clean(text).replace(",", " ").split()}
        names = [
            part for c in citations for n in c.authors for part in (n.family, n.given, n.suffix, n.literal)
        ]
        notes = [citation.note for citation in citations]
        assert written <= {word for part in (*names, *notes) for word in part.replace(",", " ").split()}
        here = {study.iri, *papers, *reader.subjects("https://w3id.org/biolink/vocab/part_of", study.iri)}
        parts = {term.iri for term in study.same_parts}
        links = {*papers, *parts, *(s for iri in here for s in reader.links(iri, f"{SCHEMA}sameAs"))}
        assert {doi_of(iri) for iri in links if doi_of(iri)} <= {citation.doi for citation in citations}
        titles = {clean(text) for iri in papers if (text := reader.text(iri, f"{SCHEMA}name"))}
        assert titles <= {citation.title for citation in citations}
        authors += sum(len(citation.authors) for citation in citations[:-1])
    check(release_citations(catalogue, catalogue.graph))
    return catalogue, authors


def test_all_citations_of_the_examples_say_what_the_graph_says(example_release):
    catalogue, authors = _reads_all(open_release(example_release))
    assert (len(catalogue.datasets), authors > 60) == (8, True)
    several = next(study for study in catalogue.datasets if len(study.papers) == 5)
    numbers = [int(paper.iris[0].rstrip("/").rpartition("/")[2]) for paper in several.papers]
    assert numbers == sorted(numbers)


@pytest.mark.corpus
def test_all_citations_of_the_real_studies_say_what_the_graph_says(full_release):
    catalogue, authors = _reads_all(open_release(full_release))
    assert len(catalogue.datasets) >= 109
    assert authors >= 1300
    _valid_files(study_citations(study, catalogue, HOME) for study in catalogue.datasets)


CHECK = """
import json, sys
from cffconvert import Citation
for number, text in enumerate(json.load(sys.stdin)):
    Citation(text).validate()
    print(number)
"""


def _valid_files(lists):
    """Let cffconvert, which pins old packages and so has an environment of its own, check citation files."""
    python = os.environ.get("BIOIMG_KG_CFFCONVERT", "")
    if not Path(python).is_file():
        pytest.skip("cffconvert is not installed: make corpus installs it")
    texts = [cff(citations) for citations in lists]
    assert texts
    done = subprocess.run(
        [python, "-c", CHECK], input=json.dumps(texts), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == len(texts)


def test_citation_files_keep_to_the_schema(example_release):
    catalogue = read_catalogue(open_release(example_release))
    lists = [study_citations(study, catalogue, HOME) for study in catalogue.datasets]
    odd = Citation(
        "a", "article", "t", doi="10.1000/a<b>", pmc="PMC12", url="ftp:x", license="none", issued="2020"
    )
    _valid_files([*lists, release_citations(catalogue, HOME), [odd, SOFTWARE]])


def test_each_form_has_its_media_type_once():
    assert len({form.media_type for form in FORMS}) == len({form.suffix for form in FORMS}) == len(FORMS) == 4
