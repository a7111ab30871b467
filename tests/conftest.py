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
