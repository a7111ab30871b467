"""What one client may use, and that others do not feel it."""

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bioimg_kg.endpoint.http.clients import Clients, Share, networks
from bioimg_kg.endpoint.http.failures import Throttled

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?p2 ?o2 }"
SMALL = {"client_exempt": "", "client_seconds": 0.3, "client_seconds_per_minute": 6}


def at(address, **headers):
    """Headers of a client behind a proxy on this machine."""
    return {"X-Forwarded-For": address, **headers}


def left(response):
    return int(re.search(r"r=(\d+)", response.headers["ratelimit"])[1])


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_seconds_come_back_and_never_more_than_there_were():
    clock = Clock()
    clients = Clients(Share(seconds=10, seconds_per_minute=60), clock)
    clients.charge("a", 14)
    with pytest.raises(Throttled) as caught:
        clients.check("a")
    assert caught.value.retry_after == 5
    clock.now += caught.value.retry_after
    clients.check("a")
    clock.now += 1000
    assert clients.headers("a")["RateLimit"] == '"cpu";r=10;t=0'
    clients.check("b")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::1", True),
        ("nonsense", "other nonsense", True),
        ("", None, True),
    ],
)
def test_who_is_one_client(one, other, same):
    clients = Clients(Share())
    assert (clients.key(one) == clients.key(other)) is same


def test_exempt_networks_have_no_limits():
    clients = Clients(Share(seconds=1, exempt=networks("10.0.0.0/8 ::1")))
    for address in ("10.1.2.3", "::1", "::ffff:10.0.0.1"):
        key = clients.key(address)
        clients.charge(key, 100)
        clients.check(key)
        assert clients.headers(key) == {}
    assert clients.key("11.0.0.1")
    assert len(clients) == 0


def test_many_clients_take_bounded_room_and_those_with_queries_stay():
    async def session():
        clients = Clients(Share(queries=1, waiting=0), most=100)
        leave = await clients.enter("busy")
        for number in range(10_000):
            clients.check(f"client {number}")
        assert len(clients) <= 101
        with pytest.raises(Throttled, match="1 of your queries are running"):
            await clients.enter("busy")
        leave()

    asyncio.run(session())


def test_a_client_waits_in_a_line_of_its_own():
    async def session():
        clients = Clients(Share(queries=2, waiting=1, wait_seconds=0.2))
        leave = [await clients.enter("a") for _ in range(2)]
        third = asyncio.create_task(clients.enter("a"))
        await asyncio.sleep(0)
        with pytest.raises(Throttled):
            await clients.enter("a")
        (await clients.enter("b"))()
        leave[0]()
        (await third)()
        leave[1]()
        again = [await clients.enter("a") for _ in range(2)]
        with pytest.raises(Throttled, match="send no more than 2"):
            await clients.enter("a")
        assert len(again) == 2

    asyncio.run(session())


