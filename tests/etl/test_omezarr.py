"""Copies of images: what tables and metadata say becomes quads or issues, whatever they hold."""

import csv
import gzip
import json
import random
import re

import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bioimg_kg.errors import SourceError
from bioimg_kg.etl.omezarr.demo import write_demo_image, write_demo_plate
from bioimg_kg.etl.omezarr.find import find_copies
from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.ngff.attributes import Reader, read_image, read_labels, read_plate, read_series, read_well
from bioimg_kg.ngff.places import field_address, open_with, picture_addresses
from bioimg_kg.ngff.stores import lift
from bioimg_kg.resources import data_path

BASE = "https://w3id.org/bioimg-kg/"
HOST = "https://example.org/zarr"
OMERO = "https://idr.openmicroscopy.org/webclient/?show="
BY_NC = "https://creativecommons.org/licenses/by-nc/4.0/"
TABLE = f"""url,written,origin,shape,shards,chunks,dimension_names,license,wells,images
{HOST}/idr9004/MIT-EX-1.ome.zarr,123.0,{OMERO}plate-7,"2,64,64","2,64,64","1,64,64","c,y,x",{BY_NC},2,4
{HOST}/idr9008/Demo cells/demo-cells.zarr,12,{OMERO}image-8,"1,1,1,9,8",,,,CC BY 4.0,,
{HOST}/idr9008/nobody.zarr,,,"5,6",,,"z,y,x",no licence that is known,,
{HOST}/idr9999/x.zarr,,,,,,,,,
not an address,,,,,,,,,
"""


