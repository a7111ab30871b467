"""What the query editor and the page of interfaces get from the service."""

import re


def test_the_suggestions_are_what_the_release_has(examples_service):
    client, url = examples_service.client, examples_service.url
    answer = client.get(f"{url}/sparql/hints.json")
    hints = answer.json()
    for kind, query in (
        ("classes", "SELECT DISTINCT ?x { GRAPH ?g { ?s a ?x } }"),
        ("properties", "SELECT DISTINCT ?x { GRAPH ?g { ?s ?x ?o } }"),
    ):
        rows = examples_service.get(query, format="csv").text.split()[1:]
        assert hints[kind] == sorted(hints[kind])
        assert set(hints[kind]) <= set(rows)
        assert len(hints[kind]) > len(rows) / 2
    assert (
        client.get(f"{url}/sparql/hints.json", headers={"If-None-Match": answer.headers["etag"]}).status_code
        == 304
    )


def test_every_example_of_the_editor_is_a_query_without_gaps(examples_service):
    client, url = examples_service.client, examples_service.url
    hints = client.get(f"{url}/sparql/hints.json").json()
    page = client.get(f"{url}/sparql", headers={"Accept": "text/html"}).text
    assert set(re.findall(r'data-query="([^"]+)"', page)) == hints["queries"].keys()
    for name, text in hints["queries"].items():
        assert "{{" not in text, name
        assert examples_service.get(text, format="json").status_code == 200, name


def test_only_the_editor_may_write_styles_and_it_says_its_limits(examples_service):
    client, url = examples_service.client, examples_service.url
    html = {"Accept": "text/html"}
    editor, home = (client.get(url + path, headers=html) for path in ("/sparql", "/"))
    assert "style-src 'self' 'unsafe-inline'" in editor.headers["content-security-policy"]
    assert "unsafe-inline" not in home.headers["content-security-policy"]
    for page in (editor, home):
        assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "may take 10 s" in editor.text


def test_the_page_of_interfaces_has_every_operation(examples_service):
    client, url = examples_service.client, examples_service.url
    described = client.get(f"{url}/openapi.json").json()
    page = client.get(f"{url}/docs").text
    for path, methods in described["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    anchors = re.findall(r'<section id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors)) == sum(map(len, described["paths"].values()))
    assert f"curl &#39;{url}/sparql&#39;" in page
