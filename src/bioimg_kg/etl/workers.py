"""Builds the graphs of studies, several at a time, each in one process."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bioimg_kg.errors import Issue
from bioimg_kg.etl import archives
from bioimg_kg.etl.graph.meta import GraphFacts
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.graph.writer import write_study_graph
from bioimg_kg.etl.model import Study, StudyRef
from bioimg_kg.etl.omezarr.copies import Found, ImageCopy
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.processes import end_with_parent

Item = TypeVar("Item")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """What a worker process hands back: the graph itself is on disk."""

    accession: str
    facts: GraphFacts
    license: str
    counts: Counter[str]
    issues: list[Issue]
    shared: Shared


def build_study(
    ref: StudyRef,
    quads: Path,
    base: str,
    copies: Sequence[ImageCopy] = (),
    files: Sequence[SourceFile] = (),
) -> StudyResult:
    """Read one study and write its graph; runs in a worker process.

    Parameters
    ----------
    ref
        The study.
    quads
        Folder of the release's N-Quads files.
    base
        Base of our own IRIs.
    copies
        OME-Zarr copies of its images.
    files
        The tables that list them.
    """
    study = archives.read(ref, base)
    counts, shared = write_study_graph(study, quads, Minter(base), copies)
    return StudyResult(
        accession=study.accession,
        license=study.license,
        facts=GraphFacts(
            name=f"study/{study.accession}",
            counts=counts,
            license=study.license,
            source=study.source,
            version=study.revision,
            files=(*study.files, *files),
        ),
        counts=_count(study),
        issues=study.ledger.issues,
        shared=shared,
    )


def _count(study: Study) -> Counter[str]:
    counts: Counter[str] = Counter(studies=1, components=len(study.components))
    for component in study.components:
        counts["study_phenotypes"] += sum(p.declared for p in component.phenotypes)
        keys = [
            (block.kind, block.container.text(row), block.name.text(row))
            for block in component.blocks
            if block.kind != "call"
            for row in range(len(block.rows))
        ]
        counts["records"] += len(set(keys))
        counts["annotations"] += sum(
            int((slot.codes >= 0).sum())
            for b in component.blocks
            if b.kind != "call"
            for slot in b.phenotypes
        )
    return counts


def build_studies(
    refs: Sequence[StudyRef],
    quads: Path,
    base: str,
    *,
    images: Found | None = None,
    jobs: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[StudyResult]:
    """Build studies in worker processes, the largest first, and yield each result when it is there.

    Parameters
    ----------
    refs
        The studies.
    quads
        Folder of the release's N-Quads files.
    base
        Base of our own IRIs.
    images
        OME-Zarr copies of their images.
    jobs
        Number of processes; one per core if 0, none beside this one if 1.
    progress
        Called with a line of text after each study.
    """
    jobs = jobs or os.cpu_count() or 1
    order = sorted(refs, key=lambda ref: (-ref.size, ref.accession))
    copies: dict[str, list[ImageCopy]] = {}
    for copy in images.copies if images else ():
        copies.setdefault(copy.study, []).append(copy)
    tables = {file.path: file for file in images.files.values()} if images else {}

    def arguments(ref: StudyRef) -> tuple[StudyRef, Path, str, list[ImageCopy], list[SourceFile]]:
        mine = copies.get(ref.accession, [])
        used = sorted({copy.source.partition("#")[0] for copy in mine if copy.source})
        return ref, quads, base, mine, [file for file in tables.values() if file.url in used]

    if jobs == 1 or len(refs) == 1:
        for ref in order:
            result = build_study(*arguments(ref))
            progress(_line(result))
            yield result
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bioimg_kg.etl.archives", "bioimg_kg.etl.graph.writer"])
    with ProcessPoolExecutor(min(jobs, len(refs)), context, end_with_parent) as pool:
        futures = [pool.submit(build_study, *arguments(ref)) for ref in order]
        for future in as_completed(futures):
            result = future.result()
            progress(_line(result))
            yield result


def in_order(work: Callable[[Item], Done], items: Sequence[Item], jobs: int = 0) -> Iterator[Done]:
    """Do some work on each item in worker processes and yield the results in the order of the items.

    Parameters
    ----------
    work
        A function of a module.
    items
        What it is called with.
    jobs
        Number of processes; one per core if 0, none beside this one if 1.
    """
    jobs = min(jobs or os.cpu_count() or 1, len(items))
    if jobs <= 1:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("forkserver"), end_with_parent) as pool:
        futures = [pool.submit(work, item) for item in items]
        while futures:
            yield futures.pop(0).result()


def _line(result: StudyResult) -> str:
    return (
        f"{result.accession}: {result.counts['records']:,} records, {result.facts.quads:,} quads, "
        f"{len(result.issues):,} issues"
    )
