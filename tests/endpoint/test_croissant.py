"""The tables of a running service, read by the reference implementation of Croissant."""

import csv
import gzip
import json
import subprocess
import sys

import pytest

from bioimg_kg.exports.columns import TABLES

# In a process of its own: the library leaves log handlers and a cache folder behind, and warns on import.
SCRIPT = """
import itertools, json, sys
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = dataset.metadata.ctx.issues
def text(value):
    if isinstance(value, bool | None):
        return value
    return value.decode() if isinstance(value, bytes) else str(value)
rows = {
    name: [{k.partition("/")[2]: text(v) for k, v in row.items()}
           for row in itertools.islice(dataset.records(name), 20)]
    for name in sys.argv[2:]
}
print(json.dumps({"errors": sorted(issues.errors), "warnings": sorted(issues.warnings), "rows": rows}))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    def run(source, *names):
        home = tmp_path_factory.mktemp("home")
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT, str(source), *names],
            capture_output=True,
            text=True,
            env={"HOME": str(home), "PATH": "/usr/bin"},
            timeout=120,
        )

    return run


def test_croissant_is_valid_and_its_record_sets_load(examples_service, example_release, read):
    names = [table.name for table in TABLES]
    done = read(f"{examples_service.url}/catalog/croissant.json", *names)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    found = json.loads(done.stdout)
    assert (found["errors"], found["warnings"]) == ([], [])
    for name in names:
        with gzip.open(example_release / "tables" / f"{name}.csv.gz", "rt", newline="") as stream:
            rows = [row for row, _ in zip(csv.DictReader(stream), range(20), strict=False)]
        loaded = found["rows"][name]
        assert len(loaded) == len(rows) > 0
        for mine, theirs in zip(loaded, rows, strict=True):
            cells = {k: str(v).lower() if isinstance(v, bool) else v or "" for k, v in mine.items()}
            assert cells == theirs


def test_the_validator_can_complain(examples_service, read, tmp_path):
    document = examples_service.client.get(f"{examples_service.url}/catalog/croissant.json").json()
    document["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "nowhere"
    del document["license"]
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = read(path)
    assert done.returncode != 0
    assert "nowhere" in done.stderr


def test_croissant_names_each_file_as_the_catalogue_does_and_is_linked(examples_service):
    client, url = examples_service.client, examples_service.url
    response = client.get(f"{url}/catalog/croissant.json")
    assert response.headers["content-type"] == "application/ld+json"
    document = response.json()
    sums = client.get(f"{url}/downloads/examples/SHA256SUMS").text
    listed = {tuple(line.split("  ")) for line in sums.splitlines()}
    files = {(file["sha256"], file["@id"]) for file in document["distribution"]}
    assert files == {pair for pair in listed if pair[1].startswith("tables/") and "dictionary" not in pair[1]}
    for file in document["distribution"]:
        assert int(client.head(file["contentUrl"]).headers["content-length"]) == int(file["contentSize"][:-2])
    fields = {f["name"]: f for f in document["recordSet"][0]["field"]}
    assert list(fields) == TABLES[0].header
    html = client.get(f"{url}/catalog", headers={"Accept": "text/html"})
    assert 'href="/catalog/croissant.json"' in html.text
    assert f"<{url}/catalog/croissant.json>" in html.headers["link"]
    assert f"<{url}/catalog/croissant.json>" in client.get(f"{url}/catalog").text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_links_of_the_catalogue_lead_to_its_files_and_back(examples_service):
    from signposting.linkset import find_signposting_linkset

    client, url = examples_service.client, examples_service.url
    found = find_signposting_linkset(f"{url}/catalog/linkset").for_context(f"{url}/catalog")
    sums = client.get(f"{url}/downloads/examples/SHA256SUMS").text.splitlines()
    shared = [line.split("  ")[1] for line in sums if "  study/" not in line]
    assert {str(item.target) for item in found.items} == {f"{url}/downloads/examples/{n}" for n in shared}
    for item in found.items:
        response = client.head(str(item.target))
        assert response.headers["content-type"].partition(";")[0] == str(item.type)
        assert response.headers["link"].startswith(f'<{url}/catalog>; rel="collection"; type="text/html"')
