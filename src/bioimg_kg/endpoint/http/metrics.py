"""Numbers for Prometheus; no label has anything that a client chose.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bioimg_kg import __version__
from bioimg_kg.endpoint.http.asking import Asking
from bioimg_kg.endpoint.service import Service
from bioimg_kg.release import Release

SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)


class Metrics(Collector):
    """What is counted, and what is looked up when somebody wants to know.

    Parameters
    ----------
    service
        What evaluates queries.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "bioimg_kg_requests",
            "Requests by status and form of the query; 499: the client did not wait.",
            ["status", "form"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "bioimg_kg_query_seconds",
            "Time from a request with a query to the end of its answer.",
            ["form"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._cpu = Counter(
            "bioimg_kg_query_cpu_seconds", "Processor time of evaluations.", registry=self._registry
        )
        self._cache = Counter(
            "bioimg_kg_cache_answers",
            "Answers by origin: hit, stored, miss or bypass.",
            ["origin"],
            registry=self._registry,
        )
        self._registry.register(self)

    def request(self, me: Asking, status: int, seconds: float) -> None:
        """Count a request that has ended."""
        self._requests.labels(str(status), me.form).inc()
        if me.text is not None:
            self._seconds.labels(me.form).observe(seconds)
            self._cpu.inc(max(0.0, me.cpu))
        if me.cache:
            self._cache.labels(me.cache).inc()

    def text(self) -> bytes:
        """Return all numbers in the text format."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Return nothing: what is collected need not be looked up to be registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Look up what is not counted by the way."""
        service, pool = self._service, self._service.pool
        yield _gauge("queue_length", "Queries that wait for a worker.", pool.waiting)
        yield _gauge("queries", "Queries that are evaluated or wait for it.", len(service.queries))
        workers = GaugeMetricFamily("bioimg_kg_workers", "Workers by state.", labels=["state"])
        for state, number in pool.workers.items():
            workers.add_metric([state], number)
        yield workers
        fates = CounterMetricFamily("bioimg_kg_worker_events", "Workers by fate.", labels=["event"])
        for event in ("started", "killed", "retired", "died"):
            fates.add_metric([event], pool.fates[event])
        yield fates
        memory = pool.memory_bytes
        yield _gauge("worker_memory_bytes", "Resident memory of all workers.", sum(memory))
        yield _gauge(
            "worker_memory_bytes_max", "Resident memory of the largest worker.", max(memory, default=0)
        )
        yield _gauge("cache_bytes", "Size of the answers that are kept.", service.cache.used)
        yield _gauge("clients", "Clients that are remembered.", len(service.clients))
        sent = CounterMetricFamily(
            "bioimg_kg_federation_requests",
            "Requests to the endpoints that the operator allows, by outcome.",
            labels=["endpoint", "outcome"],
        )
        for (endpoint, outcome), number in sorted(service.egress.outcomes.items()):
            sent.add_metric([endpoint, outcome], number)
        yield sent
        release = service.release()
        info = GaugeMetricFamily("bioimg_kg_release_info", "The release.", labels=["release", "version"])
        info.add_metric([release.name, __version__], 1)
        yield info
        yield _gauge(
            "release_served_seconds", "How long it is served here.", time.time() - service.release.since
        )
        refused = service.release.refused is not None
        yield _gauge("release_refused", "1 if the release that should be served cannot be.", refused)
        earlier = service.pools.earlier_workers
        yield _gauge("earlier_release_workers", "Workers of earlier releases.", earlier)
        if (age := age_seconds(release)) is not None:
            yield _gauge("release_age_seconds", "Time since its date.", age)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bioimg_kg_{name}", about, value=value)


def age_seconds(release: Release) -> float | None:
    """Return the time since the date of a release, None if it has none.

    Examples
    --------
    >>> from pathlib import Path
    >>> age_seconds(Release(Path("x"), {"date": "2020-02-30"})) is None
    True
    """
    try:
        date = datetime.fromisoformat(str(release.manifest.get("date"))).replace(tzinfo=UTC)
    except ValueError:
        return None
    return max(0.0, time.time() - date.timestamp())
