# ruff: noqa: E501 - a query is read best in one line
"""Federation with other engines, both ways: a small BioStudies-like graph in Oxigraph and in Virtuoso.

The graph has studies with accession, DOI, PubMed identifier and organism, four of them about papers of the
example studies. Virtuoso is the Debian package virtuoso-opensource; `.ci/run` installs it.
"""

import json
import shutil
import subprocess
import time
from contextlib import contextmanager

import httpx
import pytest

JSON = {"accept": "application/sparql-results+json"}
PREFIXES = """
PREFIX b: <http://biostudies.example/>
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX obo: <http://purl.obolibrary.org/obo/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
KNOWN = [  # accession there, accession here, DOI, PubMed identifier, taxon
    ("S-EX1", "idr9001", "10.1016/j.devcel.2014.09.005", "25373780", "4896"),
    ("S-EX2", "idr9003", "10.1038/msb.2010.25", "20531400", "9606"),
    ("S-EX3", "idr9004", "10.1038/nature08869", "20360735", "9606"),
    ("S-EX4", "idr9006", "10.1038/nmeth.4326", "28775673", "10090"),
]
OTHERS = 12_000
"""Studies about other papers: more than the 10,000 rows that Virtuoso sends at most."""


def study(accession, doi, pubmed, taxon, known=None):
    extra = f'; b:imageDataAccession "{known}" ; b:contact [ b:role "author" ]' if known else ""
    return (
        f'<http://biostudies.example/studies/{accession}> a b:Study ; b:accession "{accession}" ; '
        f'b:doi <https://doi.org/{doi}> ; b:pubmed "{pubmed}"^^xsd:string ; '
        f"b:paper <https://pubmed.ncbi.nlm.nih.gov/{pubmed}/> ; b:organism obo:NCBITaxon_{taxon} {extra} .\n"
    )


def turtle():
    mine = [study(accession, *rest, known=known) for accession, known, *rest in KNOWN]
    other = [study(f"S-X{n}", f"10.9999/x.{n}", str(90_000_000 + n), "9606") for n in range(OTHERS)]
    return PREFIXES + "".join(mine + other)


INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 2000
MaxDirtyBuffers = 1500
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 4
[SPARQL]
ResultSetMaxRows = 10000
"""
LOAD = """
DB.DBA.TTLP(file_to_string_output('data.ttl'), '', 'http://biostudies.example/graph');
grant select on DB.DBA.SPARQL_SINV_2 to "SPARQL";
grant execute on DB.DBA.SPARQL_SINV_IMP to "SPARQL";
checkpoint;
"""


