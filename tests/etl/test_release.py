"""Releases on disk: written aside, renamed when whole, switched in one step."""

import json
import os
import threading
from pathlib import Path

import pytest

from bioimg_kg.errors import ConfigError, ReleaseNotFound
from bioimg_kg.release import (
    current_release,
    free_name,
    list_releases,
    make_current,
    new_release,
    open_release,
)


def write(data, name):
    with new_release(data, name) as folder:
        (folder / "manifest.json").write_text(json.dumps({"name": name}))


def test_a_release_is_current_when_it_is_whole(tmp_path):
    write(tmp_path, "one")
    assert current_release(tmp_path).name == "one"
    with new_release(tmp_path, "two") as folder:
        assert current_release(tmp_path).name == "one"
        assert [r.name for r in list_releases(tmp_path)] == ["one"]
        (folder / "manifest.json").write_text("{}")
    assert current_release(tmp_path).name == "two"
    assert [r.name for r in list_releases(tmp_path)] == ["one", "two"]


def test_the_current_release_stays_the_same_after_a_switch(tmp_path):
    write(tmp_path, "one")
    held = current_release(tmp_path)
    write(tmp_path, "two")
    assert (held.name, held.store) == ("one", tmp_path / "releases" / "one" / "store")
    assert (tmp_path / "current").readlink() == Path("releases/two")


def test_a_data_folder_may_be_moved(tmp_path):
    write(tmp_path / "a", "one")
    (tmp_path / "a").rename(tmp_path / "b")
    assert current_release(tmp_path / "b").name == "one"


def test_an_error_leaves_nothing(tmp_path):
    write(tmp_path, "one")
    with pytest.raises(KeyboardInterrupt), new_release(tmp_path, "two"):
        raise KeyboardInterrupt
    assert [p.name for p in (tmp_path / "releases").iterdir()] == ["one"]
    assert current_release(tmp_path).name == "one"


def test_a_name_is_given_once(tmp_path):
    write(tmp_path, "one")
    with pytest.raises(ConfigError, match="exists"), new_release(tmp_path, "one"):
        pass
    assert current_release(tmp_path).name == "one"


@pytest.mark.parametrize("name", ["", ".hidden", "..", "a/b", "/abs"])
def test_names_that_cannot_be(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot be the name"), new_release(tmp_path, name):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_dead_builds_left_is_removed_and_what_living_ones_write_is_not(tmp_path):
    """A lock tells them apart: it ends with its process, whatever number the next process gets."""
    releases = tmp_path / "releases"
    (releases / f".partial-{os.getpid()}-x" / "quads").mkdir(parents=True)
    (releases / ".partial-foo").mkdir()
    (tmp_path / ".current-1").symlink_to("releases/nothing")
    with new_release(tmp_path, "slow") as slow:
        (slow / "manifest.json").write_text("{}")
        write(tmp_path, "one")
        assert sorted(p.name for p in releases.iterdir()) == sorted([slow.name, "one"])
        assert sorted(p.name for p in tmp_path.iterdir()) == ["current", "releases"]
    assert current_release(tmp_path).name == "slow"


def test_names_come_from_the_date(tmp_path):
    assert free_name(tmp_path, "2026-11-20") == "2026.11.20"
    write(tmp_path, "2026.11.20")
    write(tmp_path, "2026.11.20.2")
    assert free_name(tmp_path, "2026-11-20") == "2026.11.20.3"


def test_a_folder_without_a_release(tmp_path):
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ReleaseNotFound, match="run `bioimg-kg build"):
            open_release(folder)
    assert list_releases(tmp_path) == []


def test_there_is_a_current_release_at_every_moment_of_a_switch(tmp_path):
    write(tmp_path, "one")
    write(tmp_path, "two")
    stop, seen = threading.Event(), set()

    def look():
        while not stop.is_set():
            seen.add(current_release(tmp_path).name)

    reader = threading.Thread(target=look)
    reader.start()
    for n in range(500):
        make_current(tmp_path, ("one", "two")[n % 2])
    stop.set()
    reader.join()
    assert seen <= {"one", "two"}
    assert {p.name for p in tmp_path.iterdir()} == {"releases", "current"}
