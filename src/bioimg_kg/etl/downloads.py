"""What a release offers as files: everything, or what is left without studies that are not open."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bioimg_kg.etl.workers import StudyResult
from bioimg_kg.exports.offer import ALL, as_manifest, list_files, withheld
from bioimg_kg.exports.run import Source, write_exports
from bioimg_kg.exports.tables import put_together
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.release import OFFERED
from bioimg_kg.resources import data_path

Complete = Callable[[Sequence[StudyResult], Path, Path], Mapping[str, int]]
"""Adds to the graphs of studies in a folder those that they share, and loads all; returns quads by graph."""


def offer(
    results: Sequence[StudyResult],
    graphs: Mapping[str, int],
    folder: Path,
    minter: Minter,
    *,
    jobs: int = 0,
    complete: Complete | None = None,
) -> dict[str, object]:
    """Write the files that are offered beside the graphs; returns what the manifest says of them.

    Parameters
    ----------
    results
        The studies.
    graphs
        Name of each graph to the number of its quads.
    folder
        Folder of the release.
    minter
        Makes our own IRIs.
    jobs
        Number of processes.
    complete
        Given: studies whose licence restricts what may be done with the files are left out of everything that
        is offered. Graphs that studies share are made once more from the others, so what is offered is what a
        build of these alone would offer.
    """
    left_out = withheld({r.accession: r.license for r in results}) if complete else {}
    offered = folder
    if complete and left_out:
        offered = folder / OFFERED
        results = [result for result in results if result.accession not in left_out]
        graphs = _without(results, folder, offered, complete)
    sources = [
        Source(r.accession, r.license, offered / "quads" / f"{r.facts.name}.nq.gz", minter.study(r.accession))
        for r in results
    ]
    exports = write_exports(sources, offered / "quads", offered, minter.base, jobs)
    put_together(offered / ALL, [offered / "quads" / f"{name}.nq.gz" for name in sorted(graphs)], keep=True)
    (offered / "ontology").mkdir()
    for source in sorted(data_path("ontology").glob("*.ttl")):
        shutil.copyfile(source, offered / "ontology" / source.name)
    files = list_files(folder, offered, exports.rows, graphs, [result.license for result in results])
    return {"files": as_manifest(files), "withheld": left_out}


def _without(
    results: Sequence[StudyResult], folder: Path, offered: Path, complete: Complete
) -> Mapping[str, int]:
    """Make the graphs of some of the studies, in a folder and a store of their own."""
    (offered / "quads" / "study").mkdir(parents=True)
    for result in results:
        name = f"quads/{result.facts.name}.nq.gz"
        _link(folder / name, offered / name)
    store = folder / ".offered-store"
    try:
        return complete(results, offered, store)
    finally:
        shutil.rmtree(store, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or a copy where the disk knows no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
