"""Services that are started, killed at, left alone and stopped: what remains of them."""

import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HUGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as status:  # noqa: PTH123
            return status.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_service(data, start_service, children, how):
    with start_service(data) as service, ThreadPoolExecutor(1) as background:
        workers = children(service.process.pid)
        assert len(workers) == 2
        attack = background.submit(httpx.get, service.sparql, params={"query": ENDLESS}, timeout=30)
        time.sleep(0.3)
        service.process.send_signal(how)
        service.process.wait(20)
        assert wait_until(lambda: all(gone(pid) for pid in workers))
        assert isinstance(attack.exception(), httpx.TransportError) or attack.result().status_code == 503


def test_a_killed_worker_costs_one_answer(data, start_service, children):
    with start_service(data, workers=1) as service, ThreadPoolExecutor(1) as background:
        attack = background.submit(service.get, ENDLESS)
        time.sleep(0.3)
        (worker,) = children(service.process.pid)
        os.kill(worker, signal.SIGKILL)
        response = attack.result()
        assert response.status_code == 503
        assert "SIGKILL" in response.json()["detail"]
        assert service.get("ASK { ?s ?p ?o }").json()["boolean"] is True
        assert wait_until(lambda: len(children(service.process.pid)) == 1)


def test_the_query_of_a_client_that_hangs_up_is_stopped(data, start_service, children):
    with start_service(data, workers=1, deadline_seconds=60) as service:
        (before,) = children(service.process.pid)
        with pytest.raises(httpx.ReadTimeout):
            service.get(ENDLESS, timeout=0.5)
        begun = time.monotonic()
        assert service.get("ASK { ?s ?p ?o }").json()["boolean"] is True
        assert time.monotonic() - begun < 2
        assert children(service.process.pid) != [before]


def test_an_answer_that_breaks_off_never_looks_whole(data, start_service):
    with start_service(data, hold_mb=1, max_result_mb=16) as service:
        received = bytearray()

        def download():
            with httpx.stream("GET", service.sparql, params={"query": HUGE}) as response:
                assert response.status_code == 200
                for piece in response.iter_bytes():
                    received.extend(piece)

        with pytest.raises(httpx.RemoteProtocolError):
            download()
        assert len(received) > 1 << 20
        assert service.get("ASK { ?s ?p ?o }").json()["boolean"] is True


def test_a_client_that_does_not_read_holds_no_worker(data, start_service):
    big = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 50000"
    with start_service(data, workers=1) as service:
        host, port = service.url.removeprefix("http://").split(":")
        sockets = []
        for _ in range(3):
            slow = socket.create_connection((host, int(port)))
            query = httpx.QueryParams({"query": big})
            slow.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            sockets.append(slow)
        time.sleep(1)
        begun = time.monotonic()
        assert service.get("ASK { ?s ?p ?o }").json()["boolean"] is True
        assert time.monotonic() - begun < 5
        for slow in sockets:
            slow.close()


def test_many_clients_at_once_are_all_answered(data, start_service):
    with start_service(data, queue=64) as service, ThreadPoolExecutor(24) as background:
        answers = list(background.map(lambda _: service.get("SELECT * { ?s ?p ?o }").content, range(48)))
        assert len({len(answer) for answer in answers}) == 1
        assert len(answers[0]) > 10_000


def test_a_new_release_is_served_without_a_restart(tmp_path, make_release, start_service):
    folder = tmp_path / "data"
    make_release(folder, "1", quads=100)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    with start_service(folder) as service:
        seen, failures = set(), []
        stop = threading.Event()

        def ask():
            while not stop.is_set():
                response = service.get(count)
                if response.status_code != 200:
                    failures.append(response.text)
                    return
                version = response.headers["x-dataset-version"]
                seen.add((version, response.json()["results"]["bindings"][0]["n"]["value"]))

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.3)
        make_release(folder, "2", quads=200)
        service.wait_for("2")
        time.sleep(0.7)
        stop.set()
        thread.join()
        assert failures == []
        assert seen == {("1", "100"), ("2", "200")}
        assert httpx.get(f"{service.url}/health").json()["release"] == "2"


def test_a_running_query_ends_before_the_service_does(data, start_service, children):
    sort = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(STR(?a) > STR(?d)) }"
    with start_service(data, workers=1, cache_mb=0) as service, ThreadPoolExecutor(1) as background:
        expected = service.get(sort).content
        begun = time.monotonic()
        service.get(sort)
        usual = time.monotonic() - begun
        workers = children(service.process.pid)
        running = background.submit(httpx.get, service.sparql, params={"query": sort}, timeout=30)
        time.sleep(usual / 3)
        service.process.terminate()
        time.sleep(usual / 3)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{service.url}/health", timeout=2)
        assert running.result().content == expected
        assert service.process.wait(20) == 0
        assert wait_until(lambda: all(gone(pid) for pid in workers))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_grace_for_queries_has_an_end(data, start_service, children, how):
    with start_service(data, grace_seconds=1) as service, ThreadPoolExecutor(1) as background:
        workers = children(service.process.pid)
        running = background.submit(httpx.get, service.sparql, params={"query": ENDLESS}, timeout=30)
        time.sleep(0.5)
        begun = time.monotonic()
        service.process.send_signal(how)
        assert service.process.wait(20) == 0
        assert 0.9 < time.monotonic() - begun < 4
        assert running.exception() or running.result().status_code == 503
        assert wait_until(lambda: all(gone(pid) for pid in workers))
    for line in service.log.read_text().splitlines():
        json.loads(line)


def test_three_releases_in_a_row_cost_no_request_and_leave_no_old_worker(
    tmp_path, make_release, start_service, children
):
    folder = tmp_path / "data"
    make_release(folder, "1", quads=100, label="one")
    label = (
        "SELECT (SAMPLE(?w) AS ?word) (COUNT(*) AS ?n) "
        "{ ?s <http://example.org/label> ?l BIND(STRBEFORE(?l, ' ') AS ?w) }"
    )
    sizes = {"1": ("one", "50"), "2": ("two", "100"), "3": ("three", "150"), "4": ("four", "200")}
    with start_service(folder) as service:
        seen, failures = set(), []
        stop = threading.Event()

        def ask(number):
            with httpx.Client(timeout=30) as client:
                turn = 0
                while not stop.is_set():
                    turn += 1
                    text = f"{label} # {number}" if turn % 2 else label.replace("?n", f"?n{number}x{turn}")
                    answer = client.get(service.sparql, params={"query": text})
                    if answer.status_code != 200:
                        failures.append((answer.status_code, answer.text))
                        continue
                    word, count = answer.json()["results"]["bindings"][0].values()
                    seen.add((answer.headers["x-dataset-version"], word["value"], count["value"]))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        first = children(service.process.pid)
        for thread in threads:
            thread.start()
        for name in ("2", "3", "4"):
            time.sleep(0.4)
            make_release(folder, name, quads=2 * int(sizes[name][1]), label=sizes[name][0])
            service.wait_for(name)
        time.sleep(0.6)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert seen == {(name, *facts) for name, facts in sizes.items()}
        assert wait_until(lambda: all(gone(pid) for pid in first))
        make_release(folder, "5", quads=10)
        idle = children(service.process.pid)
        assert wait_until(lambda: all(gone(pid) for pid in idle))  # though nobody asks
        assert wait_until(lambda: len(children(service.process.pid)) == 2)
