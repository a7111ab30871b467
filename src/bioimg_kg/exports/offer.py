"""The list of files that a release offers, as it stands in its manifest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bioimg_kg.checksums import checksum
from bioimg_kg.exports.columns import DICTIONARY, TABLES
from bioimg_kg.exports.licences import restriction

GZIP: Final = "application/gzip"
N_QUADS: Final = "application/n-quads"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
PARQUET: Final = "application/vnd.apache.parquet"
TURTLE: Final = "text/turtle"
JSON: Final = "application/json"
ALL: Final = "all.nq.gz"
_QUADS: Final = ".nq.gz"
_TYPES: Final = {".csv": CSV, ".tsv": TSV, ".parquet": PARQUET, ".ttl": TURTLE, ".json": JSON, ".nq": N_QUADS}
_ZERO: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
_TITLES: Final = {
    ALL: "The whole release as N-Quads",
    "tables/dictionary.csv": DICTIONARY.title,
    "kgx/nodes.tsv.gz": "Nodes of the associations, in the form of KGX",
    "kgx/edges.tsv.gz": "Associations as edges, in the form of KGX",
    "kgx/prefixes.json": "Prefixes of the identifiers in tables and KGX",
    "ontology/bioimg-kg.ttl": "Vocabulary of the graph",
    "ontology/shapes.ttl": "Shapes of the graph",
    "mappings/study-phenotypes.sssom.tsv": "Mappings of study phenotypes to terms (SSSOM)",
    "mappings/candidates.sssom.tsv": "Candidates for phenotypes without a term (SSSOM)",
    "mappings/corrections.sssom.tsv": "Corrected misprints of terms (SSSOM)",
    "mappings/excel-symbols.sssom.tsv": "Gene symbols that became dates (SSSOM)",
}
_OWN: Final = {"tables/dictionary.csv", "kgx/prefixes.json", "ontology/bioimg-kg.ttl", "ontology/shapes.ttl"}
"""Files that say nothing of any study; they have the licence of the vocabulary."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is offered.

    Attributes
    ----------
    path
        Its name for those who fetch it, ``study/idr0012.nq.gz``.
    stored
        Where it is, below the folder of the release.
    graph
        Name of the graph that it holds; empty if it is no graph.
    media_type
        What it is, unpacked.
    rows
        Number of its rows; None if it is no table.
    quads
        Number of its statements; None if it has none.
    licenses
        Licences of what it holds. Empty for a graph of studies: the graph says it.
    """

    path: str
    stored: str
    title: str
    media_type: str
    bytes: int
    sha256: str
    graph: str = ""
    rows: int | None = None
    quads: int | None = None
    licenses: Sequence[str] = ()


def list_files(
    folder: Path,
    offered: Path,
    rows: Mapping[str, int],
    graphs: Mapping[str, int],
    licences: Iterable[str],
) -> list[File]:
    """List what is offered: graphs, all of them together, tables, KGX, vocabulary and mappings.

    Parameters
    ----------
    folder
        Folder of the release.
    offered
        Folder that holds what is offered; the same, or one below it.
    rows
        Path of each table to the number of its rows.
    graphs
        Name of each offered graph to the number of its quads.
    licences
        Licences of the studies; empty for a study that states none.
    """
    stated = sorted(set(licences))
    files = [
        _file(folder, offered / "quads", f"{name}{_QUADS}", graph=name, quads=quads)
        for name, quads in sorted(graphs.items())
    ]
    quads = sum(graphs.values())
    files.append(_file(folder, offered, ALL, quads=quads, licenses=stated))
    for name in ("tables", "kgx", "mappings", "ontology"):
        for path in sorted((offered / name).glob("*.*")):
            short = path.relative_to(offered).as_posix()
            own = [_ZERO] if short in _OWN else stated
            files.append(_file(folder, offered, short, rows=rows.get(short), licenses=own))
    return files


def _file(
    folder: Path,
    place: Path,
    path: str,
    graph: str = "",
    rows: int | None = None,
    quads: int | None = None,
    licenses: Sequence[str] = (),
) -> File:
    stored = place / path
    return File(
        path=path,
        stored=stored.relative_to(folder).as_posix(),
        title=_title(path, graph),
        media_type=_TYPES.get(Path(path.removesuffix(".gz")).suffix, "application/octet-stream"),
        bytes=stored.stat().st_size,
        sha256=checksum(stored),
        graph=graph,
        rows=rows,
        quads=quads,
        licenses=licenses,
    )


def _title(path: str, graph: str) -> str:
    if graph:
        return f"N-Quads of the graph {graph}"
    for table in TABLES:
        if path.startswith(f"tables/{table.name}."):
            return f"{table.title} as {'Parquet' if path.endswith('.parquet') else 'CSV'}"
    return _TITLES.get(path, path)


def as_manifest(files: Iterable[File]) -> list[dict[str, object]]:
    """Return the files as they stand in ``manifest.json``; what a file has not is left out."""
    return [{k: v for k, v in asdict(file).items() if v not in (None, "", ())} for file in files]


def withheld(licences: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the studies whose files are not open, with their licence and the reason.

    Parameters
    ----------
    licences
        Accession to licence.

    Examples
    --------
    >>> withheld({"idr9001": ""})
    {'idr9001': {'license': '', 'reason': 'it states no licence'}}
    """
    found = {accession: restriction(licence) for accession, licence in sorted(licences.items())}
    return {
        accession: {"license": licences[accession], "reason": reason}
        for accession, reason in found.items()
        if reason
    }
