"""What pages make of answers, and that it is what the answers say."""

import csv
import io
import re
from html import unescape

import pytest

from bioimg_kg.endpoint.views.doses import strip
from bioimg_kg.endpoint.views.facts import facts
from bioimg_kg.endpoint.views.grid import Column, grid
from bioimg_kg.endpoint.views.matrix import matrix
from bioimg_kg.endpoint.views.tree import MOST, tree
from bioimg_kg.vocab import EXACT_MATCH, LABEL, SEE_ALSO

HTML = {"Accept": "text/html"}
PLACE = "http://example.org/"
PAGES = [
    ("/gene/ENSG00000129810", {"facts", "matrix", "reagents", "orthologues", "similar", "names"}),
    ("/phenotype/CMPO:0000005", {"facts", "narrower", "genes", "studies", "together"}),
    ("/compound/PUBCHEM.COMPOUND:4122", {"facts", "doses", "effects"}),
    ("/taxon/NCBITaxon:9606", {"facts", "studies", "lines", "phenotypes", "narrower"}),
    ("/term/EFO:0001185", {"facts", "studies", "phenotypes", "narrower"}),
    ("/id/study/idr9004/reagent/s45599", {"facts", "targets", "phenotypes"}),
]


def rows_of(service, query, **values):
    text = service.client.get(f"{service.url}/queries/{query}.csv", params=values).text
    return list(csv.DictReader(io.StringIO(text)))


def section(page, key):
    """Return one section of a page."""
    return unescape(page.split(f'<section id="{key}"')[1].split("</section>")[0])


def call(study, term, broader, records=1, gene="1", calls=1):
    return {
        "gene": PLACE + gene,
        "symbol": f"G{gene}",
        "study": study,
        "role": "role",
        "term": PLACE + term,
        "label": term,
        "broader": broader and PLACE + broader,
        "broaderLabel": broader,
        "calls": str(calls),
        "records": str(records),
    }


# -- shapes


def test_a_matrix_has_a_column_per_term_under_one_broader_term():
    """A term below two broader ones stands below that with more terms, once."""
    rows = [
        call("b", "round", "shape", 3),
        call("a", "long", "shape", 400),
        call("a", "round", "cycle", 3),
        call("a", "round", "shape", 3),
    ]
    made = matrix()(rows)
    assert [(group.head.text, [c.text for c in group.columns]) for group in made.groups] == [
        ("shape", ["long", "round"])
    ]
    assert [(head.text, [mark and mark.text for mark in marks]) for head, marks in made.rows] == [
        ("a", ["400", "3"]),
        ("b", [None, "3"]),
    ]
    (_, marks), _ = made.rows
    assert (marks[0].weight, marks[1].weight) == (4, 1)
    assert marks[0].title == "long: 400 records, a"
    assert [[mark and mark.text for mark in marks] for _, marks in made.coarse.rows] == [["2"], ["1"]]


def test_a_matrix_of_several_genes_adds_what_their_studies_say():
    rows = [
        call("a", "round", "shape", 2),
        call("b", "round", "shape", 5),
        call("a", "long", "", 1, gene="2"),
    ]
    made = matrix("gene")(rows)
    assert [(head.text, [mark and mark.text for mark in marks]) for head, marks in made.rows] == [
        ("G1", [None, "7"]),
        ("G2", ["1", None]),
    ]
    assert [group.head.text for group in made.groups] == ["other terms", "shape"]


def test_calls_are_counted_where_a_study_has_no_records():
    ((_, (mark,)),) = matrix()([call("a", "round", "shape", records=0, calls=2)]).rows
    assert (mark.text, mark.title) == ("2", "round: 2 calls, without records, a")


def test_a_matrix_of_nothing_is_empty():
    assert matrix()([]).rows == ()


