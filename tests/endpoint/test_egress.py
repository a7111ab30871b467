"""The way out: nothing is sent where it must not go, and nothing that comes back does harm."""

import asyncio
import gzip
import logging
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

from bioimg_kg.endpoint.federation.allowlist import read_endpoint
from bioimg_kg.endpoint.federation.egress import AUDIT, Egress, EgressLimits
from bioimg_kg.endpoint.http.failures import ServiceBusy
from bioimg_kg.errors import QueryRefused, RemoteError

JSON = "application/sparql-results+json"
EMPTY = b'{"head": {"vars": []}, "results": {"bindings": []}}'
MB = 1 << 20


def response(body=EMPTY, status="200 OK", content_type=JSON, **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@contextmanager
def upstream(*pieces, host="127.0.0.1", context=None, hold=0.0):
    """A server that sends some bytes to whoever asks, whatever is asked; it counts and keeps the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        listener.settimeout(0.05)
        seen, stop = [], threading.Event()

        def serve():
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                try:
                    if context is not None:
                        connection = context.wrap_socket(connection, server_side=True)
                    seen.append(read_request(connection))
                    for piece in pieces:
                        connection.sendall(piece)
                    stop.wait(hold)
                except OSError as error:
                    seen.append(error)
                finally:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], seen
        finally:
            stop.set()
            thread.join(5)


def read_request(connection):
    connection.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head.decode(), body.decode()


def resolver(*answers):
    """Return a name server that gives one answer after the other, and how often it was asked."""
    asked = []

    async def resolve(host, _port):
        asked.append(host)
        return list(answers[min(len(asked), len(answers)) - 1])

    return resolve, asked


def ask(url, *, room=MB, query="SELECT * {}", egress=None, resolve=None, **limits):
    limits = {"private": True, "seconds": 5, **limits}
    egress = egress or Egress(EgressLimits(**limits), *([resolve] if resolve else []))
    return asyncio.run(egress.ask(read_endpoint(url), query, room))


def test_a_request_names_us_and_carries_nothing_but_the_query():
    with upstream(response(Set_Cookie="id=1", Cache_Control="no-store")) as (port, seen):
        reply = ask(f"http://127.0.0.1:{port}/sparql?x=1")
    ((head, body),) = seen
    assert reply.body == EMPTY
    lines = head.split("\r\n")
    assert lines[0] == "POST /sparql?x=1 HTTP/1.1"
    names = {line.partition(":")[0].lower() for line in lines[1:]}
    assert names == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "content-type",
        "content-length",
        "connection",
    }
    assert "bioimg_kg/" in head
    assert body == "query=SELECT+%2A+%7B%7D"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "localhost",
        "0.0.0.0",
        "[::]",
    ],
)
def test_an_address_of_this_machine_is_refused_however_it_is_spelled(host):
    bind = "::1" if host == "[::1]" else "127.0.0.1"
    with upstream(response(), host=bind) as (port, seen):
        with pytest.raises(QueryRefused, match="does not ask"):
            ask(f"http://{host}:{port}/", private=False)
        time.sleep(0.1)
        assert seen == []


def test_a_name_that_leads_to_this_machine_is_refused():
    resolve, asked = resolver(["127.0.0.1"])
    with upstream(response()) as (port, seen):
        with pytest.raises(QueryRefused, match=r"rebind\.example leads to 127\.0\.0\.1"):
            ask(f"http://rebind.example:{port}/", resolve=resolve, private=False)
        time.sleep(0.1)
        assert (seen, asked) == ([], ["rebind.example"])


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    resolve, _ = resolver(["192.0.43.10", "10.0.0.1"])
    with pytest.raises(QueryRefused, match=r"10\.0\.0\.1"):
        ask("http://mixed.example/", resolve=resolve, private=False)


def test_the_address_that_was_looked_at_is_the_one_that_is_asked():
    """DNS rebinding: a second answer of the name server would lead elsewhere, and is never asked for."""
    resolve, asked = resolver(["127.0.0.1"], ["127.0.0.2"])
    with upstream(response()) as (port, seen):
        ask(f"http://rebind.example:{port}/", resolve=resolve)
    assert asked == ["rebind.example"]
    assert f"Host: rebind.example:{port}" in seen[0][0]


def test_an_address_that_does_not_answer_is_followed_by_the_next():
    resolve, _ = resolver(["127.0.0.9", "127.0.0.1"])
    with upstream(response()) as (port, seen):
        ask(f"http://two.example:{port}/", resolve=resolve)
    assert len(seen) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
    try:
        options = ["-subj", "/CN=good.example", "-addext", "subjectAltName=DNS:good.example"]
        subprocess.run([*command.split(), *options], cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    return folder


def test_the_certificate_is_that_of_the_name(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    resolve, _ = resolver(["127.0.0.1"])
    with upstream(response(), context=context) as (port, _):
        with pytest.raises(RemoteError, match="no connection"):
            ask(f"https://good.example:{port}/", resolve=resolve)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        assert ask(f"https://good.example:{port}/", resolve=resolve).body == EMPTY
        with pytest.raises(RemoteError, match="no connection"):
            ask(f"https://bad.example:{port}/", resolve=resolve)
    assert names == ["good.example", "good.example", "bad.example"]


BOMB = gzip.compress(b"0" * (64 * MB))
FAILURES = {
    "hangs before it answers": ([], 3, "within 1 s"),
    "hangs in its headers": ([b"HTTP/1.1 200 OK\r\nContent-"], 3, "within 1 s"),
    "hangs in its body": ([response()[:-5]], 3, "within 1 s"),
    "breaks off": ([response()[:-5]], 0, "broke off"),
    "says nothing": ([], 0, "without an answer|broke off"),
    "speaks another language": ([b"220 mail.example ESMTP\r\n" * 5], 0, "not HTTP"),
    "sends headers without end": (
        [b"HTTP/1.1 200 OK\r\n", *[b"X-A: " + b"a" * 1000 + b"\r\n"] * 2000],
        0,
        "not HTTP",
    ),
    "sends bytes without end": (
        [b"HTTP/1.1 200 OK\r\n\r\n", *[b" " * 65536] * 640],
        0,
        "longer than allowed",
    ),
    "sends a gzip bomb": ([response(BOMB, Content_Encoding="gzip")], 0, "longer than allowed"),
    "sends half a gzip": ([response(gzip.compress(EMPTY)[:-9], Content_Encoding="gzip")], 0, "broke off"),
    "sends no gzip": ([response(EMPTY, Content_Encoding="gzip")], 0, "not the gzip"),
    "packs in another way": ([response(EMPTY, Content_Encoding="br")], 0, "encoding 'br'"),
    "sends a page": ([response(b"<html>", content_type="text/html")], 0, "type 'text/html' instead of"),
    "sends any JSON": ([response(content_type="application/json")], 0, "instead of"),
    "sends no type": ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"], 0, "type 'none'"),
    "has an error": (
        [response(b"out of\nmemory", "500 Oh no", "text/plain")],
        0,
        "answered 500: out of memory",
    ),
    "has a long error": ([response(b"e" * 2 * MB, "500 Oh no", "text/plain")], 0, "answered 500: e+$"),
    "wants a password": ([response(b"", "401 Unauthorized", WWW_Authenticate="Basic")], 0, "answered 401"),
    "sent a part": ([response(X_SQL_State="S1TAT")], 0, "a part of its answer"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_endpoint_that_fails_is_named_with_the_cause(name):
    pieces, hold, cause = FAILURES[name]
    with upstream(*pieces, hold=hold) as (port, _):
        started = time.monotonic()
        with pytest.raises(RemoteError, match=cause) as caught:
            ask(f"http://127.0.0.1:{port}/", seconds=1)
        assert time.monotonic() - started < 2.5
    assert f"SERVICE <http://127.0.0.1:{port}/>: " in str(caught.value)


def test_nobody_listens(free_port):
    with pytest.raises(RemoteError, match="no connection"):
        ask(f"http://127.0.0.1:{free_port()}/")


def test_a_redirect_is_not_followed():
    with upstream(response()) as (target, seen):
        location = f"http://127.0.0.1:{target}/"
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            with (
                upstream(response(b"", status, Location=location)) as (port, _),
                pytest.raises(RemoteError, match="redirects are not followed"),
            ):
                ask(f"http://127.0.0.1:{port}/")
        time.sleep(0.1)
        assert seen == []


def test_packed_answers_are_unpacked():
    body = b" " * 3 * MB + EMPTY
    with upstream(response(gzip.compress(body), Content_Encoding="gzip")) as (port, _):
        assert ask(f"http://127.0.0.1:{port}/", room=4 * MB).body == body


def test_answers_are_kept_for_a_while_and_in_little_room():
    big = b" " * 1000 + EMPTY
    limits = EgressLimits(private=True, cache_bytes=2500, cache_seconds=0.5)
    with upstream(response(big)) as (port, seen):
        endpoint = read_endpoint(f"http://127.0.0.1:{port}/")

        async def run():
            egress = Egress(limits)
            for query in ("a", "a", "b", "a", "c", "b"):  # c drives out b
                await egress.ask(endpoint, query, MB)
            await asyncio.sleep(0.6)
            await egress.ask(endpoint, "b", MB)

        asyncio.run(run())
    assert [body for _, body in seen] == ["query=a", "query=b", "query=c", "query=b", "query=b"]


def test_an_answer_that_forbids_it_is_not_kept():
    with upstream(response(Cache_Control="max-age=0, no-store")) as (port, seen):
        egress = Egress(EgressLimits(private=True))
        for _ in range(2):
            ask(f"http://127.0.0.1:{port}/", egress=egress)
    assert len(seen) == 2


def test_requests_to_one_endpoint_wait_for_each_other():
    open_now, most = [0], [0]

    async def serve(reader, writer):
        open_now[0] += 1
        most[0] = max(most[0], open_now[0])
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(response())
        await writer.drain()
        open_now[0] -= 1
        writer.close()

    async def run():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        egress = Egress(EgressLimits(private=True, concurrency=2))
        endpoint = read_endpoint(f"http://127.0.0.1:{port}/")
        done = await asyncio.gather(
            *(egress.ask(endpoint, f"q{n}", MB) for n in range(8)), return_exceptions=True
        )
        await egress.ask(endpoint, "later", MB)
        server.close()
        return done

    done = asyncio.run(run())
    assert most[0] == 2
    busy = [error for error in done if isinstance(error, ServiceBusy)]
    assert 0 < len(busy) < 7
    assert all("too many queries wait for <http" in str(error) for error in busy)


def test_a_request_that_is_no_longer_wanted_is_ended(caplog, monkeypatch):
    monkeypatch.setattr(AUDIT, "propagate", True)
    gone = asyncio.Event()

    async def run():
        async def serve(reader, writer):
            await reader.read()  # returns when the other side closes
            gone.set()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        endpoint = read_endpoint(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        task = asyncio.create_task(Egress(EgressLimits(private=True)).ask(endpoint, "q", MB))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait_for(gone.wait(), 2)
        server.close()

    with caplog.at_level(logging.INFO, AUDIT.name):
        asyncio.run(run())
    assert "outcome=cancelled" in caplog.text
