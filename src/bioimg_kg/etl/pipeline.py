"""A build: studies are read and written in parallel, then everything is loaded and becomes a release."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bioimg_kg import __version__
from bioimg_kg.checksums import checksum
from bioimg_kg.errors import ConfigError, Issue
from bioimg_kg.etl import archives
from bioimg_kg.etl.downloads import offer
from bioimg_kg.etl.graph.examples import write_examples
from bioimg_kg.etl.graph.genes import write_genes
from bioimg_kg.etl.graph.meta import GraphFacts, write_meta
from bioimg_kg.etl.graph.ontology import KnownTerms, write_ontologies
from bioimg_kg.etl.graph.orthologs import write_orthologs
from bioimg_kg.etl.graph.reference import write_reference
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.graph.shortcuts import write_shortcuts
from bioimg_kg.etl.graph.taxa import taxa_of, write_taxa
from bioimg_kg.etl.graph.term_counts import write_term_counts
from bioimg_kg.etl.graph.uses import class_uses
from bioimg_kg.etl.mapping_sets import write_mapping_sets
from bioimg_kg.etl.model import StudyRef
from bioimg_kg.etl.omezarr.find import find_copies
from bioimg_kg.etl.rows import SourceFile
from bioimg_kg.etl.workers import StudyResult, build_studies, in_order
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.orthologs import TABLE as ORTHOLOG_TABLE
from bioimg_kg.identifiers.orthologs import read_orthologs
from bioimg_kg.identifiers.reference import TABLE_NAMES, read_reference, table
from bioimg_kg.issues import write_issues
from bioimg_kg.release import Release, free_name, new_release, open_release
from bioimg_kg.search.index import FILE as SEARCH_INDEX
from bioimg_kg.search.index import write_index
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
        Folder of ``.obo`` and ``.owl`` files, see :mod:`bioimg_kg.ontologies.slices`.
    reference
        Folder of gene tables; without it every identifier stands for itself.
    omezarr
        Where copies of images are: folders, tables, ``FOLDER=URL``, see :mod:`bioimg_kg.etl.omezarr`.
    name
        Name of the release; from the date if empty.
    date
        Day that the release states, ``YYYY-MM-DD``.
    jobs
        Number of processes.
    base
        Base of our own IRIs.
    open_downloads
        Whether studies whose licence restricts use or changes are left out of all files that are offered.
    """

    sources: Sequence[Path]
    data: Path
    studies: Sequence[str] = ()
    ontologies: Path | None = None
    reference: Path | None = None
    omezarr: Sequence[str | Path] = ()
    name: str = ""
    date: str = ""
    jobs: int = 0
    base: str = DEFAULT_BASE
    open_downloads: bool = False


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
    images = find_copies(map(str, options.omezarr), options.base, {ref.accession for ref in refs})
    with new_release(options.data, name) as folder:
        quads = folder / "quads"
        built = build_studies(refs, quads, options.base, images=images, jobs=options.jobs, progress=progress)
        results = sorted(built, key=lambda r: r.accession)

        def complete(chosen: Sequence[StudyResult], place: Path, store: Path) -> _Whole:
            return _complete(chosen, place, store, date, options, minter, progress)

        whole = complete(results, folder, folder / "store")
        whole = replace(whole, issues=sorted([*whole.issues, *images.issues]))
        every = partial(in_order, jobs=options.jobs)
        write_index(quads, folder / SEARCH_INDEX, _recorded(results), every)
        write_issues(whole.issues, folder / "issues.tsv")
        counts = _counts(results, whole)
        manifest = _manifest(name, date, results, whole, counts)
        manifest["omezarr"] = images.folders
        progress("files to download")
        again = (lambda *args: complete(*args).quads) if options.open_downloads else None
        manifest |= offer(results, whole.quads, folder, minter, jobs=options.jobs, complete=again)
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return open_release(options.data / "releases" / name)


@dataclass(frozen=True, slots=True)
class _Whole:
    """All graphs of a release: those of the studies, and those that they share."""

    graphs: Sequence[GraphFacts]
    meta: int
    issues: Sequence[Issue]

    @property
    def quads(self) -> dict[str, int]:
        """Name of each graph to the number of its quads."""
        return {**{graph.name: graph.quads for graph in self.graphs}, "meta": self.meta}


