"""Pictures of planes equal those that are computed pixel by pixel; bad requests are told why."""

import importlib.util
import io
import itertools
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

_spec = importlib.util.spec_from_file_location("zarrs", Path(__file__).with_name("zarrs.py"))
zarrs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zarrs)
BASE, OMERO = zarrs.BASE, zarrs.OMERO

KINDS = [("0.4", False), ("0.5", False), ("0.5", True)]
CASES = {
    "-".join([axes, dtype.strip(">"), version, *["sharded"] * sharded, *["omero"] * bool(omero)]): (
        {"axes": axes, "dtype": dtype, "version": version, "sharded": sharded, "omero": omero}
    )
    for axes, dtype, (version, sharded) in itertools.product(
        ("yx", "cyx", "czyx", "tczyx"), ("uint8", ">u2", "float32"), KINDS
    )
    for omero in ([None, OMERO] if "c" in axes and dtype == "uint8" else [None])
}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return the folder of images, and the levels of each."""
    folder = tmp_path_factory.mktemp("images")
    return folder, {name: zarrs.write_image(folder / f"{name}.zarr", **case) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def pictures(images, tmp_path_factory, start_service):
    data = tmp_path_factory.mktemp("pictures") / "data"
    zarrs.release_of(data, {name: f"{BASE}omezarr/{name}.zarr" for name in CASES}, images[0])
    with start_service(data) as running:
        yield running


def get(service, name, path="thumbnail", **params):
    iri = f"{BASE}id/{name}" if "://" not in name else name
    return httpx.get(f"{service.url}/image/{path}", params={"iri": iri, **params}, timeout=60)


def picture(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/png"
    return np.asarray(Image.open(io.BytesIO(answer.content)))


@pytest.mark.parametrize("name", CASES)
def test_thumbnail_equals_the_reference(pictures, images, name):
    case = CASES[name]
    for size in (20, 40, 100):
        found = picture(get(pictures, name, size=size))
        wanted = zarrs.expected(images[1][name], case["axes"], size, omero=case["omero"])
        assert found.shape == wanted.shape
        assert np.array_equal(found, wanted), (size, np.abs(found.astype(int) - wanted).max())


# -- what can be asked for


def test_plane_is_the_one_that_was_asked_for(pictures, images):
    name = "tczyx-uint8-0.5-sharded-omero"
    for z, t, c in ((0, 0, "0"), (2, 1, "1"), (1, 1, "2,0")):
        answer = get(pictures, name, "plane.png", z=z, t=t, c=c)
        channels = [int(part) for part in c.split(",")]
        wanted = zarrs.expected(images[1][name], "tczyx", 1024, z=z, t=t, channels=channels, omero=OMERO)
        assert np.array_equal(picture(answer), wanted)
        assert answer.headers["X-Picture-Shows"] == f"level=0, z={z}, t={t}, c={c}"


def test_iri_of_the_representation_does_as_well(pictures):
    name = "yx-uint8-0.4"
    assert get(pictures, name).content == get(pictures, f"{BASE}id/{name}/ngff").content


def test_answers_can_be_kept(pictures):
    first = get(pictures, "cyx-uint8-0.5")
    tag = {"If-None-Match": first.headers["ETag"]}
    again = httpx.get(first.url, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    head = httpx.head(first.url)
    assert head.headers["Content-Length"] == str(len(first.content))
    assert head.content == b""
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["ETag"] != get(pictures, "cyx-uint8-0.5", size=9).headers["ETag"]


@pytest.mark.parametrize(
    ("params", "status", "word"),
    [
        ({"size": "0"}, 400, "size"),
        ({"size": "99999"}, 400, "size"),
        ({"size": "1e3"}, 400, "size"),
        ({"z": "-1"}, 400, "z"),
        ({"t": "99"}, 404, "t is 0 to 1"),
        ({"z": "3"}, 404, "z is 0 to 2"),
        ({"c": "3"}, 404, "c is 0 to 2"),
        ({"c": "0,0"}, 400, "different"),
        ({"c": "0,1,2,3,4,5,6,7,8"}, 400, "at most 8"),
        ({"c": "x"}, 400, "c: not"),
        ({"well": "../B"}, 400, "well"),
        ({"field": "a"}, 400, "field"),
        ({"iri": "not an IRI"}, 400, "iri"),
        ({"iri": "https://x.org/> } SELECT"}, 400, "iri"),
        ({"iri": ""}, 400, "iri"),
        ({"iri": f"{BASE}id/none"}, 404, "no OME-Zarr copy"),
    ],
)
def test_bad_requests_are_told_what_is_wrong(pictures, params, status, word):
    iri = {"iri": f"{BASE}id/tczyx-uint8-0.5"}
    answer = httpx.get(f"{pictures.url}/image/plane.png", params=iri | params)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert word in answer.json()["detail"]
