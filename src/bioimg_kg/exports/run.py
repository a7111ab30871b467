"""Writes the exports of a release: reads its N-Quads files in processes and puts the parts together."""

import csv
import json
import multiprocessing
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bioimg_kg.exports import kgx
from bioimg_kg.exports.associations import association_rows
from bioimg_kg.exports.columns import (
    ASSOCIATIONS,
    COMPOUNDS,
    DICTIONARY,
    GENES,
    PHENOTYPES,
    RECORDS,
    dictionary_rows,
)
from bioimg_kg.exports.curies import prefixes
from bioimg_kg.exports.model import Table
from bioimg_kg.exports.names import Names, read_names
from bioimg_kg.exports.overall import Overall, OverallRows, count_study
from bioimg_kg.exports.records import RecordRows
from bioimg_kg.exports.study import read_study
from bioimg_kg.exports.tables import can_write_parquet, put_together, write_parquet, write_part
from bioimg_kg.processes import end_with_parent
from bioimg_kg.vocab import LABEL, OBJECT, PREF_LABEL, STUDY_PHENOTYPE_OF, SUBJECT, TYPE


@dataclass(frozen=True, slots=True)
class Source:
    """A study to export.

    Attributes
    ----------
    accession, license
        The study, and the licence that it states.
    quads
        Its N-Quads file.
    iri
        Its IRI.
    """

    accession: str
    license: str
    quads: Path
    iri: str


@dataclass(slots=True)
class Part:
    """What a study adds: the number of its rows, and what goes into tables over all studies."""

    rows: dict[str, int]
    overall: Overall
    nodes: dict[str, kgx.Node]


@dataclass(slots=True)
class Exports:
    """The files that were written, by path below the release, with the number of their rows."""

    rows: dict[str, int] = field(default_factory=dict)
    parquet: bool = True


_names = Names()
"""What all studies share, in each worker process."""


def write_exports(sources: Sequence[Source], quads: Path, folder: Path, base: str, jobs: int = 0) -> Exports:
    """Write tables and KGX files of studies.

    Parameters
    ----------
    sources
        The studies.
    quads
        Folder of the N-Quads files, where reference graphs and ontologies are.
    folder
        Gets the folders ``tables`` and ``kgx``.
    base
        Base of our own IRIs.
    jobs
        Number of processes; one per core if 0, none beside this one if 1.
    """
    tables, graph, work = folder / "tables", folder / "kgx", folder / ".exports"
    for place in (tables, graph, work):
        place.mkdir(parents=True, exist_ok=True)
    names = read_names(quads)
    made = dict(
        zip(
            (s.accession for s in _largest_first(sources)),
            _parts(sources, names, work, base, jobs),
            strict=True,
        )
    )
    order = sorted(sources, key=lambda source: source.accession)
    exports = Exports(parquet=can_write_parquet())
    for table in (RECORDS, ASSOCIATIONS):
        parts = [work / f"{source.accession}.{table.name}" for source in order]
        _table(table, parts, sum(made[s.accession].rows[table.name] for s in order), tables, exports)
    overall = Overall()
    nodes: dict[str, kgx.Node] = {}
    for source in order:
        overall.merge(made[source.accession].overall)
        nodes |= made[source.accession].nodes
    rows = OverallRows(overall, names, {s.accession: s.license for s in order}, base)
    for table, found in (
        (GENES, rows.genes()),
        (PHENOTYPES, rows.phenotypes()),
        (COMPOUNDS, rows.compounds()),
    ):
        part = work / table.name
        _table(table, [part], write_part(part, found), tables, exports)
    _dictionary(tables, exports)
    _kgx(order, made, kgx.node_rows(nodes, names, base), graph, work, base, exports)
    shutil.rmtree(work)
    return exports


def _largest_first(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: (-source.quads.stat().st_size, source.accession))


def _parts(sources: Sequence[Source], names: Names, work: Path, base: str, jobs: int) -> Iterator[Part]:
    """Yield the parts of the studies, the largest first."""
    order = _largest_first(sources)
    if jobs == 1 or len(order) < 2:
        yield from (export_study(source, names, work, base) for source in order)
        return
    lean = Names(names.labels, names.canonical)
    lean.more[TYPE] = names.more[TYPE]
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(jobs or None, context, _start, (lean,)) as pool:
        yield from pool.map(_export, order, [work] * len(order), [base] * len(order))


def _start(names: Names) -> None:
    end_with_parent()
    global _names
    _names = names


def _export(source: Source, work: Path, base: str) -> Part:
    return export_study(source, _names, work, base)


def export_study(source: Source, names: Names, work: Path, base: str) -> Part:
    """Write the parts of one study; runs in a worker process."""
    study = read_study(source.quads, source.accession, source.license)
    records = RecordRows(study, names, base)
    calls = list(association_rows(study, names, base))
    rows = {
        RECORDS.name: write_part(work / f"{source.accession}.{RECORDS.name}", records.rows()),
        ASSOCIATIONS.name: write_part(work / f"{source.accession}.{ASSOCIATIONS.name}", calls),
    }
    edges = (kgx.edge(row, source.iri, base) for row in calls)
    write_part(work / f"{source.accession}.edges", edges, "\t")
    ends = [
        (
            names.one(said[SUBJECT][0]),
            study.first(said[SUBJECT][0], LABEL),
            said.get(OBJECT, said[STUDY_PHENOTYPE_OF])[0],
            "" if OBJECT in said else study.first(said[STUDY_PHENOTYPE_OF][0], PREF_LABEL),
        )
        for said in study.calls.values()
    ]
    overall = count_study(study, records.treatments, records.phenotypes, names)
    return Part(rows, overall, kgx.nodes_of(ends, names, base))


def _table(table: Table, parts: Iterable[Path], number: int, folder: Path, exports: Exports) -> None:
    """Put a table together, and write it as Parquet too."""
    head = folder / f".{table.name}"
    write_part(head, [table.header])
    target = folder / f"{table.name}.csv.gz"
    put_together(target, [head, *parts])
    exports.rows[f"tables/{target.name}"] = number
    if exports.parquet:
        other = folder / f"{table.name}.parquet"
        write_parquet(table, target, other)
        exports.rows[f"tables/{other.name}"] = number


def _dictionary(folder: Path, exports: Exports) -> None:
    rows = dictionary_rows()
    with (folder / "dictionary.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([DICTIONARY.header, *rows])
    exports.rows["tables/dictionary.csv"] = len(rows)


def _kgx(
    order: Sequence[Source],
    made: Mapping[str, Part],
    nodes: Iterable[Sequence[str]],
    folder: Path,
    work: Path,
    base: str,
    exports: Exports,
) -> None:
    for name, header, parts in (
        ("nodes", kgx.NODES, [work / "nodes"]),
        ("edges", kgx.EDGES, [work / f"{source.accession}.edges" for source in order]),
    ):
        number = write_part(parts[0], nodes, "\t") if name == "nodes" else 0
        write_part(work / "head", [header], "\t")
        put_together(folder / f"{name}.tsv.gz", [work / "head", *parts])
        calls = sum(made[source.accession].rows[ASSOCIATIONS.name] for source in order)
        exports.rows[f"kgx/{name}.tsv.gz"] = number or calls
    text = json.dumps(prefixes(base), indent=1) + "\n"
    (folder / "prefixes.json").write_text(text, encoding="utf-8")
    exports.rows["kgx/prefixes.json"] = len(prefixes(base))
