"""Images that are broken, huge, elsewhere or meant to harm: refused clearly and soon, and life goes on."""

import contextlib
import gzip
import importlib.util
import io
import json
import os
import pickle
import threading
import time
import zlib
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import numpy as np
import pytest
import zarr
from PIL import Image

_spec = importlib.util.spec_from_file_location("zarrs", Path(__file__).with_name("zarrs.py"))
zarrs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(zarrs)
BASE = zarrs.BASE


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def level(content):
    return content["attributes"]["ome"]["multiscales"][0]["datasets"][0]


def chunks(image, name="0"):
    return [path for path in (image / name / "c").rglob("*") if path.is_file()]


def _garbage(image):
    for path in chunks(image):
        path.write_bytes(os.urandom(300))


def _short(image):
    for path in chunks(image):
        path.write_bytes(path.read_bytes()[:10])


def _no_level(image):
    (image / "0").rename(image / "gone")


def _giant(image):
    def grow(content):
        content["shape"] = [1, 316_228, 316_228]
        content["chunk_grid"]["configuration"]["chunk_shape"] = [1, 1024, 1024]

    edit(image / "0/zarr.json", grow)


def _giant_chunk(image):
    def grow(content):
        content["chunk_grid"]["configuration"]["chunk_shape"] = [1, 300_000, 300_000]

    edit(image / "0/zarr.json", grow)


def _bomb(image):
    def pack(content):
        content["codecs"] = [{"name": "bytes"}, {"name": "gzip", "configuration": {"level": 9}}]

    edit(image / "0/zarr.json", pack)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as stream:
        zeros = bytes(16 << 20)
        for _ in range(200):  # 3.2 GB
            stream.write(zeros)
    for path in chunks(image):
        path.write_bytes(packed.getvalue())


def _upwards(image):
    zarrs.write_image(image.parent.parent / "outside.zarr")
    edit(image / "zarr.json", lambda content: level(content).update(path="../../outside.zarr/0"))


def _absolute(image):
    edit(image / "zarr.json", lambda content: level(content).update(path="/etc"))


def _linked_level(image):
    outside = image.parent.parent / "outside-level"
    (image / "0").rename(outside)
    (image / "0").symlink_to(outside)


def _pipe(image):
    for path in chunks(image):
        path.unlink()
        os.mkfifo(path)


def _deep(image):
    (image / "zarr.json").write_text('{"attributes":' * 50_000 + "1" + "}" * 50_000)


def _no_json(image):
    (image / "zarr.json").write_bytes(b"\xff\xfe nothing")


def _long_document(image):
    (image / "zarr.json").write_bytes(b" " * (80 << 20))


def _negative(image):
    edit(image / "0/zarr.json", lambda content: content.update(shape=[-1, 10, 10]))


def _fewer_axes(image):
    edit(image / "0/zarr.json", lambda content: content.update(shape=[10, 10]))


def _complex(image):
    edit(image / "0/zarr.json", lambda content: content.update(data_type="complex64", fill_value=[0, 0]))


def _strange_codec(image):
    edit(image / "0/zarr.json", lambda content: content.update(codecs=[{"name": "numcodecs.pickle"}]))


