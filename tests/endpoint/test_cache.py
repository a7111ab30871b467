"""Answers are named, and not evaluated twice; never is an old one taken for a new one."""

from pathlib import Path

import pytest

from bioimg_kg.endpoint.http.cache import AnswerCache, KeptAnswer, canonical

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ONE = "DESCRIBE <http://example.org/i1>"


def origin(response):
    assert response.status_code == 200, response.text
    return response.headers["cache-status"].removeprefix("bioimg-kg; ")


def test_a_query_is_evaluated_once(service):
    query = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
    first = service.get(query)
    assert origin(first) == "fwd=miss; stored"
    again = [
        service.get(query),
        service.get(query.replace(" {", "  # how often?\n {")),
        service.client.post(service.sparql, data={"query": query}),
    ]
    assert [origin(response) for response in again] == ["hit"] * 3
    assert {response.content for response in again} == {first.content}


@pytest.mark.parametrize(
    "change",
    [
        {"query": COUNT.replace("?o", "?x")},
        {"format": "xml"},
        {"default-graph-uri": "http://example.org/g0"},
        {"named-graph-uri": "http://example.org/g0"},
    ],
)
def test_another_question_has_another_name(service, change):
    first = service.get(COUNT)
    other = service.client.get(service.sparql, params={"query": COUNT, **change})
    assert other.headers["etag"] != first.headers["etag"]
    again = service.client.get(service.sparql, params={"query": COUNT, **change})
    assert (again.headers["etag"], again.content) == (other.headers["etag"], other.content)


def test_relative_iris_are_part_of_the_question(service):
    query = "SELECT (<x> AS ?x) {}"
    local = service.client.get(service.sparql, params={"query": query})
    other = service.client.get(service.sparql, params={"query": query}, headers={"Host": "other.example"})
    assert "other.example" in other.text
    assert local.headers["etag"] != other.headers["etag"]


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID ( )", "now # every time\n ()"])
def test_what_changes_by_itself_is_asked_again(service, function):
    answers = [service.get(f"SELECT ({function} AS ?x) {{}}") for _ in range(2)]
    assert {origin(answer) for answer in answers} == {"fwd=bypass"}
    assert answers[0].text != answers[1].text
    assert answers[0].headers["cache-control"] == "no-store"
    assert "etag" not in answers[0].headers


@pytest.mark.parametrize(
    ("method", "params", "body"),
    [
        ("GET", {"query": ONE}, None),
        ("HEAD", {"query": ONE}, None),
        ("QUERY", {}, ONE),
        ("GET", {}, None),
        ("HEAD", {}, None),
    ],
)
def test_a_client_that_has_the_answer_is_told_so(service, method, params, body):
    def ask(**headers):
        headers["Content-Type"] = "application/sparql-query"
        return service.client.request(method, service.sparql, params=params, content=body, headers=headers)

    first = ask()
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, no-cache"
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', tag.replace("-zstd", "-gzip")):
        same = ask(**{"If-None-Match": known})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == tag
        assert same.headers["vary"] == first.headers["vary"]
        assert same.headers["x-dataset-version"] == "2026.1"
    for unknown in ('"other"', "nonsense", '""', ""):
        assert ask(**{"If-None-Match": unknown}).status_code == 200


def test_encodings_have_names_of_their_own(service):
    query = "SELECT * { ?s ?p ?o }"
    tags = {service.get(query, {"Accept-Encoding": e}).headers["etag"] for e in ("gzip", "br", "identity")}
    assert len(tags) == 3


def test_errors_are_not_kept(service):
    for _ in range(2):
        response = service.get("SELECT * {")
        assert response.status_code == 400
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers


def test_a_new_release_has_new_answers(tmp_path, make_release, start_service):
    folder = tmp_path / "data"
    make_release(folder, "1", quads=100)
    with start_service(folder, workers=1) as service:
        old = service.get(COUNT)
        assert origin(service.get(COUNT)) == "hit"
        description = service.get(headers={"Accept": "text/turtle"})
        make_release(folder, "2", quads=200)
        service.wait_for("2")
        known = {"If-None-Match": old.headers["etag"]}
        new = service.get(COUNT, headers=known)
        assert origin(new) == "fwd=miss; stored"
        assert [answer.json()["results"]["bindings"][0]["n"]["value"] for answer in (old, new)] == [
            "100",
            "200",
        ]
        assert (old.headers["x-dataset-version"], new.headers["x-dataset-version"]) == ("1", "2")
        known = {"Accept": "text/turtle", "If-None-Match": description.headers["etag"]}
        assert '"2"' in service.get(headers=known).text


def test_a_service_may_keep_nothing(data, start_service):
    with start_service(data, workers=1, cache_mb=0) as service:
        assert [origin(service.get(COUNT)) for _ in range(2)] == ["fwd=miss"] * 2
        assert service.get(headers={"Accept": "text/turtle"}).status_code == 200


def test_the_room_has_an_end():
    cache = AnswerCache(max_bytes=800)

    def put(name, size):
        cache.put(name, KeptAnswer(bytes(size), Path("store")))

    for number in range(100):
        put(str(number), 100)
        cache.get("0")
    assert cache.used == 800
    assert cache.get("0") is not None
    assert cache.get("1") is None
    assert cache.get("99") is not None
    put("0", 50)
    assert cache.used == 750
    put("too long", 101)
    assert cache.get("too long") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ASK { ?s ?p (1 .5) }", "ASK { ?s ?p (1.5) }"),
        ("ASK { FILTER(1<=2) }", "ASK { FILTER(1< =2) }"),
        ("ASK { ?s ?p 'a  b' }", "ASK { ?s ?p 'a b' }"),
        ("ASK { ?s ?p '# a' }", "ASK { ?s ?p '# b' }"),
        ("ASK { ?s ?p ?x FILTER(?x<1#>\n) }", "ASK { ?s ?p ?x FILTER(?x<1#>) \n }"),
        ("ASK { FILTER(?x<'>#a'\n) }", "ASK { FILTER(?x<'>#b'\n) }"),
        ("ASK { FILTER(?x<'>  a') }", "ASK { FILTER(?x<'> a') }"),
    ],
)
def test_queries_that_differ_are_not_taken_for_one(one, other):
    assert canonical(one) != canonical(other)


def test_queries_that_differ_in_white_space_are_one():
    texts = [
        "ASK { ?s a <x#y> }",
        " ASK{ ?s a <x#y> }",
        "ASK {\n?s  a\t<x#y> } # all",
        "ASK {#\r?s a <x#y> }\n",
    ]
    assert [canonical(text) for text in texts] == [texts[0], "ASK{ ?s a <x#y> }", texts[0], texts[0]]
