"""A build: studies are read and written in parallel, then everything is loaded and becomes a release."""

import csv
import json
import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from bioimg_kg import __version__
from bioimg_kg.errors import ConfigError, Issue
from bioimg_kg.etl import archives
from bioimg_kg.etl.graph.meta import GraphFacts, write_meta
from bioimg_kg.etl.graph.ontology import write_ontologies
from bioimg_kg.etl.graph.reference import write_reference
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.graph.writer import write_study_graph
from bioimg_kg.etl.model import Study, StudyRef
from bioimg_kg.etl.omezarr import ImageCopy, find_images
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.ontologies import Slice, read_slices
from bioimg_kg.release import Release, free_name, new_release, open_release
from bioimg_kg.store import build_store
from bioimg_kg.vocab import DEFAULT_BASE

COUNTED = ("studies", "components", "records", "study_phenotypes", "annotations", "issues", "quads")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a build is made of.

    Attributes
    ----------
    sources
        Folders of studies.
    data
        Data folder that gets the new release.
    studies
        Accessions to build; all if empty.
    ontologies
        Folder of ``.obo`` files.
    omezarr
        Folder of OME-Zarr images, see :mod:`bioimg_kg.etl.omezarr`.
    name
        Name of the release; from the date if empty.
    date
        Day that the release states, ``YYYY-MM-DD``.
    jobs
        Number of processes.
    base
        Base of our own IRIs.
    """

    sources: Sequence[Path]
    data: Path
    studies: Sequence[str] = ()
    ontologies: Path | None = None
    omezarr: Path | None = None
    name: str = ""
    date: str = ""
    jobs: int = 0
    base: str = DEFAULT_BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """What a worker process hands back: the graph itself is on disk."""

    accession: str
    facts: GraphFacts
    license: str
    counts: Counter[str]
    issues: list[Issue]
    shared: Shared


def build(options: BuildOptions, progress: Callable[[str], None] = lambda _: None) -> Release:
    """Build a release from studies; it becomes the current one when it is whole.

    Parameters
    ----------
    options
        What to build.
    progress
        Called with a line of text after each step.

    Raises
    ------
    SourceError
        A source cannot be read.
    ConfigError
        An option does not fit.
    """
    refs = find_studies(options.sources, options.studies)
    date = options.date or _today()
    name = options.name or free_name(options.data, date)
    minter = Minter(options.base)
    with new_release(options.data, name) as folder:
        quads = folder / "quads"
        results = sorted(_studies(refs, quads, options, progress), key=lambda r: r.accession)
        shared = Shared()
        for result in results:
            shared.merge(result.shared)
        graphs = [result.facts for result in results]
        graphs += _references(shared, quads, options, minter)
        counts = _counts(results, graphs)
        counts["quads"] += write_meta(graphs, date, counts, quads, minter)
        issues = sorted(issue for result in results for issue in result.issues)
        write_issues(issues, folder / "issues.tsv")
        progress(f"load {counts['quads']:,} quads")
        loaded = build_store(folder / "store", quad_files(quads))
        if loaded != counts["quads"]:
            message = (
                f"{counts['quads']:,} quads were written and {loaded:,} are in the store; please report this"
            )
            raise ConfigError(message)
        manifest = _manifest(name, date, results, graphs, counts, issues)
        manifest["omezarr"] = str(options.omezarr.resolve()) if options.omezarr else ""
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return open_release(options.data / "releases" / name)


def find_studies(sources: Iterable[Path], wanted: Sequence[str] = ()) -> list[StudyRef]:
    """Find the studies to build.

    Raises
    ------
    ConfigError
        A study stands in two sources, or a wanted one in none.
    SourceError
        A source has no studies.
    """
    refs: dict[str, StudyRef] = {}
    for source in sources:
        for ref in archives.discover(source):
            if refs.setdefault(ref.accession, ref) is not ref:
                message = (
                    f"{ref.accession} is in {refs[ref.accession].path} and in {ref.path}: name one of the two"
                )
                raise ConfigError(message)
    missing = sorted(set(wanted) - set(refs))
    if missing:
        message = (
            f"no such study: {', '.join(missing)}; there are {len(refs)}, from {min(refs)} to {max(refs)}"
        )
        raise ConfigError(message)
    return [ref for accession, ref in sorted(refs.items()) if not wanted or accession in wanted]


def quad_files(quads: Path) -> list[Path]:
    """Return the N-Quads files of a release in a fixed order."""
    return sorted(quads.rglob("*.nq.gz"))


def build_study(ref: StudyRef, quads: Path, base: str, copies: Sequence[ImageCopy] = ()) -> StudyResult:
    """Read one study and write its graph; runs in a worker process."""
    study = archives.read(ref, base)
    count, shared = write_study_graph(study, quads, Minter(base), copies)
    return StudyResult(
        accession=study.accession,
        license=study.license,
        facts=GraphFacts(
            name=f"study/{study.accession}",
            quads=count,
            license=study.license,
            source=study.source,
            version=study.revision,
            files=tuple(study.files),
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


def _studies(
    refs: Sequence[StudyRef], quads: Path, options: BuildOptions, progress: Callable[[str], None]
) -> Iterator[StudyResult]:
    """Build the studies in worker processes, the largest first."""
    jobs = options.jobs or os.cpu_count() or 1
    order = sorted(refs, key=lambda ref: (-ref.size, ref.accession))
    copies: dict[str, list[ImageCopy]] = {}
    for copy in find_images(options.omezarr) if options.omezarr else ():
        copies.setdefault(copy.study, []).append(copy)
    if jobs == 1 or len(refs) == 1:
        for ref in order:
            result = build_study(ref, quads, options.base, copies.get(ref.accession, ()))
            progress(_line(result))
            yield result
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bioimg_kg.etl.archives", "bioimg_kg.etl.graph.writer"])
    with ProcessPoolExecutor(min(jobs, len(refs)), context, _end_with_parent) as pool:
        futures = [
            pool.submit(build_study, ref, quads, options.base, copies.get(ref.accession, ())) for ref in order
        ]
        for future in as_completed(futures):
            result = future.result()
            progress(_line(result))
            yield result


def _end_with_parent() -> None:
    """End this worker when the build does, even if the build is killed: it would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def _line(result: StudyResult) -> str:
    return (
        f"{result.accession}: {result.counts['records']:,} records, {result.facts.quads:,} quads, "
        f"{len(result.issues):,} issues"
    )