def test_a_query_that_is_cancelled_while_it_waits_leaves_the_line():
    async def session():
        clients = Clients(Share(queries=1, waiting=1))
        leave = await clients.enter("a")
        for _ in range(3):
            task = asyncio.create_task(clients.enter("a"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        leave()
        (await clients.enter("a"))()

    asyncio.run(session())


@pytest.fixture(scope="module")
def strict(data, start_service):
    with start_service(data, deadline_seconds=3, **SMALL) as service:
        yield service


def test_a_client_that_has_used_its_share_is_told_when_to_come_back(strict):
    mine, other = at("192.0.2.1"), at("192.0.2.2")
    first = strict.get(COUNT, headers=mine)
    assert first.status_code == 200
    assert first.headers["ratelimit-policy"].startswith('"cpu";q=1;w=3;qu="cpu-seconds"')
    assert strict.get(ENDLESS, headers=mine).status_code == 503  # 3 s of 0.3
    refused = strict.get("ASK { ?s ?p 'new' }", headers=mine)
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:bioimg-kg:problem:throttled"
    assert 3 <= int(refused.headers["retry-after"]) <= 31
    assert left(refused) == 0
    assert strict.get(COUNT, headers=mine).status_code == 200  # it is kept
    tag = {"If-None-Match": first.headers["etag"]}
    assert strict.get(COUNT, headers={**mine, **tag}).status_code == 304
    assert strict.client.get(strict.url, headers=mine).status_code == 200
    assert strict.client.get(f"{strict.url}/health", headers=mine).status_code == 200
    page = strict.client.get(f"{strict.url}/queries/studies.csv", headers=mine)
    assert page.status_code in {404, 429}
    assert strict.get("ASK { ?s ?p 'new' }", headers=other).status_code == 200


def test_who_hangs_up_pays_all_the_same(strict):
    mine = at("192.0.2.10")
    with pytest.raises(Exception, match="timed out"):  # a second one may find the share used up already
        strict.get(ENDLESS, headers=mine, timeout=2.5)
    time.sleep(0.3)
    assert strict.get("ASK { ?s ?p 'new 3' }", headers=mine).status_code == 429


def test_addresses_of_one_network_share_and_invented_ones_do_not_help(strict):
    with ThreadPoolExecutor(2) as background:
        spent = [
            background.submit(strict.get, ENDLESS, headers=at(address))
            for address in ("2001:db8::1", "9.9.9.9, 192.0.2.20")
        ]
        assert [query.result().status_code for query in spent] == [503, 503]
    assert strict.get("ASK { ?s ?p 4 }", headers=at("2001:db8::abcd")).status_code == 429
    assert strict.get("ASK { ?s ?p 4 }", headers=at("127.0.0.1, 8.8.8.8, 192.0.2.20")).status_code == 429
    assert strict.get("ASK { ?s ?p 4 }", headers=at("2001:db8:1::1")).status_code == 200


def test_a_proxy_that_is_not_trusted_is_the_client(data, start_service):
    with start_service(data, workers=1, trusted_proxies="", deadline_seconds=2, **SMALL) as service:
        assert service.get(ENDLESS, headers=at("192.0.2.1")).status_code == 503
        assert service.get("ASK { ?s ?p 5 }", headers=at("192.0.2.2")).status_code == 429
        text = service.get(headers=at("192.0.2.1", **{"X-Forwarded-Proto": "https"})).text
        assert f"<{service.sparql}>" in text


def test_one_client_cannot_fill_workers_and_queue(data, start_service):
    limits = {"workers": 2, "queue": 4, "client_queries": 2, "client_waiting": 2, "wait_seconds": 2}
    with start_service(
        data, client_exempt="", deadline_seconds=4, slow_after_seconds=0.3, **limits
    ) as service:
        with ThreadPoolExecutor(8) as background:
            flood = [background.submit(service.get, ENDLESS, headers=at("192.0.2.1")) for _ in range(8)]
            time.sleep(0.3)
            served = [service.get(f"ASK {{ ?s ?p {n} }}", headers=at("192.0.2.2")) for n in range(5)]
            statuses = sorted(query.result().status_code for query in flood)
        assert [answer.status_code for answer in served] == [200] * 5
        assert max(answer.elapsed.total_seconds() for answer in served) < 3
        assert statuses.count(429) >= 4
        assert statuses.count(503) >= 2


def test_who_is_exempt_is_told_nothing(service):
    assert "ratelimit" not in service.get("ASK {}").headers
    assert "client-seconds=120.0" in service.get("ASK {}").headers["x-query-limits"]


def test_the_description_of_a_forged_host_costs_little(examples_service):
    """It is made once; other addresses are put into it."""
    turtle = {"Accept": "text/turtle"}
    started = examples_service.get(headers=turtle)
    assert started.status_code == 200
    begun = time.monotonic()
    for number in range(50):
        host = f"host{number}.example:81"
        response = examples_service.get(headers={**turtle, "Host": host})
        assert f"<http://{host}/sparql>" in response.text
        assert "endpoint.invalid" not in response.text
        assert response.headers["cache-status"] == "bioimg-kg; hit"
    assert (time.monotonic() - begun) / 50 < 0.03
    for host in ("a'b", 'a"b', "<x>", "a/b", "a&b", "x" * 300, "a:b:c", "[", "\\"):
        response = examples_service.get(headers={**turtle, "Host": host})
        assert response.status_code == 400 or "<http://localhost/sparql>" in response.text, host
