"""Plate maps, and the pages of studies, components, plates and records: they show what the tables say."""

import csv
import io
import re
from collections import Counter

import pytest
from pyoxigraph import NamedNode

from bioimg_kg.endpoint.views.plate import arrange_plate
from bioimg_kg.queries import get_query
from bioimg_kg.store import open_readonly

HTML = {"Accept": "text/html"}
STUDY = "https://w3id.org/bioimg-kg/id/study/idr9004"
PLATE = f"{STUDY}/screenA/plate/MIT-EX-1"


def wells(*names, **more):
    return [{"record": f"https://w3id.org/bioimg-kg/id/study/s/well/{n}", "name": n, **more} for n in names]


@pytest.mark.parametrize(
    ("names", "rows", "columns"),
    [
        (["A1", "H12"], 8, 12),
        (["A01", "P24"], 16, 24),
        (["AF48"], 32, 48),
        (["AG1"], 33, 1),
        (["A49"], 1, 49),
        (["i13"], 16, 24),
    ],
)
def test_a_map_has_the_size_of_a_plate_that_is_sold_or_of_its_wells(names, rows, columns):
    found = arrange_plate(wells(*names))
    assert (len(found.rows), len(found.columns)) == (rows, columns)
    assert [well.name for well in found.wells] == names
    assert all(0 < w.x < found.width and 0 < w.y < found.height for w in found.wells)


@pytest.mark.parametrize("names", [[], ["image 1.tif"], ["A1", "field 2"], ["A0"], ["A100"], ["1A"]])
def test_what_is_no_plate_has_no_map(names):
    assert arrange_plate(wells(*names)) is None


def test_row_27_is_aa():
    assert arrange_plate(wells("AA1")).rows[26] == ("AA", 270)


def test_a_well_is_drawn_by_what_matters_most():
    rows = [
        *wells("A1", phenotypes="large", control="negative", genes="X"),
        *wells("A2", control="negative", genes="X"),
        *wells("A3", treatments="10 uM"),
        *wells("A4"),
    ]
    found = arrange_plate(rows)
    assert [well.kind for well in found.wells] == ["phenotype", "control", "treated", "other"]
    assert found.wells[0].title == "A1: negative; X; large"
    assert found.counts == [("phenotype", 1), ("control", 1), ("treated", 1), ("other", 1)]


def _csv(service, query, **values):
    text = service.client.get(f"{service.url}/queries/{query}.csv", params=values).text
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_of_a_plate_draws_every_well_once(examples_service, read_page):
    service = examples_service
    page = service.client.get(
        service.url + "/id/study/idr9004/screenA/plate/MIT-EX-1.html", headers=HTML
    ).text
    rows = _csv(service, "records-of-plate", plate=PLATE)
    titles = re.findall(r"<title>([^<:]*)", page.split("<svg")[1])
    assert sorted(titles) == sorted(row["name"] for row in rows)
    drawn = len(re.findall(r'<circle [^>]*class="phenotype"', page))
    assert drawn == sum(bool(row["phenotypes"]) for row in rows) > 0


def test_the_page_of_a_study_shows_its_parts_phenotypes_and_protocols(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/study/idr9004", headers=HTML).text
    phenotypes = _csv(service, "phenotypes-of-study", study=STUDY)
    assert phenotypes
    for row in phenotypes:
        assert row["words"] in page
    for row in _csv(service, "components-of-study", study=STUDY):
        assert row["component"].removeprefix("https://w3id.org/bioimg-kg") in page
    assert page.count("<details><summary>") >= len(_csv(service, "protocols-of-study", study=STUDY)) > 0


def test_the_page_of_a_well_says_what_was_done_and_seen_and_shows_its_plate(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/id/study/idr9004/screenA/plate/MIT-EX-1/well/C5", headers=HTML)
    assert page.status_code == 303
    page = service.client.get(service.url + page.headers["location"]).text
    record = f"{PLATE}/well/C5"
    for row in _csv(service, "phenotypes-of-record", record=record):
        assert row["words"] in page
    treatments = _csv(service, "treatments-of-record", record=record)
    assert treatments
    for row in treatments:
        assert row["symbol"] in page
    assert "<svg" in page


@pytest.mark.corpus
def test_counts_of_components_and_plates_equal_the_records_of_the_real_studies(full_release):
    """Counted anew from the statements, without SPARQL."""
    store = open_readonly(full_release / "store")
    part_of = NamedNode("http://purl.org/dc/terms/isPartOf")
    base = "https://w3id.org/bioimg-kg/id/study/"
    for study in ("idr0012", "idr0088", "idr0023"):
        graph = NamedNode(f"https://w3id.org/bioimg-kg/graph/study/{study}")
        parents = {
            q.subject.value: q.object.value for q in store.quads_for_pattern(None, part_of, None, graph)
        }
        records = Counter(parent for parent in parents.values())
        text = get_query("components-of-study").bind({"study": base + study})
        for row in store.query(text, use_default_graph_as_union=True):
            component = row["component"].value
            plates = [p for p, parent in parents.items() if parent == component and p in records]
            assert int(row["containers"].value) == len(plates)
            assert int(row["records"].value) == sum(records[p] for p in plates)
            text = get_query("plates-of-component").bind({"component": component})
            counted = {
                r["plate"].value: int(r["records"].value)
                for r in store.query(text, use_default_graph_as_union=True)
            }
            assert counted == {plate: records[plate] for plate in plates}