def made(tmp_path, *sources, studies=("idr9004", "idr9008"), name="r"):
    """Build the example studies with copies; return graph and issues."""
    options = BuildOptions(
        sources=[data_path("examples/studies")],
        data=tmp_path / "data",
        studies=studies,
        omezarr=[str(source) for source in sources],
        jobs=1,
        name=name,
    )
    release = build(options)
    triples = set()
    for path in release.path.glob("quads/**/*.nq.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                subject, predicate, rest = line.split(" ", 2)
                name, token = re.split("[#/]", predicate)[-1][:-1], rest[: rest.rindex(" <")]
                triples.add((subject[1:-1], name, token.strip("<>")))
    with release.issues.open(encoding="utf-8", newline="") as stream:
        issues = [row for row in csv.DictReader(stream, delimiter="\t") if row["code"].startswith("omezarr")]
    return triples, issues


def about(triples, subject):
    found = {}
    for s, p, o in triples:
        if s == subject:
            found.setdefault(p, set()).add(o)
    return found


def copies_of(triples, thing):
    return sorted(o for s, p, o in triples if p == "representation" and s == f"{BASE}id/study/{thing}")


def integer(number):
    return {f'"{number}"^^<http://www.w3.org/2001/XMLSchema#integer'}


# -- tables


def test_listed_copies_become_representations(tmp_path):
    table = tmp_path / "idr9004_samples.csv"
    table.write_text(TABLE)
    triples, issues = made(tmp_path, table)
    (plate,) = copies_of(triples, "idr9004/screenA/plate/MIT-EX-1")
    facts = about(triples, plate)
    address = f"{HOST}/idr9004/MIT-EX-1.ome.zarr"
    assert facts["contentUrl"] == {address}
    assert facts["fieldTemplate"] == {f'"{address}/{{row}}/{{column}}/{{field}}"'}
    assert facts["pathStatus"] == {f"{BASE}ontology#ListedPath"}
    assert facts["fieldPathStatus"] == {f"{BASE}ontology#ComputedPath"}
    assert (facts["wellCount"], facts["fieldCount"], facts["byteSize"]) == (
        integer(2),
        integer(2),
        integer(123),
    )
    assert facts["license"] == {"https://creativecommons.org/licenses/by-nc/4.0/"}
    assert (facts["chunkShape"], facts["shardShape"]) == ({'"1,64,64"'}, {'"2,64,64"'})
    assert facts["wasDerivedFrom"] == {f"{BASE}id/source/omezarr/idr9004_samples.csv#row=2"}
    assert about(triples, f"{BASE}id/study/idr9004/screenA/plate/MIT-EX-1")["exactMatch"] == {
        "https://idr.openmicroscopy.org/Plate/7"
    }
    (image,) = copies_of(triples, "idr9008/experimentA/dataset/Demo/image/demo-cells")
    assert about(triples, image)["contentUrl"] == {f"{HOST}/idr9008/Demo%20cells/demo-cells.zarr"}
    (profile,) = about(triples, image)["imageProfile"]
    assert profile.endswith("/1x1x1x9x8-tczyx")
    assert about(triples, profile)["sizeX"] == integer(8)
    codes = {row["code"]: row for row in issues}
    assert codes.keys() == {
        "omezarr-without-record",
        "omezarr-study-not-built",
        "omezarr-address-malformed",
        "omezarr-sizes-malformed",
        "omezarr-licence-differs",
    }
    assert codes["omezarr-study-not-built"]["value"] == "idr9999"
    assert (codes["omezarr-address-malformed"]["line"], codes["omezarr-address-malformed"]["value"]) == (
        "6",
        "not an address",
    )
    (unknown,) = copies_of(triples, "idr9008")
    assert about(triples, unknown)["licenseText"] == {'"no licence that is known"'}


def test_moved_host_is_rewritten_and_the_old_address_kept(tmp_path):
    (tmp_path / "t.csv").write_text(
        "https://uk1s3.embassy.ebi.ac.uk/idr/zarr/v0.4/idr9008A/demo-cells.zarr\n"
    )
    triples, _ = made(tmp_path, tmp_path / "t.csv")
    (copy,) = copies_of(triples, "idr9008/experimentA/dataset/Demo/image/demo-cells")
    facts = about(triples, copy)
    assert facts["contentUrl"] == {"https://livingobjects.ebi.ac.uk/idr/zarr/v0.4/idr9008A/demo-cells.zarr"}
    assert facts["wasRevisionOf"] == {
        "https://uk1s3.embassy.ebi.ac.uk/idr/zarr/v0.4/idr9008A/demo-cells.zarr"
    }
    assert facts["conformsTo"] == {"https://ngff.openmicroscopy.org/0.4/"}


def test_metadata_verifies_what_is_listed(tmp_path):
    image = write_demo_image(tmp_path / "documents")
    for chunk in [p for p in image.rglob("*") if p.is_file() and p.name != "zarr.json"]:
        chunk.unlink()
    (tmp_path / "t.csv").write_text(
        f"url,license,written\n{HOST}/idr9008/experimentA/Demo/demo-cells.ome.zarr,CC0,77\n"
    )
    triples, issues = made(tmp_path, tmp_path / "t.csv", f"{tmp_path}/documents={HOST}/")
    assert [row["code"] for row in issues] == ["omezarr-licence-differs"] * len(issues)
    (copy,) = copies_of(triples, "idr9008/experimentA/dataset/Demo/image/demo-cells")
    facts = about(triples, copy)
    assert facts["pathStatus"] == {f"{BASE}ontology#VerifiedPath"}
    assert facts["byteSize"] == integer(77)
    assert len(facts["channel"]) == 2
    (profile,) = facts["imageProfile"]
    said = about(triples, profile)
    assert said["physicalSizeX"] == {'"0.5"^^<http://www.w3.org/2001/XMLSchema#double'}
    assert said["physicalUnit"] == {"http://purl.obolibrary.org/obo/UO_0000017"}
    assert (said["pixelType"], said["levels"]) == ({'"uint8"'}, integer(2))


def test_a_table_of_something_else_is_an_issue(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    _, issues = made(tmp_path, tmp_path / "t.csv")
    assert [row["code"] for row in issues] == ["omezarr-table-unknown"]


def test_a_copy_that_is_listed_twice_counts_once(tmp_path):
    row = f"{HOST}/idr9008/demo-cells.zarr\n"
    (tmp_path / "t.csv").write_text(row + row)
    triples, issues = made(tmp_path, tmp_path / "t.csv")
    assert len(copies_of(triples, "idr9008/experimentA/dataset/Demo/image/demo-cells")) == 1
    assert [row["code"] for row in issues] == ["omezarr-listed-twice"]


def test_no_such_place(tmp_path):
    with pytest.raises(SourceError, match="no such folder or table"):
        find_copies([str(tmp_path / "none")], BASE, set())


# -- folders


def test_plate_with_metadata_has_its_wells(tmp_path):
    plate = write_demo_plate(tmp_path / "images")
    (plate / "C/4/.zattrs").unlink()
    (plate / "C/4/.zgroup").unlink()
    triples, issues = made(tmp_path, tmp_path / "images")
    (copy,) = copies_of(triples, "idr9004/screenA/plate/MIT-EX-1")
    assert about(triples, copy)["fieldPathStatus"] == {f"{BASE}ontology#VerifiedPath"}
    (well,) = copies_of(triples, "idr9004/screenA/plate/MIT-EX-1/well/B5")
    facts = about(triples, well)
    assert facts["contentUrl"] == {f"{BASE}omezarr/idr9004/screenA/MIT-EX-1.ome.zarr/B/5/0"}
    assert facts["pathStatus"] == {f"{BASE}ontology#VerifiedPath"}
    (computed,) = copies_of(triples, "idr9004/screenA/plate/MIT-EX-1/well/C4")
    assert about(triples, computed)["pathStatus"] == {f"{BASE}ontology#ComputedPath"}
    assert not issues


def test_series_of_bioformats2raw_are_images_of_their_own(tmp_path):
    image = write_demo_image(tmp_path / "images")
    series = image.with_name("two.ome.zarr")
    group = zarr.open_group(series, mode="w", zarr_format=3)
    group.attrs["ome"] = {"version": "0.5", "bioformats2raw.layout": 3}
    image.rename(series / "0")
    triples, _ = made(tmp_path, tmp_path / "images")
    (copy,) = copies_of(triples, "idr9008")
    assert about(triples, copy)["contentUrl"] == {f"{BASE}omezarr/idr9008/experimentA/Demo/two.ome.zarr/0"}


def test_bad_metadata_loses_nothing_else(tmp_path):
    image = write_demo_image(tmp_path / "images")
    document = json.loads((image / "zarr.json").read_text())
    said = document["attributes"]["ome"]
    said["omero"]["channels"][0] |= {"color": "blue", "window": {"start": "x"}}
    said["multiscales"][0]["datasets"][0]["coordinateTransformations"][0]["scale"] = [1, -1]
    (image / "zarr.json").write_text(json.dumps(document))
    triples, issues = made(tmp_path, tmp_path / "images")
    assert {row["code"] for row in issues} == {"omezarr-metadata"}
    assert {row["value"] for row in issues} == {"blue", "x", "[1, -1]"}
    assert all(row["file"].startswith("omezarr/idr9008/") and row["message"] for row in issues)
    (copy,) = copies_of(triples, "idr9008/experimentA/dataset/Demo/image/demo-cells")
    assert len(about(triples, copy)["channel"]) == 2
    (profile,) = about(triples, copy)["imageProfile"]
    assert about(triples, profile)["sizeX"] == integer(256)


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = write_demo_image(tmp_path / "outside")
    (tmp_path / "images/idr9008").mkdir(parents=True)
    (tmp_path / "images/idr9008/demo-cells.zarr").symlink_to(outside)
    assert find_copies([str(tmp_path / "images")], BASE, {"idr9008"}).copies == []


# -- whatever the JSON

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def places(content, at=()):
    yield at
    entries = content.items() if isinstance(content, dict) else ()
    for key, value in enumerate(content) if isinstance(content, list) else entries:
        yield from places(value, (*at, key))


def put(content, at, value):
    for key in at[:-1]:
        content = content[key]
    content[at[-1]] = value


PLATE = {
    "plate": {
        "version": "0.4",
        "rows": [{"name": "B"}],
        "columns": [{"name": "03"}],
        "wells": [{"path": "B/03", "rowIndex": 0, "columnIndex": 0}],
        "field_count": 1,
        "acquisitions": [{"id": 0}],
    },
    "well": {"images": [{"path": "0"}]},
    "labels": ["a"],
    "series": ["0"],
    "version": "0.4",
}


@settings(max_examples=200, deadline=None)
@given(value=ANYTHING, choice=st.randoms(use_true_random=False))
def test_no_attribute_breaks_the_reader(value, choice, demo_attributes):
    for original, readers in (
        (demo_attributes, (read_image,)),
        (PLATE, (read_plate, read_well, read_labels, read_series)),
    ):
        content = json.loads(json.dumps(original))
        put(content, choice.choice([place for place in places(content) if place]), value)
        for read in readers:
            reader = Reader("zarr.json")
            read(content, reader)
            assert all(problem.message and problem.path for problem in reader.problems)


@pytest.fixture(scope="module")
def demo_attributes(tmp_path_factory):
    image = write_demo_image(tmp_path_factory.mktemp("demo"))
    return json.loads((image / "zarr.json").read_text())["attributes"]


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    top = tmp_path_factory.mktemp("stores")
    return [write_demo_image(top), write_demo_plate(top)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANYTHING, seed=st.integers(0, 2**32))
def test_no_document_breaks_lifting(value, seed, stores):
    choice = random.Random(seed)
    store = choice.choice(stores)
    names = ("zarr.json", ".zattrs", ".zarray", ".zgroup")
    documents = sorted(path for name in names for path in store.rglob(name))
    document = choice.choice(documents)
    before = document.read_bytes()
    try:
        content = json.loads(before)
        if inner := [place for place in places(content) if place]:
            put(content, choice.choice(inner), value)
        document.write_text(json.dumps(content))
        lift(store)
        document.write_bytes(before[: choice.randrange(len(before))])
        lifted = lift(store)
        assert lifted.problems or lifted.kind
    finally:
        document.write_bytes(before)


# -- addresses


def test_addresses_of_a_well():
    template = f"{HOST}/P.zarr/{{row}}/{{column}}/{{field}}"
    found = picture_addresses(
        f"{BASE}id/p/ngff/0.5",
        f"{HOST}/P.zarr",
        template=template,
        well="B03",
        field=1,
        service="http://localhost:8000/",
    )
    assert found.zarr == f"{HOST}/P.zarr/B/3/1"
    assert found.thumbnail.startswith("http://localhost:8000/image/thumbnail?iri=")
    assert found.plane.endswith("&well=B03&field=1")
    assert [viewer.name for viewer in found.viewers] == [
        "vizarr",
        "OME-NGFF validator",
        "neuroglancer",
        "itk-vtk-viewer",
        "Vol-E",
        "napari",
    ]
    with pytest.raises(ValueError, match="not the name of a well"):
        field_address(template, "4/11")


def test_local_image_is_addressed_at_the_service():
    found = picture_addresses(f"{BASE}id/x", f"{BASE}omezarr/a.zarr", service="http://localhost:8000")
    assert found.zarr == "http://localhost:8000/omezarr/a.zarr"


def test_commands_are_quoted_for_the_shell():
    command = open_with("https://example.org/a;rm -rf $HOME.zarr")[-1].target
    assert command == "napari --plugin napari-ome-zarr 'https://example.org/a;rm -rf $HOME.zarr'"
