"""What all tests share."""

import os
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