def test_a_tree_shows_a_term_below_each_of_its_parents_and_ends_in_a_circle():
    def row(term, above, used=1, place="narrower"):
        numbers = {"records": "1", "allRecords": "2", "studies": "1", "allStudies": str(used)}
        return {
            "term": PLACE + term,
            "label": term,
            "place": place,
            "above": above and PLACE + above,
            **numbers,
        }

    rows = [row("a", "", place="asked"), row("b", "a"), row("c", "a"), row("d", "b"), row("d", "c")]
    rows += [row("b", "d"), row("unused", "a", used=0), row("top", "", place="broader")]
    made = tree(rows)
    assert [node.shown.text for node in made.asked.below] == ["b", "c"]
    assert [[node.shown.text for node in child.below] for child in made.asked.below] == [["d"], ["d"]]
    assert made.asked.below[0].below[0].below == []
    assert [shown.text for shown in made.asked.silent] == ["unused"]
    assert [node.shown.text for node in made.above] == ["top"]


def test_a_wide_tree_is_cut_and_says_so():
    numbers = {"place": "narrower", "above": PLACE, "allStudies": "1"}
    rows = [{"term": PLACE, "label": "top", "place": "asked"}]
    rows += [{"term": f"{PLACE}{n}", "label": str(n), **numbers} for n in range(MOST + 7)]
    asked = tree(rows).asked
    assert (len(asked.below), asked.cut) == (MOST, 7)


def test_doses_stand_on_a_logarithmic_axis_and_others_beside_it():
    def dose(micromolar, records=1, phenotypes=""):
        component = "https://w3id.org/bioimg-kg/id/study/idr1/screenA"
        row = {"component": component, "dose": "some", "records": str(records), "phenotypes": phenotypes}
        return {**row, "micromolar": micromolar} if micromolar else row

    made = strip([dose("0.1", 9), dose("1", 1, "round"), dose("10"), dose(""), dose("0")])
    places = sorted(shown.x for shown in made.doses)
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.2)
    assert [text for _, text in made.ticks] == ["0.1 µM", "1 µM", "10 µM"]
    assert [shown.seen for shown in made.doses] == [False, False, True]
    assert made.doses[0].radius > made.doses[1].radius
    assert len(made.rest) == 2
    assert strip([dose("")]).doses == ()


def test_facts_name_an_identifier_once():
    told = [
        (EXACT_MATCH, "http://identifiers.org/ncbigene/151648"),
        (EXACT_MATCH, "https://www.ncbi.nlm.nih.gov/gene/151648"),
        (SEE_ALSO, "http://identifiers.org/hgnc/25088"),
        (LABEL, "SGO1"),
    ]
    rows = [{"aspect": aspect, "value": value, "label": "SGO1"} for aspect, value in told]
    ((name, shown),) = facts(("Elsewhere", (EXACT_MATCH, SEE_ALSO)), ("Absent", (PLACE,)))(rows)
    assert name == "Elsewhere"
    assert [(one.text, one.href) for one in shown] == [
        ("NCBIGene:151648", "https://www.ncbi.nlm.nih.gov/gene/151648"),
        ("hgnc:25088", "http://identifiers.org/hgnc/25088"),
    ]


def test_a_grid_without_a_value_has_an_empty_cell_and_keeps_the_order():
    rows = [{"a": "2", "b": "x"}, {"a": "1"}, {"a": "2", "b": "y"}, {"a": "2", "b": "x"}]
    made = grid(Column("A", "a", kind="number"), Column("B", "b"), by=("a",))(rows)
    assert made.heads == (("A", "number"), "B")
    assert [[[s.text for s in cell] for cell in row] for row in made.rows] == [
        [["2"], ["x", "y"]],
        [["1"], []],
    ]


# -- pages


