"""Real worker processes: deadlines, crashes, memory, queues, releases."""

import asyncio
import os
import re
import signal
import socket
import threading
import time

import pytest

from bioimg_kg.endpoint.http.failures import ResultTooLarge, ServiceBusy, WorkerDied
from bioimg_kg.endpoint.workers.frames import Job
from bioimg_kg.endpoint.workers.pool import Limits, WorkerPool
from bioimg_kg.errors import QueryError, QueryRefused, QuerySyntax, QueryTimeout
from bioimg_kg.release import current_release

JSON = "application/sparql-results+json"
CROSS = "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = f"SELECT (COUNT(*) AS ?n) {CROSS}"
BOMB = "SELECT * { BIND('0123456789' AS ?x0) " + " ".join(
    f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(30)
) + " }"  # fmt: skip


def run(data, action, **limits):
    """Run an action with a pool and check that the pool leaves no process behind."""

    async def session():
        settings = Limits(**{"workers": 1, "deadline_seconds": 20, **limits})
        async with WorkerPool(lambda: current_release(data).store, settings) as pool:
            outcome = await action(pool)
            pids = pool.pids
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        return outcome

    return asyncio.run(session())


def job(query, media_type=JSON, **rest):
    return Job(query=query, media_type=media_type, **rest)


async def answer(pool, query, **rest):
    return await (await pool.run(job(query, **rest))).read()


async def count_is_right(pool):
    assert b'"600"' in await answer(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


def test_workers_are_used_again(data):
    async def action(pool):
        before = pool.pids
        for _ in range(5):
            await count_is_right(pool)
        assert pool.pids == before

    run(data, action, workers=2)


def test_the_default_graph_is_the_union_unless_something_names_graphs(data):
    async def action(pool):
        count = "SELECT (COUNT(*) AS ?n) {0} {{ ?s ?p ?o }}"
        graph = "http://example.org/g0"
        assert b'"600"' in await answer(pool, count.format(""))
        assert b'"300"' in await answer(pool, count.format(f"FROM <{graph}>"), union=False)
        assert b'"300"' in await answer(pool, count.format(""), default_graphs=(graph,))
        assert b'"0"' in await answer(pool, count.format(""), named_graphs=(graph,))
        named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
        assert b'"0"' in await answer(pool, named, default_graphs=(graph,))
        assert b'"300"' in await answer(pool, named, named_graphs=(graph,))
        assert b'"0"' in await answer(
            pool, count.format(""), default_graphs=("http://example.org/not-there",)
        )

    run(data, action)


def test_a_query_that_takes_too_long_is_stopped_and_its_worker_replaced(data):
    async def action(pool):
        before = pool.pids
        started = time.monotonic()
        with pytest.raises(QueryTimeout, match=r"longer than 0\.5 s"):
            await answer(pool, ENDLESS)
        assert time.monotonic() - started < 2
        await count_is_right(pool)
        assert not pool.pids & before

    run(data, action, deadline_seconds=0.5)


@pytest.mark.parametrize(
    ("query", "message"),
    [(BOMB, "needs more than the 1,024 MB"), ("SELECT * " + "{" * 5000 + "}" * 5000, "SIGSEGV|SIGABRT")],
)
def test_a_query_that_kills_its_process_is_an_error_and_the_next_one_runs(data, query, message):
    async def action(pool):
        with pytest.raises(WorkerDied, match=message):
            await answer(pool, query)
        await count_is_right(pool)

    run(data, action, memory_mb=1024)


def test_a_worker_killed_in_mid_query_or_while_idle_is_replaced(data):
    async def action(pool):
        running = asyncio.create_task(answer(pool, ENDLESS))
        await asyncio.sleep(0.3)
        for pid in pool.pids:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerDied, match="SIGKILL"):
            await running
        await count_is_right(pool)
        for pid in pool.pids:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        await count_is_right(pool)

    run(data, action)


def test_a_client_that_goes_away_stops_its_query(data):
    async def action(pool):
        for pause in (0, 0.2):
            running = asyncio.create_task(answer(pool, ENDLESS))
            await asyncio.sleep(pause)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            started = time.monotonic()
            await count_is_right(pool)
            assert time.monotonic() - started < 2

    run(data, action)


