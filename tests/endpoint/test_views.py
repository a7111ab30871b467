"""Pages of things: their sections, the same as JSON, and what happens to a section without an answer."""

import asyncio
import csv
import io

import pytest

from bioimg_kg.endpoint.service import Service
from bioimg_kg.endpoint.views.gene import GENE_VIEW
from bioimg_kg.endpoint.views.kinds import VIEWS
from bioimg_kg.endpoint.views.model import Subject
from bioimg_kg.endpoint.views.show import show_all
from bioimg_kg.endpoint.workers.pool import Limits
from bioimg_kg.queries import get_query

HTML = {"Accept": "text/html"}
SGO1 = "http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810"
SECTIONS = [(view.kind, section) for view in VIEWS for section in view.sections]


@pytest.mark.parametrize(("kind", "section"), SECTIONS, ids=lambda x: getattr(x, "key", x))
def test_every_section_names_a_query_and_parameters_that_it_has(kind, section):
    query = get_query(section.query)
    assert query.bind(section.values(Subject("http://example.org/plate/x/well/y")))
    assert section.title


def test_a_gene_page_shows_what_its_queries_answer(examples_service):
    service = examples_service
    page = service.client.get(service.url + "/gene/ENSG00000129810", headers=HTML)
    assert page.status_code == 200
    assert page.url.path == "/gene/ENSG00000129810"
    rows = service.client.get(service.url + "/queries/phenotypes-of-gene.csv", params={"genes": SGO1}).text
    rows = list(csv.DictReader(io.StringIO(rows)))
    assert rows
    for row in rows:
        assert row["words"] in page.text
    assert 'id="reagents"' in page.text
    assert "/queries/phenotypes-of-gene.csv?genes=http" in page.text


def test_the_same_address_leads_programs_to_data(examples_service):
    service = examples_service
    answer = service.client.get(service.url + "/gene/ENSG00000129810", headers={"Accept": "text/turtle"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/view.ttl?iri=")


def test_json_has_all_rows_of_a_section_page_by_page(examples_service):
    service = examples_service
    whole = service.client.get(service.url + "/queries/reagents-of-gene.csv", params={"genes": SGO1}).text
    whole = list(csv.DictReader(io.StringIO(whole)))
    read = []
    while True:
        asked = {"section": "reagents", "limit": 2, "offset": len(read)}
        answer = service.client.get(service.url + "/api/v1/gene/ENSEMBL:ENSG00000129810", params=asked).json()
        (section,) = answer["sections"]
        assert section["total"] == len(whole) > 2
        if not section["rows"]:
            break
        read += section["rows"]
    assert read == [{name: value for name, value in row.items() if value} for row in whole]
    assert answer["page"] == "/gene/ENSEMBL:ENSG00000129810"
    assert answer["kind"] == "gene"


def test_a_thing_without_a_view_has_no_sections(examples_service):
    service = examples_service
    iri = "https://w3id.org/bioimg-kg/graph/meta"
    answer = service.client.get(service.url + "/api/v1/thing", params={"iri": iri}).json()
    assert (answer["iri"], answer["kind"], answer["sections"]) == (iri, "", [])


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/gene/nonsense", 400, "identifier"),
        ("/gene/ENSG99999999999", 404, "nothing is known"),
        ("/gene/ENSG00000129810?section=none", 404, "reagents"),
        ("/gene/ENSG00000129810?limit=-1", 400, "limit"),
        ("/gene/ENSG00000129810?offset=x", 400, "offset"),
        ("/gene/" + "x" * 300, 400, "identifier"),
        ("/thing?iri=not%20an%20iri", 400, "IRI"),
        ("/thing", 400, "iri"),
        ("/plane/x", 400, "kind"),
    ],
)
def test_a_wrong_address_is_explained(examples_service, path, status, word):
    answer = examples_service.client.get(examples_service.url + "/api/v1" + path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert word in answer.json()["detail"]


def test_a_section_without_an_answer_says_why_and_the_page_is_not_kept(example_release):
    async def shown(seconds):
        service = Service(
            example_release.parents[1], Limits(deadline_seconds=seconds), 1 << 20, cache_bytes=1 << 20
        )
        async with service.pool:
            return await show_all(service, GENE_VIEW, Subject(SGO1)), service.cache.used

    (parts, whole), kept = asyncio.run(shown(20))
    assert whole
    assert kept
    assert "This part is not shown" not in "".join(parts)
    (parts, whole), kept = asyncio.run(shown(1e-6))
    contents, *parts = parts
    assert all(f'href="#{section.key}"' in contents for section in GENE_VIEW.sections)
    assert (len(parts), whole, kept) == (len(GENE_VIEW.sections), False, 0)
    assert all("This part is not shown" in part for part in parts)
