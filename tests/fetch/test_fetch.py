"""The whole command: what is fetched gives the build of its originals; nothing half is ever in place."""

import contextlib
import gzip
import hashlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bioimg_kg.errors import ConfigError, RemoteError, SourceError, Unreachable
from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.fetch import fetch
from bioimg_kg.fetch.inputs import read_inputs
from bioimg_kg.fetch.receipts import Receipts
from bioimg_kg.fetch.watch import Watch

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
IDR = "https://github.com/IDR"


def listed(path, *entries):
    """Write a list of inputs."""
    lines = []
    for entry in entries:
        values = {"version": "1", "licence": "CC0", **entry}
        lines.append("[[input]]")
        lines += [
            f"{key} = {str(value).lower() if value is True else repr(value)}" for key, value in values.items()
        ]
    path.write_text("\n".join(lines) + "\n")
    return path


def served(server, folder, group, names):
    """Serve files of a folder and return their entries."""
    entries = []
    for name in names:
        data = (folder / name).read_bytes()
        url = server.put(f"/{group}/{name}", data)
        entries.append({"target": f"{group}/{name}", "url": url, "sha256": hashlib.sha256(data).hexdigest()})
    return entries


def run(path, out, *groups, pause=0.001, watch=None):
    return fetch(read_inputs(path), groups, out, watch or Watch(), pause)


def quads(data, inputs, **options):
    """Build what was fetched, return the SHA-256 of every N-Quads file."""
    made = build(
        BuildOptions(sources=[inputs / "idr"], data=data, name="x", date="2026-11-20", jobs=1, **options)
    )
    paths = sorted((made.path / "quads").rglob("*.nq.gz"))
    found = {p.relative_to(made.path).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}
    return found, (made.path / "issues.tsv").read_text()


def stand_ins(studies, own, repositories, monkeypatch):
    """Make IDR's repositories of study folders: the first in the superproject itself, the others submodules.

    git is told that https://github.com/IDR is a folder; provenance then has the addresses of the real ones.
    """
    _, commit, superproject = repositories
    top, modules = own / "idr-metadata", {}
    shutil.copytree(studies[0], top / studies[0].name)
    for study in studies[1:]:
        shutil.copytree(study, own / study.name)
        modules[study.name] = (f"{IDR}/{study.name}", commit(own / study.name))
    head = superproject(top, modules)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{own}/.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"{IDR}/")
    rows = [(studies[0].name, f"{IDR}/idr-metadata", head, studies[0].name)]
    rows += [(name, url, sha, "") for name, (url, sha) in modules.items()]
    return head, rows


def originals(studies, rows, folder):
    """Lay out the studies as they are in a folder of originals."""
    for study in studies:
        shutil.copytree(study, folder / "idr" / study.name)
    lines = ["study\trepository\tcommit\tpath", *("\t".join(row) for row in rows)]
    (folder / "idr" / "SOURCES.tsv").write_text("\n".join(lines) + "\n")


def test_what_is_fetched_gives_the_build_of_its_originals(tmp_path, server, repositories, monkeypatch):
    studies = sorted(p for p in (EXAMPLES / "studies").iterdir() if p.is_dir())
    head, rows = stand_ins(studies, tmp_path / "remote", repositories, monkeypatch)
    originals(studies, rows, tmp_path / "originals")
    names = sorted(p.name for p in (EXAMPLES / "ontologies").iterdir())
    files = served(server, EXAMPLES / "ontologies", "ontologies", names)
    path = listed(
        tmp_path / "l.toml", {"target": "idr", "url": f"{IDR}/idr-metadata", "commit": head}, *files
    )
    out = tmp_path / "fetched"
    assert run(path, out) == 1 + len(names)
    assert sorted(p.name for p in out.iterdir()) == [".fetch", "idr", "ontologies"]
    expected, issues = quads(tmp_path / "a", tmp_path / "originals", ontologies=EXAMPLES / "ontologies")
    assert len(expected) > len(studies)
    assert quads(tmp_path / "b", out, ontologies=out / "ontologies") == (expected, issues)