def _references(shared: Shared, quads: Path, options: BuildOptions, minter: Minter) -> list[GraphFacts]:
    slices: list[Slice] = []
    if options.ontologies:
        slices = list(read_slices(options.ontologies, shared.names.terms))
    counts, known = write_ontologies(slices, quads, minter)
    versions = {f"ontology/{piece.name}": piece.version for piece in slices}
    counts |= write_reference(shared, known, quads, minter)
    return [GraphFacts(name, n, version=versions.get(name, "")) for name, n in sorted(counts.items())]


def _counts(results: Sequence[StudyResult], graphs: Sequence[GraphFacts]) -> Counter[str]:
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    for result in results:
        counts.update(result.counts)
    counts["issues"] = sum(len(result.issues) for result in results)
    counts["quads"] = sum(graph.quads for graph in graphs)
    return counts


def write_issues(issues: Iterable[Issue], path: Path) -> None:
    """Write issues as a table, one line each; line breaks and tabs inside a value become blanks."""
    blanks = str.maketrans("\t\r\n", "   ")
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter="\t", lineterminator="\n")
        table.writerow([field.name for field in fields(Issue)])
        table.writerows([str(cell).translate(blanks) for cell in astuple(issue)] for issue in issues)


def _manifest(
    name: str,
    date: str,
    results: Sequence[StudyResult],
    graphs: Sequence[GraphFacts],
    counts: Counter[str],
    issues: Sequence[Issue],
) -> dict[str, object]:
    return {
        "name": name,
        "date": date,
        "tool": f"bioimg_kg {__version__}",
        "counts": {kind: counts[kind] for kind in COUNTED},
        "graphs": {graph.name: graph.quads for graph in sorted(graphs, key=lambda g: g.name)},
        "licences": dict(sorted(Counter(r.license or "none stated" for r in results).items())),
        "issues": dict(sorted(Counter(issue.code for issue in issues).items())),
        "studies": {
            r.accession: {
                "license": r.license,
                "source": r.facts.source,
                "commit": r.facts.version,
                **{
                    kind: r.counts[kind]
                    for kind in ("components", "records", "study_phenotypes", "annotations")
                },
                "issues": len(r.issues),
                "inputs": {file.path: file.sha256 for file in r.facts.files},
            }
            for r in results
        },
    }


def _today() -> str:
    """Return today's date, or the day of SOURCE_DATE_EPOCH: with it a build can be repeated to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.date().isoformat()
