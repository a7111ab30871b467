"""Studies out of repositories: bytes as committed, submodules in their revisions, nothing run or outside."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from bioimg_kg.errors import RemoteError, SourceError, Unreachable
from bioimg_kg.fetch import git as git_module
from bioimg_kg.fetch.git import Entry, take, write_study
from bioimg_kg.fetch.inputs import GitInput
from bioimg_kg.fetch.receipts import Receipts
from bioimg_kg.fetch.studies import fetch_studies
from bioimg_kg.fetch.watch import Watch


@pytest.fixture
def world(tmp_path, repositories):
    """A repository with one study of its own and two in submodules, one named by a relative address."""
    _, commit, superproject = repositories
    heads = {}
    own = tmp_path / "remote"
    for name, text in (("idr9101-one", b"Study\tone\r\n"), ("idr9102-two", b"Study\ttwo\n"), ("tool", b"")):
        (own / name / "screenA").mkdir(parents=True)
        (own / name / "screenA" / "a-library.txt").write_bytes(b"Plate\r\nP1\n\xff\n")
        if text:
            (own / name / f"{name.partition('-')[0]}-study.txt").write_bytes(text)
        heads[name] = commit(own / name)
    top = own / "meta"
    (top / "idr9100-zero").mkdir(parents=True)
    (top / "idr9100-zero" / "idr9100-study.txt").write_text("zero\n")
    (top / "README.md").write_text("read me\n")
    addresses = {
        "idr9101-one": own / "idr9101-one",
        "idr9102-two": "../idr9102-two",
        "tool": own / "tool",
    }
    return own, superproject(top, {name: (url, heads[name]) for name, url in addresses.items()})


@pytest.fixture
def fetch(world, tmp_path):
    own, head = world
    one = GitInput("idr", str(own / "meta"), "test", "CC0", head, ("tool",))
    receipts = Receipts(tmp_path / "out")

    def run(**changes):
        return fetch_studies(replace(one, **changes), receipts, Watch())

    run.out = tmp_path / "out"
    return run


def files(folder):
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and ".fetch" not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def test_studies_and_submodules_become_folders(world, fetch, repositories):
    own, head = world
    assert fetch().text == "3 studies in place"
    heads = [repositories[0](own / name, "rev-parse", "HEAD") for name in ("idr9101-one", "idr9102-two")]
    sources = (
        "study\trepository\tcommit\tpath\n"
        f"idr9100-zero\t{own}/meta\t{head}\tidr9100-zero\n"
        f"idr9101-one\t{own}/idr9101-one\t{heads[0]}\t\n"
        f"idr9102-two\t{own}/idr9102-two\t{heads[1]}\t\n"
    )
    assert files(fetch.out) == {
        "idr/SOURCES.tsv": sources.encode(),
        "idr/idr9100-zero/idr9100-study.txt": b"zero\n",
        "idr/idr9101-one/idr9101-study.txt": b"Study\tone\r\n",
        "idr/idr9101-one/screenA/a-library.txt": b"Plate\r\nP1\n\xff\n",
        "idr/idr9102-two/idr9102-study.txt": b"Study\ttwo\n",
        "idr/idr9102-two/screenA/a-library.txt": b"Plate\r\nP1\n\xff\n",
    }


def test_the_pinned_commit_counts_not_the_newest(world, fetch, repositories):
    own, _ = world
    (own / "meta" / "idr9100-zero" / "idr9100-study.txt").write_text("newer\n")
    (own / "idr9101-one" / "idr9101-study.txt").write_text("newer\n")
    repositories[1](own / "idr9101-one")
    repositories[1](own / "meta")
    fetch()
    assert b"newer\n" not in files(fetch.out).values()


def test_a_second_run_needs_no_repository(world, fetch):
    own, _ = world
    assert fetch().fetched
    before = files(fetch.out)
    shutil.rmtree(own)
    again = fetch()
    assert (again.text, again.fetched, again.missing) == ("3 studies in place", False, [])
    assert files(fetch.out) == before
    hidden = {p.parent.name for p in (fetch.out / ".fetch").rglob("*") if p.is_file()}
    assert hidden == {"receipts"}, "no repository is kept"


def test_a_damaged_study_is_fetched_again(fetch):
    fetch()
    before = files(fetch.out)
    (fetch.out / "idr" / "idr9102-two" / "idr9102-study.txt").write_text("damaged")
    (fetch.out / "idr" / "idr9101-one" / "screenA" / "a-library.txt").unlink()
    assert fetch().fetched
    assert files(fetch.out) == before


def test_a_run_that_was_cut_off_starts_cleanly(fetch, world, monkeypatch):
    """Killed in the middle of a clone: half a store with its locks, half a folder."""
    real = git_module.subprocess.run

    def killed(command, **options):
        if "fetch" in command and "idr9102-two" in str(command):
            store = options["cwd"]
            (store / "shallow.lock").write_text("")
            (store / "objects" / "pack").mkdir(parents=True, exist_ok=True)
            (store / "objects" / "pack" / "tmp_pack_x").write_bytes(b"half")
            raise KeyboardInterrupt
        return real(command, **options)

    monkeypatch.setattr(git_module.subprocess, "run", killed)
    with pytest.raises(KeyboardInterrupt):
        fetch()
    assert (fetch.out / "idr" / "idr9101-one").is_dir()
    assert not (fetch.out / "idr" / "idr9102-two").exists()
    monkeypatch.undo()
    taken = []
    monkeypatch.setattr(
        "bioimg_kg.fetch.studies.take", lambda url, *rest: taken.append(url) or take(url, *rest)
    )
    assert fetch().text == "3 studies in place"
    assert [url.rpartition("/")[2] for url in taken] == ["idr9102-two"]


def test_a_submodule_that_is_gone_does_not_stop_the_others(world, fetch):
    own, _ = world
    shutil.rmtree(own / "idr9101-one")
    outcome = fetch()
    assert outcome.text == "2 studies in place"
    assert len(outcome.missing) == 1
    assert "idr9101-one" in outcome.missing[0]
    assert "does not appear to be a git repository" in outcome.missing[0]


def test_a_folder_that_was_not_fetched_is_left_alone(fetch):
    mine = fetch.out / "idr" / "idr9100-zero" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(SourceError, match="is in the way"):
        fetch()
    assert mine.read_text() == "mine"


def test_the_lines_of_other_studies_stay_in_sources(fetch):
    place = fetch.out / "idr" / "SOURCES.tsv"
    place.parent.mkdir(parents=True)
    place.write_text("study\trepository\tcommit\tpath\nidr0000-mine\thttps://example.org/x\tabc\t\n")
    fetch()
    assert [line.split("\t")[0] for line in place.read_text().splitlines()] == [
        *("study", "idr0000-mine", "idr9100-zero", "idr9101-one", "idr9102-two")
    ]


def test_one_study_may_be_a_repository(world, fetch, repositories):
    own, _ = world
    head = repositories[0](own / "idr9101-one", "rev-parse", "HEAD")
    assert fetch(url=f"{own}/idr9101-one", commit=head).text == "1 studies in place"
    assert (fetch.out / "idr" / "idr9101-one" / "idr9101-study.txt").is_file()


def test_a_repository_without_a_study(world, fetch, repositories):
    own, _ = world
    head = repositories[0](own / "tool", "rev-parse", "HEAD")
    with pytest.raises(SourceError, match="no study in it"):
        fetch(url=f"{own}/tool", commit=head)


def test_what_a_user_or_a_repository_has_configured_changes_no_byte(
    world, fetch, repositories, monkeypatch, tmp_path
):
    own, _ = world
    (own / "idr9101-one" / ".gitattributes").write_text("* text eol=crlf filter=evil\n*.txt export-ignore\n")
    head = repositories[1](own / "idr9101-one")
    config = tmp_path / "config"
    config.write_text(f'[core]\n autocrlf = true\n[filter "evil"]\n smudge = touch {tmp_path}/run; cat\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(own / "tool" / ".git"))
    fetch(url=f"{own}/idr9101-one", commit=head)
    # as committed: git itself made LF of the line ends on the way in, a checkout would give CRLF
    assert files(fetch.out)["idr/idr9101-one/screenA/a-library.txt"] == b"Plate\nP1\n\xff\n"
    assert not (tmp_path / "run").exists()


def test_links_and_pointers(world, fetch, repositories):
    own, _ = world
    study = own / "idr9101-one"
    (study / "inside.txt").symlink_to("screenA/a-library.txt")
    (study / "outside.txt").symlink_to("/etc/passwd")
    (study / "above.txt").symlink_to("../../secret")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 123456\n"
    (study / "screenA" / "big-annotation.csv").write_text(pointer)
    outcome = fetch(url=str(study), commit=repositories[1](study))
    assert outcome.text.endswith("left out 2 symbolic links: idr9101-one/above.txt, idr9101-one/outside.txt")
    found = files(fetch.out)
    assert found["idr/idr9101-one/inside.txt"] == b"Plate\r\nP1\n\xff\n"
    assert not {path for path in found if "side.txt" in path or "above" in path or "big" in path} - {
        "idr/idr9101-one/inside.txt"
    }
    assert found["idr/UNAVAILABLE.tsv"] == (
        b"study\tpath\tbytes\tstate\nidr9101-one\tscreenA/big-annotation.csv\t123456\tMISSING\n"
    )


@pytest.mark.parametrize("path", ["../x", "a/../../x", ".git/hooks/x", "a//x", "a\\..\\x"])
def test_a_path_that_leads_out_is_refused(world, tmp_path, path, repositories):
    own, _ = world
    head = repositories[0](own / "tool", "rev-parse", "HEAD")
    revision = take(str(own / "tool"), head, tmp_path / "store")
    (entry,) = revision.files.values()
    revision.files = {path: Entry(entry.mode, entry.name)}
    with pytest.raises(SourceError, match="leads out of it"):
        write_study(revision, "", tmp_path / "deep" / "er" / "study")
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize(
    "address", ["ext::sh -c 'touch run'", "--upload-pack=touch run", "git@example.org:x", "", "file:///x"]
)
def test_a_submodule_from_elsewhere_is_refused(world, fetch, repositories, address):
    own, _ = world
    repositories[0](own / "meta", "config", "--file", ".gitmodules", "submodule.idr9101-one.url", address)
    with pytest.raises(SourceError, match="idr9101-one cannot be fetched"):
        fetch(commit=repositories[1](own / "meta"))


def test_a_submodule_of_a_web_address_cannot_be_a_folder_of_this_machine(world, tmp_path):
    own, head = world
    revision = take(str(own / "meta"), head, tmp_path / "store")
    with pytest.raises(SourceError, match="points into this machine"):
        revision.submodules("https://example.org/meta")


def test_a_commit_that_is_not_there(world, fetch):
    with pytest.raises(RemoteError, match=r"not our ref|no such|unadvertised"):
        fetch(commit="0" * 39 + "1")


def test_no_network_is_told_from_no_repository(tmp_path, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unreachable, match="Could not resolve host"):
        take("https://nowhere.invalid/x", "1" * 40, tmp_path / "store")


def test_the_reader_of_objects_leaves_no_process(world, tmp_path, repositories, monkeypatch):
    own, _ = world
    head = repositories[0](own / "tool", "rev-parse", "HEAD")
    revision = take(str(own / "tool"), head, tmp_path / "store")
    revision.files = {"a": Entry("100644", "1" * 40)}
    started, real = [], subprocess.Popen
    monkeypatch.setattr(
        git_module.subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1]
    )
    with pytest.raises(SourceError, match="cannot be read"):
        write_study(revision, "", tmp_path / "study")
    assert [process.poll() for process in started] == [0]
