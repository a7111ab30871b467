"""The demo's OME-Zarr image, written, built into a release, found by SPARQL and read over HTTP."""

import gzip
import io
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import numpy as np
import pytest
import rdflib
import zarr
from PIL import Image

from bioimg_kg.endpoint.settings import Settings
from bioimg_kg.etl.omezarr.demo import write_demo_image, write_demo_plate
from bioimg_kg.etl.omezarr.find import find_copies
from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.resources import data_path

QUESTION = """
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX schema: <https://schema.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?image ?label ?url ?axes ?width {
  ?image a bikg:Image ; bikg:representation ?copy ; rdfs:label ?label .
  ?copy schema:contentUrl ?url ; bikg:imageProfile ?profile .
  ?profile bikg:axes ?axes ; bikg:sizeX ?width .
}
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("omezarr")
    write_demo_image(folder)
    write_demo_plate(folder)
    return folder


@pytest.fixture(scope="module")
def with_images(images, tmp_path_factory, start_service):
    data = tmp_path_factory.mktemp("with-images") / "data"
    build(
        BuildOptions(sources=[data_path("examples/studies")], data=data, omezarr=[images], jobs=1, name="r1")
    )
    with start_service(data) as running:
        yield running


def test_written_image_reads_back_as_ome_zarr(images):
    plate, found = find_copies([str(images)], "", {"idr9004", "idr9008"}).copies
    assert (found.version, found.image.axes, found.image.shape) == ("0.5", "cyx", (2, 256, 256))
    assert (plate.version, plate.wells[0], plate.problems) == ("0.4", ("B/5", ("0", "1")), ())
    full, half = (zarr.open_array(images / found.path / level, mode="r")[:] for level in ("0", "1"))
    assert np.array_equal(half, full[:, ::2, ::2])
    assert full.max() > 150
    assert full.std() > 10


def test_graph_points_to_the_image_and_the_server_has_it(with_images, images):
    answer = with_images.get(QUESTION, headers={"Accept": "application/sparql-results+json"}).json()
    (row,) = answer["results"]["bindings"]
    assert row["label"]["value"] == "demo-cells"
    assert row["axes"]["value"] == "cyx"
    assert row["width"]["value"] == "256"
    path = row["url"]["value"].removeprefix("https://w3id.org/bioimg-kg")
    document = httpx.get(f"{with_images.url}{path}/zarr.json")
    assert document.json()["attributes"]["ome"]["version"] == "0.5"
    assert document.headers["Access-Control-Allow-Origin"] == "*"
    chunk = httpx.get(f"{with_images.url}{path}/0/c/0/0/0")
    assert chunk.content == (images / "idr9008/experimentA/Demo/demo-cells.ome.zarr/0/c/0/0/0").read_bytes()


@pytest.mark.parametrize(
    ("thing", "size"),
    [
        ("idr9008/experimentA/dataset/Demo/image/demo-cells", 256),
        ("idr9004/screenA/plate/MIT-EX-1", 96),
        ("idr9004/screenA/plate/MIT-EX-1/well/B5", 96),
    ],
)
def test_demo_has_pictures(with_images, thing, size):
    iri = f"https://w3id.org/bioimg-kg/id/study/{thing}"
    answer = httpx.get(f"{with_images.url}/image/thumbnail", params={"iri": iri}, timeout=60)
    assert answer.status_code == 200, answer.text
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (size, size)
    red, green, blue = picture.split()
    assert red.getextrema() == (0, 0)
    assert min(green.getextrema()[1], blue.getextrema()[1]) > 150


def test_demo_image_and_plate_keep_to_the_shapes(images, tmp_path):
    import pyshacl

    made = build(
        BuildOptions(sources=[data_path("examples/studies")], data=tmp_path / "d", omezarr=[images], jobs=1)
    )
    lines = [
        line[: line.rindex(" <")] + " ."
        for path in made.quads.rglob("*.nq.gz")
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
        if path.stem.startswith(("idr9004", "idr9008", "image-profiles"))
    ]
    graph = rdflib.Graph().parse(data="\n".join(lines), format="nt")
    _, report, _ = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(data_path("ontology/shapes.ttl")))
    words = ("copy", "profile", "channel", "field", "chunks", "colour", "pixel")
    messages = {str(m) for m in report.objects(None, rdflib.SH.resultMessage)}
    assert not [m for m in messages if any(word in m.lower() for word in words)]


@pytest.mark.parametrize(
    "path", ["../manifest.json", "%2e%2e/%2e%2e/etc/passwd", "idr9008", "no/zarr.json", "no.zarr/zarr.json"]
)
def test_nothing_but_files_of_the_folder(with_images, path):
    answer = with_images.client.get(f"{with_images.url}/omezarr/{path}")
    assert answer.status_code == 404


def test_release_without_images_has_none(service):
    assert httpx.get(f"{service.url}/omezarr/zarr.json").status_code == 404


def test_image_that_no_record_knows_is_an_issue(tmp_path):
    image = write_demo_image(tmp_path / "images")
    image.rename(image.with_name("stranger.ome.zarr"))
    broken = tmp_path / "images/idr9008/experimentA/Demo/demo-cells.ome.zarr"
    broken.mkdir()
    (broken / "zarr.json").write_text("{}")
    options = BuildOptions(
        sources=[data_path("examples/studies")],
        data=tmp_path / "data",
        omezarr=[tmp_path / "images"],
        studies=["idr9008"],
        jobs=1,
    )
    issues = build(options).issues.read_text()
    assert "omezarr-without-record" in issues
    assert "omezarr-unreadable" in issues


def test_the_commands_of_the_page_print_what_stands_below_them(with_images):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    page = (Path(__file__).resolve().parents[2] / "docs/images.md").read_text(encoding="utf-8")
    ((command, expected),) = re.findall(
        r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL
    )
    script = command.replace("http://127.0.0.1:8000", with_images.url)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.replace("\r", "") == expected


def test_limits_of_the_page_are_settings():
    page = (Path(__file__).resolve().parents[2] / "docs/images.md").read_text(encoding="utf-8")
    named = {name.lower() for name in re.findall(r"BIOIMG_KG_(IMAGE_\w+)", page)}
    assert named
    assert named <= Settings.model_fields.keys()
