"""Packed answers: what is asked for, what arrives, and that the first rows do not wait for the last."""

import gzip
import zlib

import brotli
import httpx
import pytest
import zstandard

from bioimg_kg.endpoint.http.encodings import choose_encoding, new_packer
from bioimg_kg.endpoint.http.failures import NotAcceptable

ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p"
BROWSER = "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("header", "length", "expected"),
    [
        (None, None, "identity"),
        ("", None, "identity"),
        ("identity", None, "identity"),
        ("deflate", None, "identity"),
        (BROWSER, None, "zstd"),
        ("br,gzip,deflate", None, "br"),
        ("gzip", None, "gzip"),
        ("x-gzip", None, "gzip"),
        ("GZIP;Q=0.5, identity;q=0.1", None, "gzip"),
        ("gzip;q=0.5, identity", None, "identity"),
        ("gzip;q=1.0, br;q=0.9", None, "gzip"),
        ("*", None, "zstd"),
        ("*;q=0.1, zstd;q=0", None, "br"),
        ("gzip;q=0", None, "identity"),
        ("*;q=0, br", None, "br"),
        ("*;q=0, identity", None, "identity"),
        ("identity;q=0, gzip;q=0.001", None, "gzip"),
        ("gzip;q=no, br;q=7, ;;;, =", None, "identity"),
        (BROWSER, 100, "identity"),
        (BROWSER, 100_000, "zstd"),
        ("identity;q=0, br", 100, "br"),
        ("*;q=0, br", 100, "br"),
    ],
)
def test_the_header_decides(header, length, expected):
    assert choose_encoding(header, length) == expected


@pytest.mark.parametrize(
    "header", ["identity;q=0", "*;q=0", "identity;q=0, gzip;q=0, deflate", "*;q=0, zstd;q=0"]
)
def test_nothing_acceptable_is_an_error(service, header):
    with pytest.raises(NotAcceptable, match="gzip"):
        choose_encoding(header)
    response = service.get("ASK {}", headers={"Accept-Encoding": header})
    assert response.status_code == 406


UNPACK = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def raw(service, **headers):
    """Return status, headers and body of an answer as it came over the wire."""
    with httpx.stream(
        "GET", service.sparql, params={"query": ALL, "format": "csv"}, headers=headers
    ) as response:
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize("encoding", UNPACK)
def test_the_answer_is_the_same_however_it_is_packed(service, encoding):
    response, body = raw(service, **{"Accept-Encoding": encoding})
    assert response.headers.get("content-encoding", "identity") == encoding
    assert "Accept-Encoding" in response.headers["vary"]
    assert UNPACK[encoding](body) == raw(service, **{"Accept-Encoding": "identity"})[1]
    assert (len(body) < 10_000) == (encoding != "identity")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_long_answer_is_packed_while_it_is_sent(data, start_service, encoding):
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 40000"
    asked = {"params": {"query": query}, "headers": {"Accept-Encoding": encoding}}
    with (
        start_service(data, workers=1, hold_mb=1) as service,
        httpx.stream("GET", service.sparql, **asked) as response,
    ):
        assert "content-length" not in response.headers
        body = b"".join(response.iter_raw())
    whole = UNPACK[encoding](body)
    assert len(whole) > 10 << 20 > 5 * len(body)
    assert whole.endswith(b"]}}")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_each_piece_can_be_read_at_once(encoding):
    unpack = {
        "gzip": zlib.decompressobj(31).decompress,
        "br": brotli.Decompressor().process,
        "zstd": zstandard.ZstdDecompressor().decompressobj().decompress,
    }[encoding]
    packer = new_packer(encoding)
    for piece in (b"a" * 100, b"row 2\n", b"row 3\n"):
        assert unpack(packer.pack(piece)) == piece
    assert unpack(packer.end()) == b""
