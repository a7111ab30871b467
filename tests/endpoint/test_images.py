"""The demo's OME-Zarr image, written, built into a release, found by SPARQL and read over HTTP."""

import httpx
import numpy as np
import pytest
import zarr

from bioimg_kg.etl.omezarr import find_images, write_demo_image
from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.resources import data_path

QUESTION = """
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX schema: <https://schema.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?image ?label ?url ?axes ?width {
  ?image bikg:representation ?copy ; rdfs:label ?label .
  ?copy schema:contentUrl ?url ; bikg:imageProfile ?profile .
  ?profile bikg:axes ?axes ; bikg:sizeX ?width .
}
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("omezarr")
    write_demo_image(folder)
    return folder


@pytest.fixture(scope="module")
def with_images(images, tmp_path_factory, start_service):
    data = tmp_path_factory.mktemp("with-images") / "data"
    build(BuildOptions(sources=[data_path("examples/studies")], data=data, omezarr=images, jobs=1, name="r1"))
    with start_service(data) as running:
        yield running


def test_written_image_reads_back_as_ome_zarr(images):
    (found,) = find_images(images)
    assert (found.version, found.axes, found.shape, found.problem) == ("0.5", "cyx", (2, 256, 256), "")
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


@pytest.mark.parametrize("path", ["../manifest.json", "%2e%2e/%2e%2e/etc/passwd", "idr9008", "no/zarr.json"])
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
        omezarr=tmp_path / "images",
        studies=["idr9008"],
        jobs=1,
    )
    issues = build(options).issues.read_text()
    assert "omezarr-without-record" in issues
    assert "omezarr-unreadable" in issues
