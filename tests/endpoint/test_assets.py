"""The files that pages load: as the lock says, whole in a wheel, packed, kept by browsers for good."""

import hashlib
import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from bioimg_kg.endpoint.pages.assets import STATIC, asset_address, assets

REPO = Path(__file__).resolve().parents[2]
VENDOR = STATIC / "vendor"
LOCK = json.loads((VENDOR / "vendor.lock.json").read_text(encoding="utf-8"))
FILES = [entry for package in LOCK["packages"] for entry in package["files"]]


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["file"])
def test_a_file_of_others_has_the_bytes_that_the_lock_says(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_the_lock_lists_all_there_is_and_each_package_has_a_licence():
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert there == {entry["file"] for entry in FILES} | {"vendor.lock.json", "THIRD_PARTY_LICENSES.txt"}
    licences = (VENDOR / "THIRD_PARTY_LICENSES.txt").read_text(encoding="utf-8")
    for package in LOCK["packages"]:
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
        assert f"\n{package['name']} {package['version']}: {package['licence']}\n" in licences
        for name in package.get("bundled", {}):
            assert f"\n{name}, inside {package['name']}: " in licences


def test_a_wheel_has_every_file(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", tmp_path, REPO], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name, asset in assets().items():
            assert archive.read(f"bioimg_kg/endpoint/static/{name}") == asset.content
        packed = set(archive.namelist())
    templates = {path.name for path in (STATIC.parent / "templates").iterdir()}
    assert {f"bioimg_kg/endpoint/templates/{name}" for name in templates} <= packed


def unpacked(encoding, content):
    if encoding == "br":
        return brotli.decompress(content)
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(content)
    return zlib.decompress(content, 31) if encoding == "gzip" else content


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip", "identity"])
@pytest.mark.parametrize("name", ["style.css", "vendor/yasgui/yasgui.min.js"])
def test_a_file_comes_packed_as_the_browser_likes(service, name, encoding):
    address = service.url + asset_address(name)
    with service.client.stream("GET", address, headers={"Accept-Encoding": encoding}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding", "identity") == encoding
    whole = next(asset.content for asset in assets().values() if address.endswith(asset.address))
    assert unpacked(encoding, raw) == whole
    assert encoding == "identity" or len(raw) < len(whole) / 2
    again = service.client.get(
        address, headers={"Accept-Encoding": encoding, "If-None-Match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_only_an_address_that_changes_with_the_content_is_kept_for_good(service):
    def kept(address):
        return "immutable" in service.client.get(service.url + address).headers["cache-control"]

    assert kept(asset_address("style.css"))
    assert kept(asset_address("vendor/htmx/htmx.min.js"))
    assert not kept("/static/style.css")
    assert not kept("/static/style.css?v=0000000000000000")
    assert not kept("/static/vendor/THIRD_PARTY_LICENSES.txt")


@pytest.mark.parametrize(
    "name",
    ["../app.py", "%2e%2e/app.py", "vendor/..%2f..%2fapp.py", "", "vendor", "vendor/", "/etc/passwd", "%00"],
)
def test_nothing_else_is_served(service, name):
    with httpx.Client() as client:
        request = client.build_request("GET", f"{service.url}/static/{name}")
        assert client.send(request).status_code == 404


def test_our_style_sheet_and_scripts_are_short():
    assert len(assets()["style.css"].content) <= 10_240
    own = [asset for name, asset in assets().items() if name.endswith(".js") and "/" not in name]
    assert all(len(asset.content) <= 10_240 for asset in own)


def test_a_page_comes_packed_and_also_to_a_client_that_takes_nothing(service):
    with service.client.stream("GET", service.url, headers={"Accept": "text/html"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert len(raw) == int(answer.headers["content-length"])
    assert "Accept-Encoding" in answer.headers["vary"]
    nothing = {"Accept": "text/html", "Accept-Encoding": "identity;q=0, *;q=0"}
    plain = service.client.get(service.url, headers=nothing)
    assert "content-encoding" not in plain.headers
    assert unpacked(answer.headers["content-encoding"], raw) == plain.content
