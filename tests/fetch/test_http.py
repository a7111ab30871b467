"""Downloads: cut off, resumed, refused."""

import gzip
import hashlib
import random
import socket

import pytest

from bioimg_kg.errors import RemoteError, SourceError, Unreachable
from bioimg_kg.fetch import http
from bioimg_kg.fetch.http import download, new_client
from bioimg_kg.fetch.watch import Watch

BODY = random.Random(1).randbytes(400_000)
OTHER = random.Random(2).randbytes(400_000)


class Counted(Watch):
    def __init__(self):
        self.bytes, self.sizes = 0, []

    def size(self, done, total):
        self.sizes.append((done, total))

    def moved(self, count):
        self.bytes += count


@pytest.fixture
def get(tmp_path):
    part = tmp_path / "x.part"

    def run(url, pinned=True, watch=None):
        with new_client() as client:
            return download(client, url, part, pinned=pinned, watch=watch or Watch(), pause=0.001)

    run.part = part
    return run


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def test_a_download_is_whole_and_told_of(server, get):
    watch = Counted()
    assert get(server.put("/x", BODY), watch=watch) == sha256(BODY)
    assert get.part.read_bytes() == BODY
    assert watch.bytes == len(BODY)
    assert watch.sizes == [(0, len(BODY))]
    assert [path.name for path in get.part.parent.iterdir()] == ["x.part"]


def test_a_cut_download_goes_on_where_it_stopped(server, get):
    url = server.put("/x", BODY, cut=[150_000, 100_000])
    assert get(url) == sha256(BODY)
    assert [r.range for r in server.log] == ["", "bytes=150000-", "bytes=250000-"]
    assert [r.status for r in server.log] == [200, 206, 206]
    assert sum(r.sent for r in server.log) == len(BODY)


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(server, get, monkeypatch):
    monkeypatch.setattr(http, "TRIES", 1)
    url = server.put("/x", BODY, cut=[150_000, 0])
    with pytest.raises(RemoteError, match="is kept, run it again"):
        get(url)
    assert get.part.stat().st_size == 150_000
    assert get(url) == sha256(BODY)
    assert server.log[-1].range == "bytes=150000-"
    assert sum(r.sent for r in server.log) == len(BODY)


@pytest.mark.parametrize("how", [{"etag": "", "modified": "Fri, 20 Nov 2026 09:00:00 GMT"}, {"etag": '"a"'}])
def test_either_validator_will_do(server, get, how):
    assert get(server.put("/x", BODY, cut=[1000], **how)) == sha256(BODY)
    assert [r.status for r in server.log] == [200, 206]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_validator_it_starts_again(server, get, etag):
    assert get(server.put("/x", BODY, etag=etag, cut=[1000])) == sha256(BODY)
    assert [r.range for r in server.log] == ["", ""]


def test_a_file_that_changed_meanwhile_is_taken_anew(server, get, monkeypatch):
    monkeypatch.setattr(http, "TRIES", 1)
    with pytest.raises(RemoteError):
        get(server.put("/x", BODY, cut=[150_000, 0]))
    assert get(server.put("/x", OTHER, etag='"2"')) == sha256(OTHER)
    assert [r.status for r in server.log] == [200, 206, 200]


def test_a_server_that_ignores_if_range_is_found_out(server, get, monkeypatch):
    """It sends the rest of the new file; the tag says that it does not belong to what is at hand."""
    monkeypatch.setattr(http, "TRIES", 1)
    with pytest.raises(RemoteError):
        get(server.put("/x", BODY, cut=[150_000, 0]))
    url = server.put("/x", OTHER, etag='"2"')
    server.pages["/x"].modified = '"1"'  # the stand-in then takes the old tag for good
    monkeypatch.setattr(http, "TRIES", 5)
    assert get(url) == sha256(OTHER)
    assert [r.status for r in server.log] == [200, 206, 206, 200]