@contextmanager
def virtuoso(folder, free_port):
    """Run a Virtuoso of our own with the graph; yields the URL of its endpoint."""
    server, isql = shutil.which("virtuoso-t"), shutil.which("isql-vt") or shutil.which("isql")
    if server is None or isql is None:
        pytest.skip("Virtuoso is not installed (Debian: apt-get install virtuoso-opensource)")
    sql, web = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(INI.format(sql=sql, http=web))
    (folder / "data.ttl").write_text(turtle())
    (folder / "load.sql").write_text(LOAD)
    command = [server, "+foreground", "+configfile", "virtuoso.ini"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            url = f"http://127.0.0.1:{web}/sparql"
            for _ in range(600):
                try:
                    httpx.get(url, params={"query": "ASK {}"}, timeout=5)
                    break
                except httpx.TransportError:
                    assert process.poll() is None, (folder / "virtuoso.log").read_text()
                    time.sleep(0.1)
            load = [isql, f"127.0.0.1:{sql}", "dba", "dba", "load.sql"]
            told = subprocess.run(load, cwd=folder, capture_output=True, text=True, timeout=120, check=True)
            assert "Error" not in told.stdout + told.stderr
            yield url
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module", params=["oxigraph", pytest.param("virtuoso", marks=pytest.mark.corpus)])
def other(request, oxigraph, free_port, tmp_path_factory):
    if request.param == "oxigraph":
        with oxigraph(turtle()) as url:
            yield url
    else:
        with virtuoso(tmp_path_factory.mktemp("virtuoso"), free_port) as url:
            yield url


@pytest.fixture(scope="module")
def ours(example_release, start_service, other):
    with start_service(example_release.parents[1], federate=other, federate_private=1) as service:
        yield service


@pytest.fixture(scope="module")
def unpushed(example_release, start_service, other):
    settings = {"federate_private": 1, "federate_push": 0}
    with start_service(example_release.parents[1], federate=other, **settings) as service:
        yield service


def rows(answer):
    assert answer.status_code == 200, answer.text
    return [{k: v["value"] for k, v in row.items()} for row in answer.json()["results"]["bindings"]]


def ask(url, query):
    return httpx.post(url, data={"query": PREFIXES + query}, headers=JSON, timeout=60)


EXPECTED = {(here, there) for there, here, *_ in KNOWN}


@pytest.mark.parametrize(
    "join",
    [
        "?study schema:citation ?paper . SERVICE <E> { ?other b:doi ?paper ; b:accession ?there }",
        "?study schema:citation ?paper . SERVICE <E> { ?other b:paper ?paper ; b:accession ?there }",
        "SERVICE <E> { ?other b:accession ?there ; b:imageDataAccession ?id }",
        "OPTIONAL { ?study schema:name ?n } SERVICE <E> { ?other b:imageDataAccession ?id ; b:accession ?there }",
        "?study schema:citation ?p . BIND(STRBEFORE(STRAFTER(STR(?p), 'gov/'), '/') AS ?pubmed) "
        "SERVICE <E> { ?other b:pubmed ?pubmed ; b:imageDataAccession ?id ; b:accession ?there }",
        "SERVICE <E> { ?other b:imageDataAccession ?id ; b:accession ?there ; b:contact ?who }",
        "?study obo:RO_0002162 ?t . SERVICE <E> { ?o b:imageDataAccession ?id ; b:organism ?t ; b:accession ?there }",
        "?study schema:citation ?paper . SERVICE <E> { ?other b:doi ?paper } SERVICE <E> { ?other b:accession ?there }",
    ],
)
def test_our_studies_meet_theirs(ours, other, join):
    query = f"SELECT DISTINCT ?id ?there {{ ?study a bikg:Study ; schema:identifier ?id . {join} }}"
    found = rows(ask(ours.sparql, query.replace("<E>", f"<{other}>")))
    assert {(row["id"], row["there"]) for row in found} == EXPECTED


def test_our_genes_meet_their_studies(ours, other):
    query = f"""SELECT DISTINCT ?symbol ?there {{
      ?gene a biolink:Gene ; rdfs:label ?symbol ; bikg:studiedIn ?study . ?study schema:citation ?paper
      OPTIONAL {{ SERVICE <{other}> {{ ?other b:doi ?paper ; b:accession ?there }} }} }}"""
    found = rows(ask(ours.sparql, query))
    assert {"symbol": "ECT2", "there": "S-EX3"} in found
    assert {"symbol": "CBX2"} in found
    assert {row.get("there") for row in found} >= {"S-EX1", "S-EX2", "S-EX3", None}


def received(service, example_release):
    log = (example_release.parents[1].parent / f"server-{service.url.rpartition(':')[2]}.log").read_text()
    found = [json.loads(line) for line in log.splitlines()]
    return sum(line["bytes"] for line in found if line["event"] == "federation")


def test_values_make_the_answer_small_or_possible(ours, unpushed, other, example_release):
    query = f"""SELECT ?id ?doi {{ ?study a bikg:Study ; schema:identifier ?id ; schema:citation ?paper .
      SERVICE <{other}> {{ ?other b:doi ?paper ; b:pubmed ?pubmed ; b:organism ?taxon }} }}"""
    before = received(ours, example_release)
    assert len(rows(ask(ours.sparql, query))) == len(KNOWN)
    pushed = received(ours, example_release) - before
    answer = ask(unpushed.sparql, query)
    if "sends no more than 10,000 rows" in answer.text:
        assert answer.status_code == 502  # Virtuoso cut it, and we say so
    else:
        assert len(rows(answer)) == len(KNOWN)
        assert received(unpushed, example_release) > 1000 * pushed
    assert 0 < pushed < 4000


def test_their_query_can_call_us(ours, other):
    query = f"""SELECT DISTINCT ?there ?name {{ ?other b:imageDataAccession ?id ; b:accession ?there .
      SERVICE <{ours.sparql}> {{ ?study schema:identifier ?id ; schema:name ?name }} }}"""
    found = {(row["there"], bool(row["name"])) for row in rows(ask(other, query))}
    assert found == {(there, True) for there, *_ in KNOWN}


def test_their_query_can_call_us_about_papers(ours, other):
    query = f"""SELECT DISTINCT ?there ?id {{ ?other b:doi ?paper ; b:accession ?there ; b:organism ?taxon
      FILTER(?there IN ('S-EX1', 'S-EX2', 'S-EX3', 'S-EX4', 'S-X1'))
      SERVICE <{ours.sparql}> {{ ?study schema:citation ?paper ; schema:identifier ?id ; obo:RO_0002162 ?taxon }} }}"""
    assert {(row["id"], row["there"]) for row in rows(ask(other, query))} == EXPECTED
