"""Pages over real HTTP: they show what is there, and nothing that comes from outside becomes markup."""

import csv
import io
from html.parser import HTMLParser

import pytest

from bioimg_kg.queries import load_queries

HTML = {"Accept": "text/html"}
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Checker(HTMLParser):
    """Collects links and complains about tags that are not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.labels, self.inputs = [], [], set(), set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"a", "link"}:
            self.links.append(values["href"])
        if tag == "label":
            self.labels.add(values["for"])
        if tag in {"input", "textarea", "select"} and values.get("type") != "hidden":
            self.inputs.add(values["id"])
        if tag == "script" and "src" in values:
            assert values["src"].startswith("/static/")
        elif tag == "script":
            assert values == {"type": "application/ld+json"}  # data, which no browser runs
        assert not any(name.startswith("on") for name in values)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(service, path, status=200, **params):
    response = service.client.get(service.url + path, params=params, headers=HTML, timeout=30)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    checked = Checker(response.text)
    assert checked.labels >= checked.inputs
    return response.text, checked


def test_the_home_page_counts_and_asks_and_all_its_links_lead_somewhere(service):
    text, checked = page(service, "/")
    assert "<strong>600</strong> statements" in text
    assert "<strong>300</strong> images" in text
    for query in load_queries():
        assert f"/queries/{query.name}" in checked.links
    for link in checked.links:
        if link.startswith("/"):
            assert service.client.get(service.url + link, headers=HTML, timeout=30).status_code == 200, link


@pytest.mark.parametrize("query", load_queries(), ids=lambda q: q.name)
def test_every_question_has_a_page_with_its_form_its_text_and_its_downloads(service, query):
    values = {p.name: p.example for p in query.parameters}
    text, checked = page(service, f"/queries/{query.name}", **values)
    assert {f"p-{p.name}" for p in query.parameters} <= checked.inputs
    assert "SPARQL" in text
    downloads = [link for link in checked.links if link.startswith(f"/queries/{query.name}.")]
    assert downloads
    for link in downloads:
        assert service.client.get(service.url + link, timeout=30).status_code == 200, link


def test_a_wrong_value_is_explained_on_the_page_and_in_a_download(service):
    query = next(q for q in load_queries() if any(p.type == "term" for p in q.parameters))
    parameter = next(p.name for p in query.parameters if p.type == "term")
    evil = '"><script>alert(1)</script>'
    text, _ = page(service, f"/queries/{query.name}", 400, **{parameter: evil})
    assert "is not of type term" in text
    response = service.client.get(f"{service.url}/queries/{query.name}.csv", params={parameter: evil})
    assert response.status_code == 400
    assert "is not of type term" in response.json()["detail"]


def test_unknown_pages_are_404(service):
    page(service, "/queries/no-such-question", 404)
    page(service, "/no/such/page", 404)
    name = load_queries()[0].name
    page(service, f"/queries/{name}.exe", 404)
    assert service.client.get(f"{service.url}/nowhere").json()["status"] == 404


def test_the_editor_shows_two_hundred_rows_and_the_number_of_all(service):
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p"
    text, _ = page(service, "/sparql", query=query)
    assert "The first 200 of 600 rows." in text
    assert text.count("<tr>") == 201
    rows = list(csv.reader(io.StringIO(service.get(query, format="csv").text)))
    assert len(rows) == 601


def test_values_are_shown_as_text_and_only_web_addresses_as_links(service):
    query = (
        "SELECT * { VALUES (?a ?b ?c ?d ?e) { (<javascript:alert(1)> '<script>x</script>' "
        "<http://www.ebi.ac.uk/cmpo/CMPO_0000077> 'chat'@fr UNDEF) } }"
    )
    text, checked = page(service, "/sparql", query=query)
    assert "javascript:alert(1)" not in checked.links
    assert "/phenotype/CMPO:0000077" in checked.links
    assert ">CMPO:0000077</a>" in text
    assert "&lt;script&gt;" in text


def test_graphs_truth_values_and_nothing_are_shown_too(service):
    assert "image 1" in page(service, "/sparql", query="DESCRIBE <http://example.org/i1>")[0]
    assert ">Yes<" in page(service, "/sparql", query="ASK { ?s ?p ?o }")[0]
    assert "No rows" in page(service, "/sparql", query="SELECT * { ?s ?s ?s }")[0]


def test_errors_are_pages_for_people(service):
    assert "read-only" in page(service, "/sparql", 403, query="CLEAR ALL")[0]
    text = page(service, "/sparql", 403, query="SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")[0]
    assert "larger than 16 MB" in text
    for headers in (HTML, {}):
        broken = service.client.get(f"{service.sparql}?format=html&query=ASK+%7B+%3Cb%3E", headers=headers)
        assert broken.status_code == 400
        assert "line 1, column 10" in broken.text
        assert "ASK { &lt;b&gt;</textarea>" in broken.text


def test_pages_run_nothing_from_elsewhere(service):
    response = service.client.get(service.url, headers=HTML)
    assert "default-src 'none'" in response.headers["content-security-policy"]
    style = service.client.get(f"{service.url}/static/style.css")
    assert style.status_code == 200
    assert "url(" not in style.text
    assert service.client.get(f"{service.url}/static/../app.py").status_code == 404