def _complete(
    results: Sequence[StudyResult],
    folder: Path,
    store: Path,
    date: str,
    options: BuildOptions,
    minter: Minter,
    progress: Callable[[str], None],
) -> _Whole:
    """Write the graphs that studies share, load all of them into a store and compare the numbers.

    Parameters
    ----------
    results
        The studies; their graphs are below ``quads`` in the folder.
    folder
        Gets the other graphs and the mapping sets.
    """
    quads = folder / "quads"
    graphs = [result.facts for result in results]
    references, reference_issues = _references(results, quads, options, minter)
    graphs += references
    phenotypes = [phenotype for result in results for phenotype in result.shared.phenotypes]
    versions = {graph.name: graph.version for graph in graphs}
    graphs.append(GraphFacts("mappings", write_mapping_sets(phenotypes, folder, versions, date, minter)))
    graphs.append(GraphFacts("examples", write_examples(quads, minter)))
    issues = sorted([*reference_issues, *(issue for result in results for issue in result.issues)])
    progress(f"load {sum(graph.quads for graph in graphs):,} quads")
    files = quad_files(quads)
    build_store(store, files, compact=False)
    graphs.append(GraphFacts("inferred/shortcuts", write_shortcuts(store, quads, minter)))
    graphs.append(GraphFacts("inferred/counts", write_term_counts(store, quads, minter)))
    build_store(store, [path for path in quad_files(quads) if path not in files], compact=False)
    files = quad_files(quads)
    whole = _Whole(graphs, write_meta(graphs, class_uses(store), date, quads, minter).quads, issues)
    loaded = build_store(store, [path for path in quad_files(quads) if path not in files])
    written = sum(whole.quads.values())
    if loaded != written:
        message = f"{written:,} quads were written and {loaded:,} are in the store; please report this"
        raise ConfigError(message)
    return whole


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


def _references(
    results: Sequence[StudyResult], quads: Path, options: BuildOptions, minter: Minter
) -> tuple[list[GraphFacts], list[Issue]]:
    """Write the graphs that all studies share; what the tables and ontologies lack is an issue."""
    shared = Shared()
    for result in results:
        shared.merge(result.shared)
    reference = read_reference(options.reference) if options.reference else None
    genes = write_genes(shared.names, reference, quads, minter)
    counts = {"reference/genes": genes.counts}
    if options.reference and reference:
        pairs = read_orthologs(options.reference, reference)
        counts["reference/orthologs"] = write_orthologs(pairs, genes.canonical, quads, minter)
    taxa = taxa_of({*shared.names.terms, *genes.organisms})
    counts["reference/taxa"] = write_taxa(taxa, quads, minter)
    known = KnownTerms()
    if options.ontologies:
        known = write_ontologies(options.ontologies, _uses(results), taxa, quads, minter)
    more, issues = write_reference(shared, known.labels, quads, minter)
    files = _tables(options.reference, minter) if options.reference else {}
    graphs = [GraphFacts(name, n, files=files.get(name, ())) for name, n in (counts | more).items()]
    graphs += known.graphs
    message = "no reference table has this identifier (retired?): it stands for itself, joins nothing"
    issues += [
        Issue(study="", file="reference", code="gene-not-in-reference", value=gene, message=message)
        for gene in genes.unknown
    ]
    return sorted(graphs, key=lambda graph: graph.name), [*known.issues, *issues]


def _recorded(results: Iterable[StudyResult]) -> dict[str, dict[str, Iterable[str]]]:
    """Return what each study calls genes, compounds and terms."""
    return {
        result.accession: {
            iri: sorted(words)
            for names in (result.shared.names.genes, result.shared.names.compounds, result.shared.names.terms)
            for iri, words in sorted(names.items())
        }
        for result in results
    }


def _uses(results: Iterable[StudyResult]) -> dict[str, list[str]]:
    """Return the terms that studies use, each with the accessions of these studies."""
    uses: dict[str, list[str]] = {}
    for result in results:
        for term in result.shared.names.terms:
            uses.setdefault(term, []).append(result.accession)
    return uses


def _tables(folder: Path, minter: Minter) -> dict[str, list[SourceFile]]:
    """Return the reference tables that graphs were made of, by graph."""
    found: dict[str, list[SourceFile]] = {"reference/genes": [], "reference/orthologs": []}
    for name in (*TABLE_NAMES, ORTHOLOG_TABLE):
        path = table(folder, name)
        if path:
            digest = checksum(path)
            graph = "reference/orthologs" if name == ORTHOLOG_TABLE else "reference/genes"
            found[graph].append(SourceFile(path=path.name, url=minter.reference(path.name), sha256=digest))
    return found


def _counts(results: Sequence[StudyResult], whole: _Whole) -> Counter[str]:
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    for result in results:
        counts.update(result.counts)
    counts["issues"] = len(whole.issues)
    counts["quads"] = sum(whole.quads.values())
    return counts


def _manifest(
    name: str,
    date: str,
    results: Sequence[StudyResult],
    whole: _Whole,
    counts: Counter[str],
) -> dict[str, object]:
    return {
        "name": name,
        "date": date,
        "tool": f"bioimg_kg {__version__}",
        "counts": {kind: counts[kind] for kind in COUNTED},
        "graphs": {graph.name: graph.quads for graph in sorted(whole.graphs, key=lambda g: g.name)},
        "licences": dict(sorted(Counter(r.license or "none stated" for r in results).items())),
        "issues": dict(sorted(Counter(issue.code for issue in whole.issues).items())),
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