@pytest.mark.parametrize(("path", "keys"), PAGES, ids=lambda x: x if isinstance(x, str) else "")
def test_a_page_has_its_sections_light_and_without_a_style_of_its_own(examples_service, path, keys):
    service = examples_service
    answer = service.client.get(service.url + path, headers=HTML, follow_redirects=True)
    assert answer.status_code == 200
    assert keys <= set(re.findall(r'<section id="([a-z]+)"', answer.text))
    assert "This part is not shown" not in answer.text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    for key in keys - {"orthologues"}:
        assert "Nothing in this release" not in section(answer.text, key), key
    assert int(answer.headers.get("content-length", 0)) < 60_000
    for target in re.findall(r'<nav class="contents".*?</nav>', answer.text, re.DOTALL)[0].split('href="#')[
        1:
    ]:
        assert f'id="{target.partition(chr(34))[0]}"' in answer.text


def test_numbers_of_a_phenotype_are_those_of_a_recount(examples_service):
    """The broad term has no record of its own; each record counts once, whatever it carries."""
    service = examples_service
    page = service.client.get(service.url + "/phenotype/CMPO:0000005", headers=HTML).text
    rows = rows_of(service, "images-with-phenotype", term="CMPO:0000005")
    records, studies = {row["record"] for row in rows}, {row["study"] for row in rows}
    assert 0 < len(records) < len(rows)
    shown = re.findall(r"<b>([\d,]+)</b> here, <b>([\d,]+)</b> with narrower", section(page, "narrower"))
    assert shown == [("0", str(len(records))), ("0", str(len(studies)))]


def test_a_gene_page_says_under_which_name_a_study_has_it(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/gene/NCBIGene:85441", headers=HTML).text
    names = section(page, "names")
    assert "idr9003" in names
    assert "PRIC285" in names
    assert "HELZ2" in page


def test_a_cell_of_the_matrix_leads_to_its_records(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/gene/ENSG00000129810", headers=HTML).text
    marks = re.findall(
        r'<a href="(/queries/records-of[^"]+)" title="([^"]+)">([\d,]+)</a>', section(page, "matrix")
    )
    assert marks
    for href, title, number in marks:
        path, _, asked = href.partition("?")
        answer = service.client.get(f"{service.url}{path}.csv?{asked}").text
        study = title.rpartition(", ")[2]
        if "records" in title.partition(",")[0] and "terms" not in title:
            found = {row["record"] for row in csv.DictReader(io.StringIO(answer)) if row["study"] == study}
            assert len(found) == int(number), title


def test_a_picture_has_its_table_beside_it(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/compound/PUBCHEM.COMPOUND:4122", headers=HTML).text
    doses = section(page, "doses")
    assert "<svg" in doses
    for row in rows_of(service, "compounds-and-doses", compound="PUBCHEM.COMPOUND:4122"):
        assert f"<td>{row['dose']}</td>" in doses
    picture = doses.partition("<details>")[0]
    assert picture.count("<path") + picture.count("<circle") + picture.count("<li>") == 6


def test_a_cell_line_has_an_address_that_tables_lead_to(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/taxon/NCBITaxon:9606", headers=HTML).text
    assert 'href="/term/EFO:0001185"' in section(page, "lines")
    answer = service.client.get(service.url + "/api/v1/term/EFO:0001185").json()
    assert (answer["kind"], answer["page"]) == ("cell-line", "/term/EFO:0001185")


def test_a_reagent_says_whether_the_others_agree(examples_service):
    service = examples_service
    iri = "https://w3id.org/bioimg-kg/id/study/idr9004/reagent/s45599"
    answer = service.client.get(service.url + "/api/v1/thing", params={"iri": iri}).json()
    assert answer["kind"] == "reagent"
    (found,) = [one for one in answer["sections"] if one["key"] == "phenotypes"]
    agree = {(row["words"], row["others"], row["agreeing"]) for row in found["rows"]}
    assert agree == {
        ("delayed or arrested mitosis", "1", "1"),
        ("lobed nuclei", "1", "0"),
        ("nuclei like a bunch of grapes", "1", "0"),
    }
