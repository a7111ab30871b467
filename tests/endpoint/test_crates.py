"""The RO-Crates of the service in the eyes of the validator of their community, roc-validator.

It has an environment of its own, because it changes how rdflib loads documents; `make corpus` makes it.
It asks the service for crates and files, and nobody else: the JSON-LD context is the one that the
specification publishes under CC0, as the npm package ro-crate has it.
"""

import copy
import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import pytest

from bioimg_kg.catalog.rocrate import PROFILE, VERSION
from bioimg_kg.release import open_release
from bioimg_kg.vocab import DEFAULT_BASE

CONTEXT = Path(__file__).parents[1] / "clients/node_modules/ro-crate/lib/context.json"
# The base redirects to the service, as w3id.org would; of the rest of the world only the context answers.
CHECK = """
import json, sys
import requests, requests_cache
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.services import validate

given = json.load(sys.stdin)
send = requests.Session.request

def ask(session, method, url, **more):
    url = url.replace(given["base"], given["service"] + "/")
    if url.startswith(given["service"] + "/") and url not in given["texts"]:
        return send(requests.Session(), method, url, **more)
    answer = requests.Response()
    answer.url, answer.status_code = url, 200 if url in given["texts"] else 504
    answer._content = given["texts"].get(url, "").encode()
    answer.headers["Content-Type"] = "application/ld+json"
    return answer

requests.Session.request = requests_cache.CachedSession.request = ask
found = {}
for crate in given["crates"]:
    result = validate(ValidationSettings(
        rocrate_uri=crate,
        profile_identifier="ro-crate-1.2",
        requirement_severity=Severity.REQUIRED,
        enforce_availability=True,
        offline=True,
        cache_path=sys.argv[1],
    ))
    assert result.passed() == (not result.get_issues())
    skipped = sorted(check.name for check in result.skipped_checks)
    issues = [f"{issue.check.identifier} {issue.message}" for issue in result.get_issues()]
    found[crate] = [len(result.executed_checks), skipped, issues]
print("\\n" + json.dumps(found))
"""


@pytest.fixture
def validate(tmp_path):
    """Return a function that says of each crate how many checks were made, which left out, and the issues."""
    python = os.environ.get("BIOIMG_KG_ROC", "")
    if not Path(python).is_file():
        pytest.skip("no Python with the package roc-validator: make corpus installs one (BIOIMG_KG_ROC)")
    if not CONTEXT.is_file():
        pytest.skip("no JSON-LD context of RO-Crate 1.2: make clients installs it")

    def run(service, crates, texts=()):
        given = {
            "service": service.url,
            "base": DEFAULT_BASE,
            "crates": list(crates),
            "texts": {f"{VERSION}/context": CONTEXT.read_text(encoding="utf-8"), **dict(texts)},
        }
        command = [python, "-W", "ignore", "-c", CHECK, str(tmp_path / "cache")]
        done = subprocess.run(
            command,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def addresses(service, accessions):
    """Return where crates are: those of some studies, and that of the release."""
    pages = [f"study/{accession}" for accession in accessions]
    return [f"{service.url}/{page}/ro-crate-metadata.json" for page in (*pages, "catalog")]


NOTHING_TO_CHECK = {
    "Data Entity: REQUIRED resource availability",  # of files in the folder of a crate
    "Data Entity: relative @id for payload files",
    "RO-Crate Website HTML5 doctype",
    "Root Data Entity: REQUIRED value",
}


def test_every_crate_passes_what_is_required_and_its_files_are_there(
    validate, examples_service, example_release
):
    studies = open_release(example_release).manifest["studies"]
    found = validate(examples_service, addresses(examples_service, studies))
    assert len(found) == len(studies) + 1 == 9
    for crate, (checks, skipped, issues) in found.items():
        assert issues == [], crate
        assert checks > 60
        assert set(skipped) <= NOTHING_TO_CHECK


def _descriptor(crate):
    return next(entity for entity in crate["@graph"] if entity["@id"] == "ro-crate-metadata.json")


def _root(crate):
    return next(entity for entity in crate["@graph"] if entity["@id"] == _descriptor(crate)["about"]["@id"])


def _move(crate, address):
    """Give the file of a study another address."""
    file = next(entity for entity in crate["@graph"] if entity["@type"] == "File")
    file["@id"] = _root(crate)["hasPart"][0]["@id"] = address


BROKEN = {
    "no name": (lambda crate: _root(crate).pop("name"), "name"),
    "no description": (lambda crate: _root(crate).pop("description"), "description"),
    "no date": (lambda crate: _root(crate).pop("datePublished"), "datePublished"),
    "date in words": (lambda crate: _root(crate).update(datePublished="last summer"), "datePublished"),
    "no licence": (lambda crate: _root(crate).pop("license"), "license"),
    "no type": (lambda crate: _root(crate).update({"@type": "Thing"}), "Dataset"),
    "no descriptor": (lambda crate: crate["@graph"].remove(_descriptor(crate)), "metadata file descriptor"),
    "about nothing": (lambda crate: _descriptor(crate).pop("about"), "no main entity"),
    "no context": (lambda crate: crate.pop("@context"), "context"),
    "file in a folder": (lambda crate: _move(crate, "idr9001.nq.gz"), "web-based"),
    "file that is not there": (lambda crate: _move(crate, f"{DEFAULT_BASE}none.nq.gz"), "none.nq.gz"),
    "cited as nothing": (lambda crate: _root(crate).update({"cite-as": f"{DEFAULT_BASE}none"}), "cite-as"),
}


def test_a_broken_crate_is_refused_with_the_reason(validate, examples_service):
    whole = examples_service.client.get(addresses(examples_service, ["idr9001"])[0]).json()
    texts = {}
    for name, (spoil, _) in BROKEN.items():
        crate = copy.deepcopy(whole)
        spoil(crate)
        texts[f"{examples_service.url}/{name.replace(' ', '-')}/ro-crate-metadata.json"] = json.dumps(crate)
    found = validate(examples_service, texts, texts)
    said = dict(zip(BROKEN, (" ".join(issues) for _, _, issues in found.values()), strict=True))
    assert {name: said[name] for name, (_, word) in BROKEN.items() if word not in said[name]} == {}


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/ld+json"])
def test_what_a_crate_is_cited_as_leads_to_the_crate(examples_service, accept):
    client, url = examples_service.client, examples_service.url
    crate = client.get(f"{url}/study/idr9001/ro-crate-metadata.json").json()
    cited = _root(crate)["cite-as"].replace(DEFAULT_BASE, f"{url}/")
    found = client.get(cited, headers={"Accept": accept}, follow_redirects=True)
    links = [part for part in found.headers["link"].split(", ") if f'profile="{PROFILE}"' in part]
    assert len(links) == 1
    assert 'rel="describedby"' in links[0]
    target = links[0].partition(">")[0].removeprefix("<")
    assert client.get(urljoin(url, target)).json() == crate
    plate = client.get(f"{cited}/screenA", headers={"Accept": accept}, follow_redirects=True)
    assert PROFILE not in plate.headers["link"]
