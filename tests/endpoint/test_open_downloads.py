"""With --open-downloads, files are those that a build of the open studies alone offers; queries see all."""

import gzip
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bioimg_kg.cli import app
from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLOSED = {
    "idr9002": ("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/", "commercial use"),
    "idr9004": ("CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nd/4.0/", "adapted versions"),
    "idr9008": ("", "", "no licence"),
}


def options(sources, data, **more):
    return BuildOptions(
        sources=[sources],
        data=data,
        ontologies=EXAMPLES / "ontologies",
        reference=EXAMPLES / "reference",
        name="one",
        date="2026-11-20",
        jobs=1,
        **more,
    )


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Return a folder of the example studies, of which three are not open."""
    folder = tmp_path_factory.mktemp("closed") / "studies"
    shutil.copytree(EXAMPLES / "studies", folder)
    for accession, (text, iri, _) in CLOSED.items():
        (path,) = folder.glob(f"{accession}*/*-study.txt")
        old = path.read_text(encoding="latin-1")
        new = re.sub(r"(?m)^(Study License\t).*$", rf"\g<1>{text}", old)
        new = re.sub(r"(?m)^(Study License URL\t).*$", rf"\g<1>{iri}", new)
        assert new != old
        path.write_text(new, encoding="latin-1")
    return folder


@pytest.fixture(scope="module")
def releases(studies, tmp_path_factory):
    """Return a release of all studies of which some are withheld, and one of the others alone."""
    kept = sorted({path.name[:7] for path in studies.iterdir() if path.is_dir()} - CLOSED.keys())
    one, other = tmp_path_factory.mktemp("all"), tmp_path_factory.mktemp("others")
    return build(options(studies, one, open_downloads=True)), build(options(studies, other, studies=kept))


def offered(release):
    files = release.manifest["files"]
    return {file["path"]: (release.path / file["stored"]).read_bytes() for file in files}


def test_what_is_offered_is_what_the_open_studies_alone_would_offer(releases):
    whole, alone = releases
    assert offered(whole) == offered(alone)
    assert not (whole.path / ".offered-store").exists()
    names = {f"study/{accession}.nq.gz" for accession in CLOSED}
    assert not names & offered(whole).keys()
    contents = {
        n: c for n, c in offered(whole).items() if not n.startswith("ontology/bioimg-kg")
    }  # has examples
    text = b"".join(gzip.decompress(c) if n.endswith(".gz") else c for n, c in contents.items())
    # examples of queries name studies, whether they are there or not
    text = b"\n".join(line for line in text.splitlines() if b"/id/example/" not in line)
    for accession in CLOSED:
        assert accession.encode() not in text
        assert (whole.path / "quads" / "study" / f"{accession}.nq.gz").exists()


def test_the_store_holds_all_studies_and_the_manifest_says_what_is_withheld(releases):
    whole, alone = releases
    assert len(open_readonly(whole.store)) == whole.manifest["counts"]["quads"]
    assert whole.manifest["counts"]["studies"] == alone.manifest["counts"]["studies"] + len(CLOSED)
    assert whole.manifest["withheld"].keys() == CLOSED.keys()
    for accession, (_, iri, words) in CLOSED.items():
        said = whole.manifest["withheld"][accession]
        assert said["license"] == iri
        assert words in said["reason"]
    assert alone.manifest["withheld"] == {}


def test_every_face_leaves_the_files_out_and_a_request_is_told_why(releases, start_service):
    whole, _ = releases
    with start_service(whole.path.parent.parent) as service:
        client, url = service.client, service.url
        faces = {
            path: client.get(url + path).text
            for path in (
                *("/downloads", f"/downloads/{whole.name}/SHA256SUMS", "/catalog", "/.well-known/void"),
                *("/catalog/ro-crate-metadata.json", "/catalog/croissant.json", "/catalog/linkset"),
                *("/sitemap.xml", "/study/idr9002", "/study/idr9002/ro-crate-metadata.json"),
                *("/study/idr9002/linkset", "/fdp/dataset/idr9002", "/study/idr9001"),
            )
        }
        for path, text in faces.items():
            assert not [name for name in CLOSED if f"study/{name}.nq.gz" in text], path
        table = client.get(f"{url}/mappings/study-phenotypes.sssom.tsv")
        assert table.content == offered(whole)["mappings/study-phenotypes.sssom.tsv"]
        assert "study/idr9001.nq.gz" in faces["/study/idr9001"]
        for accession, (_, iri, words) in CLOSED.items():
            assert re.search(rf">{accession}</a>: [^<]*{words}", faces["/downloads"])
            assert iri in faces["/downloads"]
            answer = client.get(f"{url}/downloads/{whole.name}/study/{accession}.nq.gz")
            assert answer.status_code == 403
            assert answer.headers["content-type"] == "application/problem+json"
            assert words in answer.json()["detail"]
            for stored in (f"quads/study/{accession}.nq.gz", "manifest.json", "offered/all.nq.gz"):
                assert client.get(f"{url}/downloads/{whole.name}/{stored}").status_code == 404
            study = f"<https://w3id.org/bioimg-kg/id/study/{accession}>"
            assert service.get(f"ASK {{ {study} ?p ?o }}").json()["boolean"]
        assert "excludes commercial use" in faces["/study/idr9002"]
        for file in whole.manifest["files"]:
            answer = client.get(f"{url}/downloads/{whole.name}/{file['path']}")
            assert len(answer.content) == file["bytes"]


def test_a_release_may_have_nothing_to_offer_but_what_says_nothing_of_studies(studies, tmp_path):
    release = build(options(studies, tmp_path, studies=list(CLOSED), open_downloads=True))
    assert release.manifest["withheld"].keys() == CLOSED.keys()
    tables = {f["path"]: f["rows"] for f in release.manifest["files"] if f["path"].startswith("tables/")}
    assert {n for name, n in tables.items() if "dictionary" not in name} == {0}
    assert not [f for f in release.manifest["files"] if f.get("graph", "").startswith("study/")]


def test_without_the_option_all_is_offered(studies, tmp_path):
    release = build(options(studies, tmp_path, studies=["idr9001", "idr9002"]))
    assert release.manifest["withheld"] == {}
    assert "study/idr9002.nq.gz" in offered(release)


def test_the_build_tells_what_is_exported_and_what_is_not(studies, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("bioimg_kg.exports.run.can_write_parquet", lambda: False)
    call = ["build", str(studies), "-o", str(tmp_path), "--jobs", "1", "--open-downloads"]
    result = CliRunner().invoke(app, [*call, "--study", "idr9001", "--study", "idr9002"])
    assert result.exit_code == 0
    assert "tables as CSV only: for Parquet install bioimg-kg[parquet]" in result.stderr
    assert "not to download, by their licence: idr9002" in result.stderr
    release = open_release(tmp_path / "current")
    files = release.manifest["files"]
    megabytes = sum(file["bytes"] for file in files) / 1e6
    assert f"{len(files)} files to download, {megabytes:,.1f} MB; tables: associations" in result.stderr
    assert not [file for file in files if file["path"].endswith(".parquet")]
    told = CliRunner().invoke(app, [*call, "--study", "idr9002", "--json"])
    assert json.loads(told.stdout)["withheld"]["idr9002"]["license"] == CLOSED["idr9002"][1]
