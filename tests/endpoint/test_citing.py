"""The addresses that say how to cite: one scheme, all forms, and views of this service only."""

import json
import re
from urllib.parse import quote

import bibtexparser
import pytest
import rispy
import yaml

from bioimg_kg.catalog.citing.forms import FORMS
from bioimg_kg.endpoint.harvest.citing import MAX_VIEW

HTML = {"Accept": "text/html"}
TYPES = {form.suffix: form.media_type for form in FORMS}


def titles(suffix, text):
    if suffix == "bib":
        return [
            entry["title"].strip("{}").replace(r"\_", "_")
            for entry in bibtexparser.parse_string(text).entries
        ]
    if suffix == "ris":
        return [record["title"] for record in rispy.loads(text)]
    if suffix == "csl.json":
        return [item["title"] for item in json.loads(text)]
    file = yaml.safe_load(text)
    parts = [file.get("preferred-citation"), file, *file.get("references", [])]
    return [part["title"] for part in parts if part]


@pytest.mark.parametrize("path", ["/cite", "/study/idr9001/cite"])
def test_all_forms_have_the_same_and_come_by_address_and_by_media_type(examples_service, path):
    client, url = examples_service.client, examples_service.url
    said = []
    for suffix, media_type in TYPES.items():
        named = client.get(f"{url}{path}.{suffix}")
        negotiated = client.get(f"{url}{path}", headers={"Accept": media_type})
        for response in (named, negotiated, client.get(f"{url}{path}?format={suffix}")):
            assert response.status_code == 200
            assert response.headers["content-type"].partition(";")[0] == media_type
            assert response.headers["access-control-allow-origin"] == "*"
            assert response.content == named.content
        assert negotiated.headers["vary"] == "Accept"
        assert (
            client.head(f"{url}{path}.{suffix}")
            .headers["content-disposition"]
            .startswith("inline; filename=")
        )
        said.append(titles(suffix, named.content.decode()))
    assert said[0] == said[1] == said[2] == said[3]
    assert any("release examples" in title for title in said[0])
    shown = client.get(f"{url}{path}", headers=HTML)
    assert shown.headers["content-type"].startswith("text/html")
    links = re.findall(r'<a href="([^"]+)">Download</a>', shown.text)
    assert links == [f"{path}.{suffix}" for suffix in TYPES]
    for title in said[0]:
        assert title.rstrip(".") in shown.text
    assert client.get(f"{url}{path}", headers={"Accept": "image/png"}).status_code == 406


def test_every_study_says_how_to_cite_it(examples_service, example_release):
    client, url = examples_service.client, examples_service.url
    studies = json.loads((example_release / "manifest.json").read_text())["studies"]
    for accession in studies:
        page = client.get(f"{url}/study/{accession}", headers=HTML).text
        assert f'href="/study/{accession}/cite"' in page
        found = titles("bib", client.get(f"{url}/study/{accession}/cite").text)
        assert len(found) >= 3, "paper, data, release"
    assert client.get(f"{url}/study/idr0000/cite").status_code == 404
    assert 'href="/cite"' in client.get(url, headers=HTML).text
    assert 'href="/cite"' in client.get(f"{url}/catalog", headers=HTML).text


def test_the_answer_of_a_query_leads_to_how_to_cite_it(examples_service):
    client, url = examples_service.client, examples_service.url
    view = "/queries/genes-with-phenotype?term=CMPO%3A0000077"
    page = client.get(f"{url}{view}", headers=HTML).text
    (link,) = re.findall(r'<a href="([^"]+)">Cite this answer', page)
    shown = client.get(f"{url}{link}", headers=HTML)
    assert shown.status_code == 200
    assert f'href="{view}"' in shown.text
    (address,) = (a for a in re.findall(r'<a href="([^"]+)">Download</a>', shown.text) if ".csl.json" in a)
    item, release = client.get(f"{url}{address}").json()
    assert item["URL"] == f"{url}{view}"
    assert item["version"] == release["version"] == "examples"
    assert "Which genes show this phenotype? (term=CMPO:0000077)" in item["title"]
    assert client.get(item["URL"], headers=HTML).text == page


@pytest.mark.parametrize("view", ["/study/idr9001", "/id/study/idr9001", "/id/study/idr9001.ttl"])
def test_a_view_of_a_study_gives_credit_to_its_authors_first(examples_service, view):
    client, url = examples_service.client, examples_service.url
    items = client.get(f"{url}/cite.csl.json", params={"view": view}).json()
    whole = client.get(f"{url}/study/idr9001/cite.csl.json").json()
    assert [item["id"] for item in items[:-2]] == [item["id"] for item in whole[:-1]]
    assert items[-2]["URL"] == f"{url}{view}"
    assert items[-1] == whole[-1]


@pytest.mark.parametrize(
    ("view", "status"),
    [
        ("//example.org/", 400),
        ("https://example.org/", 400),
        ("javascript:alert(1)", 400),
        ("/\\example.org", 400),
        ("\\\\example.org", 400),
        ("/study//example.org", 400),
        ("/study/../sparql", 400),
        ("/study/idr9001\r\nX: y", 400),
        ("/study/idr9001%0d%0aX: y", 400),
        ("/sparql?query=" + "a" * MAX_VIEW, 400),
        ("", 400),
        ("study/idr9001", 400),
        ("/nothing", 404),
        ("/study/idr0000", 404),
        ("/id/study/idr0000", 404),
        ("/queries/nothing", 404),
        ("/cite?view=/cite", 404),
        ("/sparql?query=ASK{}", 200),
        ("/queries/genes-with-phenotype.csv?term=CMPO:0000077", 200),
        ('/study/idr9001?"><script>alert(1)</script>', 200),
    ],
)
def test_only_addresses_of_this_service_are_views(examples_service, view, status):
    client, url = examples_service.client, examples_service.url
    for path in ("/cite", *(f"/cite.{suffix}" for suffix in TYPES)):
        response = client.get(f"{url}{path}?view={quote(view, safe='')}", headers=HTML)
        assert response.status_code == status, path
        assert "location" not in response.headers
        assert "x" not in response.headers
        assert "<script>alert" not in response.text or "html" not in response.headers["content-type"]
        for link in re.findall(r'href="([^"]*)"', response.text) if path == "/cite" else ():
            assert re.match("/(?!/)|#|https?://", link)
            assert "//example.org" not in link.partition("?")[0]
