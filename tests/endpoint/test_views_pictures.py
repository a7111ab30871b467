"""Pictures on the pages of studies, screens, plates, wells and images: what is shown, and what is not."""

import re
from html import unescape

import pytest

from bioimg_kg.endpoint.views.pictures import SHOWN, arrange_pictures

HTML = {"Accept": "text/html"}
PLATE = "idr9004/screenA/plate/MIT-EX-1"
IMAGE = "idr9008/experimentA/dataset/Demo/image/demo-cells"


@pytest.fixture(scope="module")
def pictured(pictured_release, start_service):
    with start_service(pictured_release.parent.parent, public_url="https://kg.example.org") as running:
        yield running


def section(service, thing):
    answer = service.client.get(f"{service.url}/id/study/{thing}", headers=HTML, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    (found,) = re.findall(r'<section id="pictures".*?</section>', answer.text, re.DOTALL)
    return found


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        (PLATE, ["MIT-EX-1", "B5", "C4"]),
        (f"{PLATE}/well/B5", ["B5"]),
        ("idr9004/screenA", ["MIT-EX-1", "B5", "C4"]),
        ("idr9004", ["MIT-EX-1", "B5", "C4"]),
        (IMAGE, ["demo-cells"]),
        ("idr9008/experimentA/dataset/Demo", ["demo-cells"]),
    ],
)
def test_a_page_shows_the_pictures_of_a_thing_and_of_its_parts(pictured, thing, names):
    found = section(pictured, thing)
    assert re.findall(r"<figcaption><a [^>]*>([^<]+)</a>", found) == names
    images = re.findall(r"<img [^>]*>", found)
    assert len(images) == len(names)
    for image, name in zip(images, names, strict=True):
        assert f'alt="{name}, ' in image
        assert 'width="256" height="256" loading="lazy"' in image


def test_every_picture_of_a_page_is_there_and_leads_to_its_page(pictured):
    found = section(pictured, PLATE)
    ways = re.findall(r'<a href="(/image/view[^"]+)"><img src="([^"]+)"', found)
    assert len(ways) == 3
    for way, source in ways:
        answer = pictured.client.get(pictured.url + unescape(source))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        assert pictured.client.get(pictured.url + unescape(way)).status_code == 200


def test_a_copy_is_described_as_its_metadata_has_it(pictured):
    found = section(pictured, f"{PLATE}/well/B5")
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", found))
    assert facts == {
        "Axes and sizes": "c 2, y 96, x 96",
        "Pixel size": "x 0.5, y 0.5 \N{MICRO SIGN}m",
        "Pixels": "uint8",
        "Channels": "nuclei, tubulin",
        "OME-Zarr": "0.4",
        "Address": "verified: its metadata was read",
        "Licence of the study": "CC0 1.0",
    }


def test_other_programs_get_the_public_address(pictured):
    zarr = "https://kg.example.org/omezarr/idr9008/experimentA/Demo/demo-cells.ome.zarr"
    found = section(pictured, IMAGE)
    assert f'<a href="{zarr}"><code>{zarr}</code></a>' in found
    assert f"napari --plugin napari-ome-zarr {zarr}" in found
    for name in ("vizarr", "OME-NGFF validator", "neuroglancer", "itk-vtk-viewer", "Vol-E"):
        assert re.search(rf'<a href="https://[^"]+" rel="external">{name}</a>', found)


def test_without_a_public_address_no_program_is_offered_one_that_it_cannot_reach(
    pictured_release, start_service
):
    with start_service(pictured_release.parent.parent) as service:
        found = section(service, IMAGE)
    assert 'href="/omezarr/idr9008/' in found
    assert "vizarr" not in found
    assert "on this machine" in found


def test_a_well_that_the_plate_was_read_not_to_have_has_no_picture(pictured):
    assert "knows no OME-Zarr copy" in section(pictured, f"{PLATE}/well/C5")


def test_a_release_without_copies_says_so(examples_service):
    assert "knows no OME-Zarr copy" in section(examples_service, PLATE)


def test_pictures_of_an_earlier_release_are_asked_of_it(pictured):
    answer = pictured.client.get(
        f"{pictured.url}/id/study/{IMAGE}?release=examples", headers=HTML, follow_redirects=True
    )
    (image,) = re.findall(r'<img src="(/image/[^"]+)"', answer.text)
    assert image.endswith("&amp;release=examples")


def test_an_image_of_a_host_that_is_not_read_is_told_with_its_address(tmp_path, start_service):
    from bioimg_kg.etl.pipeline import BuildOptions, build
    from bioimg_kg.resources import data_path

    table = tmp_path / "copies" / "idr9008_samples.csv"
    table.parent.mkdir()
    table.write_text("url\nhttps://livingobjects.ebi.ac.uk/idr/zarr/v0.5/idr9008/demo-cells.zarr\n")
    build(
        BuildOptions(sources=[data_path("examples/studies")], data=tmp_path / "data", omezarr=[table], jobs=1)
    )
    with start_service(tmp_path / "data") as service:
        found = section(service, "idr9008")
    with start_service(tmp_path / "data", image_hosts="livingobjects.ebi.ac.uk") as service:
        allowed = section(service, "idr9008")
    assert "<img" not in found
    assert "No picture: this service reads no images from livingobjects.ebi.ac.uk" in found
    assert "<img" in allowed
    for text in (found, allowed):
        assert "<code>https://livingobjects.ebi.ac.uk/idr/zarr/v0.5/idr9008/demo-cells.zarr</code>" in text
        assert "listed: it stands in a table" in text
        assert "vizarr" in text


def test_a_page_has_the_first_pictures_only():
    rows = [
        {"record": f"https://example.org/{n}", "copy": f"c{n}", "url": "https://x.org/a"} for n in range(99)
    ]
    assert [shot.copy for shot in arrange_pictures([*rows, *rows])] == [f"c{n}" for n in range(SHOWN)]