def test_a_server_without_ranges_sends_all_again(server, get):
    assert get(server.put("/x", BODY, ranges=False, cut=[150_000])) == sha256(BODY)
    assert [r.status for r in server.log] == [200, 200]


def test_a_server_that_always_cuts_is_given_up(server, get):
    url = server.put("/x", BODY, ranges=False, cut=[150_000] * 50)
    with pytest.raises(RemoteError, match="5 times in a row"):
        get(url)
    assert len(server.log) == 6  # the first brought something


def test_a_length_that_is_not_reached_is_a_cut(server, get):
    url = server.put("/x", BODY, cut=[len(BODY) - 1] * 50, ranges=False)
    with pytest.raises(RemoteError, match="cut off"):
        get(url)


def test_a_whole_part_is_not_asked_for_again(server, get):
    url = server.put("/x", BODY)
    get.part.write_bytes(BODY)
    state = f'{{"url": "{url}", "validator": "\\"1\\"", "total": {len(BODY)}}}'
    get.part.with_name("x.part.json").write_text(state)
    assert get(url) == sha256(BODY)
    assert server.log == []


def test_the_part_of_another_address_is_not_used(server, get):
    get.part.write_bytes(OTHER[:1000])
    state = f'{{"url": "{server.url}/old", "validator": "\\"1\\"", "total": {len(BODY)}}}'
    get.part.with_name("x.part.json").write_text(state)
    assert get(server.put("/x", BODY)) == sha256(BODY)
    assert server.log[0].range == ""


def test_a_part_longer_than_the_file_is_thrown_away(server, get):
    url = server.put("/x", BODY[:1000])
    get.part.write_bytes(BODY)
    get.part.with_name("x.part.json").write_text(f'{{"url": "{url}", "validator": "\\"1\\"", "total": 0}}')
    assert get(url) == sha256(BODY[:1000])
    assert [r.status for r in server.log] == [416, 200]


def test_a_busy_server_is_asked_again(server, get):
    assert get(server.put("/x", BODY, status=[503, 429, 200])) == sha256(BODY)


def test_a_file_that_is_not_there(server, get):
    with pytest.raises(RemoteError, match="/x answered 404 Not Found"):
        get(f"{server.url}/x")
    assert len(server.log) == 1


def test_a_web_page_is_not_the_file(server, get):
    with pytest.raises(RemoteError, match="web page"):
        get(server.put("/x", b"<html>log in", headers={"Content-Type": "text/html; charset=utf-8"}))


def test_redirections_are_followed_but_not_out_of_the_web(server, get):
    server.put("/there", BODY)
    assert get(server.put("/here", b"", location=f"{server.url}/there")) == sha256(BODY)
    with pytest.raises(RemoteError, match="leads nowhere"):
        get(server.put("/file", b"", location="file:///etc/passwd"))
    with pytest.raises(RemoteError, match="leads nowhere"):
        get(server.put("/round", b"", location=f"{server.url}/round"))


def test_without_length_and_checksum_nobody_knows_if_it_is_whole(server, get):
    url = server.put("/x", BODY, length=False)
    with pytest.raises(SourceError, match="nothing tells if it is whole"):
        get(url, pinned=False)
    assert get(url, pinned=True) == sha256(BODY)


def test_a_transfer_that_is_compressed_all_the_same_is_unpacked(server, get):
    packed = {"Content-Encoding": "gzip"}
    assert get(server.put("/x", gzip.compress(BODY), headers=packed, cut=[1000])) == sha256(BODY)
    assert [r.range for r in server.log] == ["", ""]
    with pytest.raises(SourceError, match="compressed and damaged"):
        get(server.put("/y", b"no gzip at all", headers=packed))


def test_nobody_listens_and_no_such_host(get):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        with pytest.raises(Unreachable, match=r"cannot reach 127\.0\.0\.1"):
            get(f"http://127.0.0.1:{taken.getsockname()[1]}/x")
    with pytest.raises(Unreachable, match=r"cannot reach nowhere\.invalid"):
        get("http://nowhere.invalid/x")
