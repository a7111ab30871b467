"""The page of one image: the plane that was asked for, ways to the others, and what it refuses."""

import re
from html import unescape

import pytest

from bioimg_kg.endpoint.pictures.failures import NoSuchPicture
from bioimg_kg.endpoint.pictures.wanted import Wanted
from bioimg_kg.endpoint.views.viewer import view_row

BASE = "https://w3id.org/bioimg-kg/id/study/"
WELL = f"{BASE}idr9004/screenA/plate/MIT-EX-1/well/B5"
ROW = {"record": "https://x.org/1", "name": "one", "copy": "https://x.org/c", "url": "https://x.org/a.zarr"}
SIZES = {"axes": "tczyx", "sizeT": "1", "sizeC": "3", "sizeZ": "9", "sizeY": "512", "sizeX": "2048"}


def wanted(**values):
    return Wanted(**{"size": 1024, "z": None, "t": None, "channels": (), "well": "", "field": 0, **values})


@pytest.fixture(scope="module")
def pictured(pictured_release, start_service):
    with start_service(pictured_release.parent.parent) as running:
        yield running


def ask(service, **params):
    return service.client.get(f"{service.url}/image/view", params=params, headers={"Accept": "text/html"})


def test_the_page_shows_the_plane_and_the_channels_that_were_chosen(pictured):
    answer = ask(pictured, iri=WELL, c=["1"])
    assert answer.status_code == 200
    boxes = re.findall(r'<input type="checkbox" name="c" value="(\d)"( checked)?> (\w+)', answer.text)
    assert boxes == [("0", "", "nuclei"), ("1", " checked", "tubulin")]
    (source,) = re.findall(r'<img class="plane" src="([^"]+)"[^>]* width="96" height="96">', answer.text)
    plane = pictured.client.get(pictured.url + unescape(source))
    assert plane.headers["X-Picture-Shows"].endswith("c=1")


def test_a_form_sends_each_channel_by_itself(pictured):
    page = ask(pictured, iri=WELL, c=["0", "1"]).text
    assert "c=0%2C1" in page
    plane = {"iri": WELL, "c": ["1", "0"]}
    shown = pictured.client.get(f"{pictured.url}/image/plane.png", params=plane).headers["X-Picture-Shows"]
    assert shown.endswith("c=1,0")


@pytest.mark.parametrize(
    ("params", "status", "word"),
    [
        ({"iri": WELL, "z": "x"}, 400, "z: not a whole number"),
        ({"iri": WELL, "copy": "https://x.org/"}, 404, "no such OME-Zarr copy"),
        ({"iri": f"{BASE}none"}, 404, "no such OME-Zarr copy"),
        ({"iri": "<b>"}, 400, "iri: give the IRI"),
    ],
)
def test_what_is_wrong_is_told(pictured, params, status, word):
    answer = ask(pictured, **params)
    assert answer.status_code == status
    assert word in unescape(answer.text)


def test_planes_before_and_after_are_linked():
    viewed = view_row({**ROW, **SIZES}, wanted(z=8, channels=(2,)), "https://x.org/1")
    assert (viewed.width, viewed.height) == (1024, 256)
    assert viewed.plane == "/image/plane.png?iri=https%3A%2F%2Fx.org%2Fc&z=8&c=2"
    (slider,) = viewed.sliders
    assert (slider.axis, slider.count, slider.now) == ("z", 9, 8)
    assert {name: re.search(r"z=(\d)", way)[1] for name, way in slider.ways} == {
        "first": "0",
        "previous": "7",
    }
    assert [way.partition("&z")[2][2:] for _, way in slider.ways] == ["&c=2", "&c=2"]


def test_the_middle_plane_is_the_first_that_is_shown():
    (slider,) = view_row({**ROW, **SIZES}, wanted(), "https://x.org/1").sliders
    steps = {name: re.search(r"z=(\d)", way)[1] for name, way in slider.ways}
    assert steps == {"first": "0", "previous": "3", "next": "5", "last": "8"}
    _, times = view_row({**ROW, **SIZES, "sizeT": "4"}, wanted(), "https://x.org/1").sliders
    assert (times.axis, times.now, [name for name, _ in times.ways]) == ("t", 0, ["next", "last"])


def test_there_is_no_plane_beyond_the_last():
    with pytest.raises(NoSuchPicture, match="z is 0 to 8: there is no 9"):
        view_row({**ROW, **SIZES}, wanted(z=9), "https://x.org/1")


def test_an_image_without_sizes_has_no_sliders():
    viewed = view_row(ROW, wanted(z=4), "https://x.org/1")
    assert (viewed.width, viewed.sliders, viewed.channels) == (0, [], [])
    assert viewed.plane.endswith("&z=4")
