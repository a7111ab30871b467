"""Jobs with the same answer that take less time: known counts, and paths from their bound end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Store

from bioimg_kg.endpoint.sparql.counts import STATISTICS, Statistics, plain, read_count
from bioimg_kg.endpoint.sparql.rewrite import MAX_TERMS, path_first
from bioimg_kg.endpoint.workers.frames import Job

Evaluate = Callable[[Store, Job], QuerySolutions | QueryBoolean | QueryTriples]
Improvement = Literal["", "known-count", "path-first"]

MAX_REMEMBERED: Final = 512
"""How many closures of terms one worker keeps."""

MAX_INLINE: Final = 64 << 10
"""Longer queries that hold answers of other endpoints are not read again here: it takes too long."""


class Improver:
    """Improves the jobs of one worker.

    Parameters
    ----------
    store
        The store, which never changes.
    evaluate
        Evaluates a job on a store.

    Attributes
    ----------
    store
        The store.
    """

    def __init__(self, store: Store, evaluate: Evaluate) -> None:
        self.store = store
        self._evaluate = evaluate
        self._nothing = Store()
        self._statistics: Statistics | None = None
        self._closures: dict[tuple[object, ...], list[str] | None] = {}

    def evaluate(self, job: Job) -> tuple[QuerySolutions | QueryBoolean | QueryTriples, Improvement]:
        """Evaluate a job, or a better one with the same answer.

        Errors are those of the job as it was given.
        """
        if job.dry:
            return self._evaluate(self._nothing, job), ""
        if job.blank_function is not None and len(job.query) > MAX_INLINE:
            return self._evaluate(self.store, job), ""
        better, how = self._better(job)
        if better is not None:
            # Its mistakes are told with their place in the text that the client has sent.
            self._evaluate(self._nothing, job)
            try:
                return self._evaluate(self.store, better), how
            except SyntaxError:
                pass
        return self._evaluate(self.store, job), ""

    def _better(self, job: Job) -> tuple[Job | None, Improvement]:
        if job.union and (count := read_count(job.query)) is not None:
            query = count.answer(self._known(), lambda term: self._resolve(job, count.prologue, term))
            if query is not None:
                return replace(job, query=query), "known-count"
        query = path_first(job.query, lambda text: self._closure(job, text), lambda: self._columns(job))
        return (None, "") if query is None else (replace(job, query=query), "path-first")

    def _known(self) -> Statistics:
        if self._statistics is None:
            rows = self.store.query(STATISTICS)
            assert isinstance(rows, QuerySolutions)  # it is a SELECT
            self._statistics = Statistics.of(plain((row[i].value for i in range(4)) for row in rows))
        return self._statistics

    def _resolve(self, job: Job, prologue: str, term: str) -> str | None:
        """Let the engine turn a term into an IRI, since it knows prefixes, bases and escapes best."""
        try:
            rows = self._evaluate(self._nothing, replace(job, query=f"{prologue} SELECT ({term} AS ?i) {{}}"))
            assert isinstance(rows, QuerySolutions)  # it is a SELECT
            value = next(rows)["i"]
        except (SyntaxError, ValueError, RuntimeError, OSError):
            return None
        return value.value if isinstance(value, NamedNode) else None

    def _columns(self, job: Job) -> list[str]:
        answer = self._evaluate(self._nothing, job)
        assert isinstance(answer, QuerySolutions)  # only a SELECT has SELECT *
        return [column.value for column in answer.variables]

    def _closure(self, job: Job, query: str) -> list[str] | None:
        """Return the IRIs that a query finds, None if it finds other things or too many."""
        key = (query, job.base_iri, job.union, job.default_graphs, job.named_graphs)
        if key not in self._closures:
            if len(self._closures) >= MAX_REMEMBERED:
                self._closures.pop(next(iter(self._closures)))
            self._closures[key] = self._find(replace(job, query=query))
        return self._closures[key]

    def _find(self, job: Job) -> list[str] | None:
        try:
            rows = self._evaluate(self.store, job)
            assert isinstance(rows, QuerySolutions)  # it is a SELECT
            found: list[str] = []
            for row in rows:
                if not isinstance(row[0], NamedNode) or len(found) >= MAX_TERMS:
                    return None
                found.append(row[0].value)
        except (SyntaxError, ValueError, RuntimeError, OSError):
            return None
        return found