def _pickled(image):
    """An image of zarr 2 whose chunks are unpickled by who reads it carelessly."""
    edit_v2 = {
        "zarr_format": 2,
        "shape": [1, 4, 4],
        "chunks": [1, 4, 4],
        "dtype": "|O",
        "compressor": None,
        "filters": [{"id": "pickle", "protocol": 4}],
        "fill_value": None,
        "order": "C",
    }
    axes = [{"name": name} for name in "cyx"]
    block = {"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}
    (image / "zarr.json").unlink()
    (image / ".zgroup").write_text('{"zarr_format": 2}')
    (image / ".zattrs").write_text(json.dumps({"multiscales": [block]}))
    (image / "0/zarr.json").unlink()
    (image / "0/.zarray").write_text(json.dumps(edit_v2))
    (image / "0/0.0.0").write_bytes(pickle.dumps(Bomb(image.parent.parent / "harm")))


def _no_pixels(image):
    for path in chunks(image):
        path.unlink()


BROKEN = {
    _garbage: (422, "cannot be unpacked"),
    _short: (422, "cannot be unpacked"),
    _no_level: (422, "is not there"),
    _giant: (403, "316,228 x 316,228"),
    _giant_chunk: (403, "chunks of 90,000,000,000 bytes"),
    _bomb: ((403, 422, 503), ""),
    _upwards: (422, "leads out of the image"),
    _absolute: (422, "leads out of the image"),
    _linked_level: (422, "is not there"),
    _pipe: (404, "no pixels"),
    _deep: (422, "zarr.json is not JSON"),
    _no_json: (422, "zarr.json is not JSON"),
    _long_document: (403, "more than is left"),
    _negative: (422, "level '0'"),
    _fewer_axes: (422, "level '0'"),
    _complex: (422, "complex64"),
    _strange_codec: (422, "numcodecs.pickle"),
    _pickled: (422, "pickle"),
    _no_pixels: (404, "no pixels"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory, start_service):
    top = tmp_path_factory.mktemp("hostile")
    folder = top / "images"
    for change in BROKEN:
        image = folder / f"{change.__name__}.zarr"
        zarrs.write_image(image, levels=1)
        change(image)
    zarrs.write_image(folder / "good.zarr", levels=1)
    zarrs.write_image(top / "outside" / "secret.zarr", levels=1)
    (folder / "linked.zarr").symlink_to(top / "outside" / "secret.zarr")
    copies = {change.__name__: f"{BASE}omezarr/{change.__name__}.zarr" for change in BROKEN}
    copies |= {"good": f"{BASE}omezarr/good.zarr", "linked": f"{BASE}omezarr/linked.zarr"}
    copies |= {"upwards": f"{BASE}omezarr/%2e%2e/outside/secret.zarr", "root": f"{BASE}omezarr//etc"}
    copies |= {
        "file": f"file://{folder}/good.zarr",
        "data": "data:text/plain,a.zarr",
        "ftp": "ftp://h.org/a.zarr",
    }
    copies |= {"unlisted": "https://elsewhere.example.org/a.zarr"}
    copies |= {"user": "https://me@livingobjects.ebi.ac.uk/a.zarr"}
    for number, host in enumerate(("127.0.0.1", "169.254.169.254", "[::1]", "10.0.0.1", "localhost")):
        copies[f"private{number}"] = f"http://{host}/a.zarr"
    hosts = "http://127.0.0.1 http://169.254.169.254 http://[::1] http://10.0.0.1 http://localhost"
    zarrs.release_of(top / "data", copies, folder)
    with start_service(top / "data", image_hosts=hosts, image_seconds=8, image_memory_mb=1024) as running:
        running.top = top
        yield running


def ask(service, name, **params):
    started = time.monotonic()
    address = f"{service.url}/image/thumbnail"
    answer = httpx.get(address, params={"iri": f"{BASE}id/{name}", **params}, timeout=60)
    return answer, time.monotonic() - started


def check_refusal(answer, status, word):
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content[:50]
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text
    assert word in answer.json()["detail"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: change.__name__.strip("_"))
def test_broken_image_is_refused_and_the_next_is_shown(service, change):
    answer, seconds = ask(service, change.__name__)
    check_refusal(answer, *BROKEN[change])
    assert seconds < 30
    assert not (service.top / "harm").exists()
    assert ask(service, "good", size=17)[0].status_code == 200


@pytest.mark.parametrize("name", ["linked", "upwards", "root"])
def test_nothing_outside_of_the_folder(service, name):
    check_refusal(ask(service, name)[0], 404, "")


@pytest.mark.parametrize("name", ["file", "data", "ftp", "unlisted", "user"])
def test_other_places_are_refused(service, name):
    check_refusal(ask(service, name)[0], 403, "")


@pytest.mark.parametrize("number", range(5))
def test_private_addresses_are_refused_even_on_the_list(service, number):
    check_refusal(ask(service, f"private{number}")[0], 403, "an address that this service does not ask")


def test_the_service_logs_no_traceback(service):
    assert "Traceback" not in service.log.read_text()


# -- images on the web


class Files(SimpleHTTPRequestHandler):
    """Files of a folder, with ranges, as object stores serve them."""

    asked: ClassVar[list] = []

    def do_GET(self):
        self.asked.append((self.path, self.headers.get("Range")))
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(403)
            return
        content, status = path.read_bytes(), 200
        if span := self.headers.get("Range"):
            first, _, last = span.removeprefix("bytes=").partition("-")
            status = 206
            content = (
                content[int(first) : int(last) + 1 if last else None] if first else content[-int(last) :]
            )
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Strange(BaseHTTPRequestHandler):
    """Answers that are none."""

    def do_GET(self):
        if "redirect" in self.path:
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
        elif "endless" in self.path:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(bytes(1 << 16))
        elif "slow" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(100):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.3)
        elif "packed" in self.path:
            self.send_response(200)
            self.send_header("Content-Encoding", "deflate")
            self.end_headers()
            self.wfile.write(zlib.compress(bytes(10 << 20)))
        else:
            self.wfile.write(b"no HTTP at all\r\n\r\n")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


STRANGE = {"redirect": 502, "endless": 403, "slow": 503, "packed": 502, "nonsense": 502}


@pytest.fixture(scope="module")
def web(tmp_path_factory, start_service):
    top = tmp_path_factory.mktemp("web")
    made = {
        "sharded": zarrs.write_image(top / "pixels/a b.zarr", "czyx", "uint16", "0.5", sharded=True),
        "old": zarrs.write_image(top / "pixels/old.zarr", "tczyx", "uint16", "0.4"),
    }
    with serving(partial(Files, directory=top / "pixels")) as files, serving(Strange) as strange:
        copies = {"sharded": f"{files}/a%20b.zarr", "old": f"{files}/old.zarr", "gone": f"{files}/gone.zarr"}
        copies |= {name: f"{strange}/{name}.zarr" for name in STRANGE}
        copies |= {"off": "http://127.0.0.1:9/a.zarr"}
        zarrs.release_of(top / "data", copies, top)
        settings = {"image_hosts": f"{files} {strange} http://127.0.0.1:9", "image_private": 1}
        with start_service(top / "data", image_seconds=4, image_mb=4, **settings) as running:
            running.made = made
            yield running


@pytest.mark.parametrize(("name", "axes"), [("sharded", "czyx"), ("old", "tczyx")])
def test_picture_of_an_image_on_the_web(web, name, axes):
    Files.asked.clear()
    answer, _ = ask(web, name, size=20)
    assert answer.status_code == 200, answer.text
    found = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert np.array_equal(found, zarrs.expected(web.made[name], axes, 20))
    ranges = [span for path, span in Files.asked if "zarr.json" not in path]
    assert any(ranges) == (name == "sharded")  # of a shard only the pieces that are needed


def test_image_that_is_gone(web):
    check_refusal(ask(web, "gone")[0], 404, "no OME-Zarr group")


@pytest.mark.parametrize("name", STRANGE)
def test_strange_hosts(web, name):
    answer, seconds = ask(web, name)
    check_refusal(answer, STRANGE[name], "")
    assert seconds < 15


def test_host_that_does_not_listen(web):
    check_refusal(ask(web, "off")[0], 502, "no connection")


# -- plates


@pytest.fixture(scope="module")
def plates(tmp_path_factory, start_service):
    top = tmp_path_factory.mktemp("plates")
    made = {}
    for version, fmt in (("0.4", 2), ("0.5", 3)):
        plate = zarr.open_group(top / f"images/P{fmt}.zarr", mode="w", zarr_format=fmt)
        wells = [
            {"path": "B/03", "rowIndex": 1, "columnIndex": 2},
            {"path": "C/01", "rowIndex": 2, "columnIndex": 0},
        ]
        said = {"plate": {"wells": wells, "rows": [{"name": "B"}], "columns": [{"name": "03"}]}}
        well = plate.create_group("B").create_group("03")
        images = {"well": {"images": [{"path": "0"}, {"path": "1"}]}}
        for group, facts in ((plate, said), (well, images)):
            group.attrs.update({"ome": {"version": version, **facts}} if fmt == 3 else facts)
        for field in ("0", "1"):
            path = top / f"images/P{fmt}.zarr/B/03/{field}"
            made[fmt, field] = zarrs.write_image(path, "yx", "uint8", version)
            array = zarr.open_array(path / "0", mode="a")
            array[:10] = int(field) * 100
            made[fmt, field][0][:10] = int(field) * 100
    zarrs.release_of(
        top / "data", {f"P{fmt}": f"{BASE}omezarr/P{fmt}.zarr" for fmt in (2, 3)}, top / "images"
    )
    with start_service(top / "data") as running:
        running.made = made
        yield running


@pytest.mark.parametrize("fmt", [2, 3])
def test_field_of_a_plate(plates, fmt):
    for params, field in (({}, "0"), ({"well": "B3"}, "0"), ({"well": "B3", "field": 1}, "1")):
        answer, _ = ask(plates, f"P{fmt}", size=100, **params)
        assert answer.status_code == 200, answer.text
        found = np.asarray(Image.open(io.BytesIO(answer.content)))
        assert np.array_equal(found, zarrs.expected(plates.made[fmt, field], "yx", 100))


@pytest.mark.parametrize(
    ("params", "word"),
    [({"well": "H12"}, "no well"), ({"well": "C1"}, "no metadata"), ({"well": "B3", "field": 2}, "2 fields")],
)
def test_field_that_is_not_there(plates, params, word):
    check_refusal(ask(plates, "P3", **params)[0], 404, word)
