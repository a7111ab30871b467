"""What all tests share."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared():
    """Return the folder with the real data, or skip the test."""
    root = Path(__file__).resolve().parents[1]
    path = Path(os.environ.get("BIOIMG_KG_SHARED", root / "../shared")).resolve()
    if not (path / "idr").is_dir():
        pytest.skip(f"no real studies in {path}: set BIOIMG_KG_SHARED to the folder that holds idr/")
    return path


@pytest.fixture(scope="session")
def full_release(shared, tmp_path_factory):
    """Return the folder of a release of all real studies: BIOIMG_KG_RELEASE, or one that is built once."""
    known = os.environ.get("BIOIMG_KG_RELEASE")
    if known:
        return Path(known).resolve()
    from bioimg_kg.etl.pipeline import BuildOptions, build

    options = BuildOptions(
        sources=[shared / "idr"],
        data=tmp_path_factory.mktemp("full"),
        ontologies=shared / "ontologies",
        reference=shared / "reference",
        name="full",
        date="2026-11-20",
    )
    return build(options).path


@pytest.fixture(scope="session")
def example_release(tmp_path_factory):
    """Return the folder of a release of the example studies."""
    from bioimg_kg.etl.pipeline import BuildOptions, build

    examples = Path(__file__).resolve().parents[1] / "examples"
    options = BuildOptions(
        sources=[examples / "studies"],
        data=tmp_path_factory.mktemp("examples"),
        ontologies=examples / "ontologies",
        reference=examples / "reference",
        name="examples",
        date="2026-11-20",
    )
    return build(options).path


@pytest.fixture(scope="session")
def pictured_release(tmp_path_factory):
    """Return the folder of a release of the example studies with the images of the demo."""
    from bioimg_kg.etl.omezarr.demo import write_demo_image, write_demo_plate
    from bioimg_kg.etl.pipeline import BuildOptions, build

    examples = Path(__file__).resolve().parents[1] / "examples"
    images = tmp_path_factory.mktemp("pictured") / "omezarr"
    write_demo_image(images)
    write_demo_plate(images)
    options = BuildOptions(
        sources=[examples / "studies"],
        data=images.with_name("data"),
        ontologies=examples / "ontologies",
        reference=examples / "reference",
        omezarr=[images],
        name="examples",
        date="2026-11-20",
    )
    return build(options).path


@pytest.fixture(scope="session")
def two_releases(example_release, tmp_path_factory):
    """Return a folder of the examples and a later release: a study less, a text and a term changed."""
    from bioimg_kg.etl.pipeline import BuildOptions, build
    from bioimg_kg.release import open_release

    examples = Path(__file__).resolve().parents[1] / "examples"
    folder = tmp_path_factory.mktemp("two")
    sources, data = folder / "studies", folder / "data"
    shutil.copytree(examples / "studies", sources)
    shutil.rmtree(sources / "idr9006-example-histology")
    changes = {
        "idr9001-example-pombeshape": (
            "A small screen of gene deletions",
            "Another screen of gene deletions",
        ),
        "idr9004-example-mitosis": ("CMPO_0000213\tCMPO_0000357", "CMPO_0000213\tCMPO_0000156"),
    }
    for name, (old, new) in changes.items():
        path = sources / name / f"{name[:7]}-study.txt"
        text = path.read_bytes()  # one of them is in another encoding than UTF-8
        assert text.count(old.encode()) == 1
        path.write_bytes(text.replace(old.encode(), new.encode()))
    shutil.copytree(open_release(example_release).path, data / "releases" / "2026.1")
    build(
        BuildOptions(
            sources=[sources],
            data=data,
            ontologies=examples / "ontologies",
            reference=examples / "reference",
            name="2026.2",
            date="2026-12-01",
        )
    )
    return data