@pytest.mark.corpus
def test_real_studies_and_tables_that_are_fetched_give_the_build_of_their_originals(
    shared, tmp_path, server, repositories, monkeypatch
):
    wanted = ("idr0004-thorpe-rad52", "idr0032-yang-meristem", "idr0056-stojic-lncrnas")
    studies = [shared / "idr" / name for name in wanted]
    head, rows = stand_ins(studies, tmp_path / "remote", repositories, monkeypatch)
    originals(studies, rows, tmp_path / "originals")
    entries = []
    for group, pattern in (("ontologies", "*.o[bw][ol]"), ("reference", "*.tsv.gz")):
        names = sorted(p.name for p in (shared / group).glob(pattern))
        assert len(names) > 8
        entries += served(server, shared / group, group, names)
    for page in list(server.pages.values())[::3]:  # the network is not always kind
        page.cut = [len(page.content) // 2]
    path = listed(
        tmp_path / "l.toml", {"target": "idr", "url": f"{IDR}/idr-metadata", "commit": head}, *entries
    )
    out = tmp_path / "fetched"
    run(path, out)
    assert {r.status for r in server.log} == {200, 206}
    assert sum(r.sent for r in server.log) == sum(len(p.content) for p in server.pages.values())
    expected = quads(
        tmp_path / "a",
        tmp_path / "originals",
        ontologies=shared / "ontologies",
        reference=shared / "reference",
    )
    assert len(expected[0]) > len(wanted) + 5
    found = quads(tmp_path / "b", out, ontologies=out / "ontologies", reference=out / "reference")
    assert found == expected


# ---- one file ----


@pytest.fixture
def one(tmp_path, server):
    """A list of one file, and its content."""
    content = b"format-version: 1.4\n" * 5000
    url = server.put("/a.obo", content)
    entry = {"target": "ontologies/a.obo", "url": url, "sha256": hashlib.sha256(content).hexdigest()}

    def make(**changes):
        kept = {key: value for key, value in (entry | changes).items() if value is not None}
        return listed(tmp_path / "l.toml", kept)

    make.content, make.out = content, tmp_path / "out"
    make.target = make.out / "ontologies" / "a.obo"
    return make


def in_place(out):
    return sorted(
        p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file() and ".fetch" not in p.parts
    )


def test_a_second_run_asks_nothing(one, server):
    path = one()
    run(path, one.out)
    assert one.target.read_bytes() == one.content
    assert len(server.log) == 1
    run(path, one.out)
    assert len(server.log) == 1
    assert not [p for p in (one.out / ".fetch").rglob("*") if ".part" in p.name]


def test_a_wrong_checksum_is_refused_and_nothing_is_in_place(one):
    with pytest.raises(SourceError) as caught:
        run(one(sha256="0" * 64), one.out)
    actual = hashlib.sha256(one.content).hexdigest()
    assert f"SHA-256 {actual}, the list says {'0' * 64}" in str(caught.value)
    assert in_place(one.out) == []
    run(one(), one.out)
    assert in_place(one.out) == ["ontologies/a.obo"]


def test_a_wrong_new_version_leaves_the_old_one(one, server):
    run(one(), one.out)
    server.put("/a.obo", b"evil", etag='"2"')
    with pytest.raises(SourceError, match="list says"):
        run(one(version="2", sha256="1" * 64), one.out)
    assert one.target.read_bytes() == one.content


def test_a_new_entry_in_the_list_is_fetched(one, server):
    run(one(), one.out)
    newer = b"newer\n" * 100
    url = server.put("/b.obo", newer)
    run(one(url=url, sha256=hashlib.sha256(newer).hexdigest()), one.out)
    assert one.target.read_bytes() == newer


def test_a_damaged_file_is_fetched_again(one, server):
    run(one(), one.out)
    one.target.write_bytes(b"damaged")
    run(one(), one.out)
    assert one.target.read_bytes() == one.content
    assert len(server.log) == 2


def test_a_copy_that_has_its_checksum_is_taken_as_it_is(one, server):
    one.target.parent.mkdir(parents=True)
    one.target.write_bytes(one.content)
    run(one(), one.out)
    assert server.log == []


def test_a_file_that_was_not_fetched_is_left_alone(one):
    one.target.parent.mkdir(parents=True)
    one.target.write_bytes(b"mine")
    with pytest.raises(SourceError, match="is in the way"):
        run(one(), one.out)
    assert one.target.read_bytes() == b"mine"


def test_without_a_checksum_the_one_found_is_told_and_kept(one):
    told = []

    class Told(Watch):
        def done(self, name, result):
            told.append((name, result))

    path = one(sha256=None, unverified="no checksum")
    run(path, one.out, watch=Told())
    actual = hashlib.sha256(one.content).hexdigest()
    assert told == [("ontologies/a.obo", f"fetched; the list has no checksum, SHA-256 {actual}")]
    one.target.write_bytes(b"damaged")
    run(path, one.out)
    assert one.target.read_bytes() == one.content


def test_a_compressed_file_is_unpacked(one, server):
    packed = gzip.compress(one.content)
    path = one(url=server.put("/a.gz", packed), sha256=hashlib.sha256(packed).hexdigest(), unpack=True)
    run(path, one.out)
    assert one.target.read_bytes() == one.content


def test_a_damaged_compressed_file_is_refused(one, server):
    packed = gzip.compress(one.content)[:-9]
    path = one(url=server.put("/a.gz", packed), sha256=None, unverified="x", unpack=True)
    with pytest.raises(SourceError, match=r"a\.gz: the compressed file is damaged"):
        run(path, one.out)
    assert in_place(one.out) == []


# ---- several inputs ----


def test_one_that_fails_does_not_stop_the_others_and_all_are_named(tmp_path, server):
    good = served(server, EXAMPLES / "ontologies", "ontologies", ["cmpo.obo", "efo.obo"])
    gone = {"target": "ontologies/gone.obo", "url": f"{server.url}/gone", "sha256": "0" * 64}
    wrong = {**good[0], "target": "ontologies/wrong.obo", "sha256": "0" * 64}
    away = {"target": "ontologies/away.obo", "url": "http://nowhere.invalid/x", "sha256": "0" * 64}
    path = listed(tmp_path / "l.toml", gone, wrong, good[0], away, good[1])
    with pytest.raises(RemoteError) as caught:
        run(path, tmp_path / "out")
    first, *rest = str(caught.value).splitlines()
    assert first.startswith("3 of 5 inputs could not be fetched")
    for name, line in zip(("gone", "wrong", "away"), rest, strict=True):
        assert line.startswith(f"  ontologies/{name}.obo: ")
    assert in_place(tmp_path / "out") == ["ontologies/cmpo.obo", "ontologies/efo.obo"]


def test_with_no_network_the_first_failure_is_the_only_one(tmp_path):
    entries = [{"target": f"a/{n}", "url": "http://nowhere.invalid/x", "sha256": "0" * 64} for n in range(9)]
    with pytest.raises(Unreachable, match="is there a network") as caught:
        run(listed(tmp_path / "l.toml", *entries), tmp_path / "out")
    assert "\n" not in str(caught.value)


def test_a_group_alone(tmp_path, server):
    entries = served(server, EXAMPLES / "ontologies", "ontologies", ["cmpo.obo"])
    entries.append({"target": "reference/x", "url": f"{server.url}/gone", "sha256": "0" * 64})
    assert run(listed(tmp_path / "l.toml", *entries), tmp_path / "out", "ontologies") == 1


def test_two_runs_do_not_share_a_folder(tmp_path, one):
    with Receipts(one.out).alone(), pytest.raises(ConfigError, match="another fetch is at work"):
        run(one(), one.out)


# ---- the command ----


def command(*arguments, **environment):
    words = [sys.executable, "-m", "bioimg_kg.cli", "fetch", *map(str, arguments)]
    done = subprocess.run(
        words, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_the_command_writes_a_line_per_input(one):
    path = one()
    code, said = command("-o", one.out, "--inputs", path)
    assert code == 0
    assert said == f"ontologies/a.obo: fetched, checksum as listed\n1 inputs are in {one.out}\n"
    code, said = command("-o", one.out, "--inputs", path)
    assert (code, said) == (0, f"ontologies/a.obo: is in place\n1 inputs are in {one.out}\n")


def test_on_a_terminal_there_is_a_bar_and_the_same_lines(one):
    """What is written to a terminal is read through a pseudo terminal."""
    leader, follower = pty.openpty()
    words = [sys.executable, "-m", "bioimg_kg.cli", "fetch", "-o", str(one.out), "--inputs", str(one())]
    with subprocess.Popen(words, stderr=follower, stdout=subprocess.DEVNULL) as process:
        os.close(follower)
        said = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while piece := os.read(leader, 65536):
                said += piece
    os.close(leader)
    assert process.returncode == 0
    assert b"ontologies/a.obo: fetched, checksum as listed" in said
    assert b"\x1b[" in said
    assert b"100.0/100.0 kB" in said


def test_a_wrong_checksum_ends_with_3(one):
    code, said = command("-o", one.out, "--inputs", one(sha256="0" * 64))
    assert code == 3
    assert said.startswith("error: 1 of 1 inputs")
    assert "nothing was put in place" in said


@pytest.mark.parametrize(
    "entry",
    [
        {"target": "a/b", "url": "http://nowhere.invalid/x", "sha256": "0" * 64},
        {"target": "a/b", "url": "http://127.0.0.1:9/x", "sha256": "0" * 64},
        {"target": "idr", "url": "https://nowhere.invalid/x", "commit": "0" * 40},
        {"target": "idr", "url": "https://127.0.0.1:9/x", "commit": "0" * 40},
    ],
)
def test_no_network_ends_with_4_and_one_clear_line(tmp_path, entry):
    out = tmp_path / "out"
    code, said = command("-o", out, "--inputs", listed(tmp_path / "l.toml", entry))
    assert code == 4
    assert said.startswith("error: ")
    assert "is there a network?" in said
    assert said.count("\n") == 1
    assert in_place(out) == []


def test_a_repository_that_is_not_there_ends_with_4(tmp_path):
    entry = {"target": "idr", "url": str(tmp_path / "none"), "commit": "0" * 40}
    code, said = command("-o", tmp_path / "out", "--inputs", listed(tmp_path / "l.toml", entry))
    assert code == 4
    assert "does not appear to be a git repository" in said


def test_no_git_is_said(tmp_path):
    entry = {"target": "idr", "url": str(tmp_path), "commit": "0" * 40}
    path = listed(tmp_path / "l.toml", entry)
    code, said = command("-o", tmp_path / "out", "--inputs", path, PATH=str(tmp_path))
    assert code == 2
    assert "there is no git on this machine" in said


def test_a_group_that_is_not_listed_ends_with_2(one):
    code, said = command("x", "-o", one.out, "--inputs", one())
    assert code == 2
    assert "name one of ontologies" in said