def test_the_queue_has_an_end_and_a_longest_wait(data):
    async def action(pool):
        running = asyncio.create_task(answer(pool, ENDLESS))
        await asyncio.sleep(0.1)
        waiting = [asyncio.create_task(count_is_right(pool)) for _ in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(ServiceBusy, match="too many queries are waiting"):
            await count_is_right(pool)
        for task in waiting:
            with pytest.raises(ServiceBusy, match=r"within 0\.5 s"):
                await task
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await count_is_right(pool)

    run(data, action, queue=2, wait_seconds=0.5, slow_lane=0)


def priority(pid):
    return os.getpriority(os.PRIO_PROCESS, pid)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_long_query_gives_its_place_to_those_that_wait_and_goes_on(data):
    async def action(pool):
        (first,) = pool.pids
        running = asyncio.create_task(answer(pool, ENDLESS))
        await asyncio.sleep(0.5)
        assert pool.pids == {first}  # nobody waits
        before = priority(first)
        for _ in range(3):
            await count_is_right(pool)
        assert len(pool.pids) == 2
        assert priority(first) == 10 > before == max(map(priority, pool.pids - {first}))
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await until(lambda: len(pool.pids) == 1)
        assert first not in pool.pids
        await count_is_right(pool)

    run(data, action, slow_after_seconds=0.2, slow_lane=1)


def test_the_slow_lane_is_short_and_the_longest_query_leaves_it(data):
    async def action(pool):
        queries = []
        for _ in range(3):
            queries.append(asyncio.create_task(answer(pool, ENDLESS)))
            await asyncio.sleep(0.05)
            await count_is_right(pool)
        await count_is_right(pool)
        with pytest.raises(QueryTimeout, match="others were waiting") as caught:
            await queries[0]
        assert float(re.search(r"after ([0-9.]+) s", str(caught.value))[1]) >= 0.6
        assert not queries[1].done()
        assert not queries[2].done()
        await until(lambda: len(pool.pids) == 3)
        for query in queries[1:]:
            query.cancel()
        await asyncio.gather(*queries, return_exceptions=True)
        await count_is_right(pool)
        await until(lambda: len(pool.pids) == 1)

    run(data, action, slow_after_seconds=0.1, slow_lane=2)


def test_a_query_in_the_slow_lane_is_answered(data):
    async def action(pool):
        slow = "SELECT (COUNT(*) AS ?n) { ?a <http://example.org/type> ?c . ?d ?e ?f FILTER(?a != ?f) }"
        running = asyncio.create_task(answer(pool, slow))
        await asyncio.sleep(0.01)
        await count_is_right(pool)
        assert b'"180000"' in await running

    run(data, action, slow_after_seconds=0.02, slow_lane=1)


def test_a_query_in_the_slow_lane_keeps_its_deadline(data):
    async def action(pool):
        running = asyncio.create_task(answer(pool, ENDLESS))
        await asyncio.sleep(0.01)
        await count_is_right(pool)
        with pytest.raises(QueryTimeout, match="longer than 3 s"):
            await running

    run(data, action, slow_after_seconds=0.1, slow_lane=1, deadline_seconds=3)


def test_a_pool_is_closed_with_queries_in_the_slow_lane(data):
    async def action(pool):
        query = asyncio.create_task(answer(pool, ENDLESS))
        await asyncio.sleep(0.05)
        await count_is_right(pool)
        await pool.close()
        with pytest.raises(ServiceBusy, match="stopping"):
            await query

    run(data, action, slow_after_seconds=0.1, slow_lane=1)


def test_errors_of_the_query_keep_the_worker(data):
    async def action(pool):
        before = pool.pids
        with pytest.raises(QuerySyntax) as caught:
            await answer(pool, "SELECT *\n{ ?s ?p ")
        assert (caught.value.line, caught.value.column) == (2, 9)
        with pytest.raises(QueryRefused, match="cannot hold the table"):
            await answer(pool, "SELECT * { ?s ?p ?o }", media_type="text/turtle")
        with pytest.raises(QueryError, match="custom function"):
            await answer(pool, "SELECT * { BIND(<http://x/f>(1) AS ?x) }")
        with pytest.raises(ResultTooLarge, match="larger than 1 MB"):
            await answer(pool, f"SELECT * {CROSS}", max_bytes=1 << 20)
        await count_is_right(pool)
        assert pool.pids == before

    run(data, action)


def test_what_fails_after_the_hold_breaks_off_instead_of_ending(data):
    async def action(pool):
        result = await pool.run(job(f"SELECT * {CROSS}", max_bytes=8 << 20))
        assert result.length is None
        pieces = []

        async def collect():
            async for piece in result.chunks():
                pieces.append(piece)

        with pytest.raises(ResultTooLarge):
            await collect()
        await result.aclose()
        assert 1 << 20 < sum(map(len, pieces)) <= 8 << 20

    run(data, action, hold_mb=1)


def test_a_slow_reader_holds_no_worker(data):
    async def action(pool):
        query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000"
        result = await pool.run(job(query))
        await count_is_right(pool)
        assert len(await result.read()) == result.length

    run(data, action, hold_mb=1, slow_lane=0)


def test_room_for_answers_is_limited_and_given_back(data):
    async def action(pool):
        big = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 5000"
        first = await pool.run(job(big))
        with pytest.raises(ServiceBusy, match="being downloaded"):
            await pool.run(job(big))
        await first.aclose()
        assert len(await answer(pool, big)) > 1 << 20

    run(data, action, spool_mb=2)


def test_no_query_of_a_worker_can_open_a_socket(data):
    connections = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(0.5)

        def listen():
            try:
                while True:
                    connections.append(server.accept())
            except TimeoutError:
                return

        thread = threading.Thread(target=listen)
        thread.start()

        async def action(pool):
            with pytest.raises(QueryRefused, match="federation"):
                await answer(pool, f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}")
            silent = f"SELECT * {{ SERVICE SILENT <http://localhost:{port}/> {{ ?s ?p ?o }} }}"
            assert b'"bindings":[{}]' in await answer(pool, silent)

        run(data, action)
        thread.join()
    assert connections == []


def test_a_new_release_is_followed_at_the_next_query(tmp_path, make_release):
    folder = tmp_path / "data"
    make_release(folder, "1", quads=100)

    async def action(pool):
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        assert b'"100"' in await answer(pool, count)
        make_release(folder, "2", quads=200)
        result = await pool.run(job(count))
        assert result.store.parent.name == "2"
        assert b'"200"' in await result.read()

    run(folder, action)
