"""Real lists and real metadata documents: everything becomes a copy or an issue, and nothing is lost."""

import json
from collections import Counter

import pytest

from bioimg_kg.etl.omezarr.find import find_copies
from bioimg_kg.ngff.attributes import (
    Reader,
    kind_of,
    ome,
    read_image,
    read_labels,
    read_plate,
    read_series,
    read_well,
)
from bioimg_kg.ngff.stores import lift

pytestmark = pytest.mark.corpus
BASE = "https://w3id.org/bioimg-kg/"
READERS = {
    "image": read_image,
    "plate": read_plate,
    "well": read_well,
    "series": read_series,
    "": read_labels,
}


@pytest.fixture(scope="module")
def studies(shared):
    return {folder.name.partition("-")[0] for folder in (shared / "idr").glob("idr[0-9]*")}


def rows(shared):
    """Count the lines of all tables that name an OME-Zarr group, by plain means."""
    found = Counter()
    for path in (shared / "ngff").rglob("*.csv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            address = next((cell for cell in line.split(",") if cell.strip('"').startswith("https://")), "")
            found[path.name] += ".zarr" in address
    return found


def test_every_row_of_the_lists_is_a_copy_or_an_issue(shared, studies):
    found = find_copies([str(shared / "ngff")], BASE, studies)
    listed = rows(shared)
    copies = Counter(copy.file.rpartition("/")[2] for copy in found.copies)
    lost = Counter()
    for issue in found.issues:
        name = issue.file.rpartition("/")[2]
        if issue.code == "omezarr-study-not-built":
            lost[name] += int(issue.message.split(" ")[0].replace(",", ""))
        elif issue.code == "omezarr-listed-twice":
            lost[name] += 1
    assert {name: copies[name] + lost[name] for name in listed if listed[name]} == {
        name: count for name, count in listed.items() if count
    }
    codes = Counter(issue.code for issue in found.issues)
    assert (sum(listed.values()), len(found.copies)) == (
        2969,
        1826,
    )  # the rest is of studies that are not here
    assert codes.keys() <= {"omezarr-study-not-built", "omezarr-address-malformed", "omezarr-listed-twice"}
    sized = sum(copy.image is not None for copy in found.copies if copy.file.endswith("idr0012_samples.csv"))
    assert sized == 68
    assert all(copy.url.startswith("https://livingobjects.ebi.ac.uk/") for copy in found.copies)


def test_every_real_group_is_lifted(shared):
    kinds, problems = Counter(), {}
    stores = sorted(path for path in (shared / "omezarr").rglob("*.zarr") if path.is_dir())
    for path in stores:
        lifted = lift(path)
        kinds[lifted.kind] += 1
        if lifted.problems:
            problems[path.name] = lifted.problems
        for image in lifted.images.values():
            assert image.datasets
            assert (
                len(image.shape) == len(image.axes) or path.parts[-2] == "idr0050" or "idr0050" in path.parts
            )
    assert kinds == {"plate": 2, "image": 9, "series": 3, "": 1}
    assert all("4995115" in name for name in problems)  # a draft of a later version


def test_every_example_of_the_specification_is_read(shared):
    documents = sorted((shared / "omezarr/spec-examples").rglob("*.json"))
    for path in documents:
        attributes = json.loads(path.read_text(encoding="utf-8"))
        reader = Reader(path.name)
        kind = kind_of(attributes)
        facts = READERS[kind](attributes, reader)
        if kind == "image":
            assert facts.axes, path
        elif kind == "plate":
            assert facts.wells, path
        assert not reader.problems or "omero" in path.name or "image" not in kind, (path, reader.problems)
        assert ome(attributes)
    assert len(documents) == 18


def test_metadata_verifies_listed_copies(shared, studies):
    documents = f"{shared / 'omezarr'}=https://uk1s3.embassy.ebi.ac.uk/idr/zarr"
    found = find_copies([str(shared / "ngff"), documents], BASE, studies)
    verified = [copy for copy in found.copies if copy.status == "VerifiedPath"]
    both = [copy for copy in verified if copy.source]
    assert len(verified) == 13
    names = {"10501752", "6001240_labels", "ExpA_VIP_ASLM_on", "ExpD_chicken_embryo_MIP"}
    assert {copy.name for copy in both} == names
