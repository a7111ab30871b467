"""The exports of all real studies, recounted: from the manifest, from the N-Quads files, by a named query."""

import csv
import gzip
from collections import Counter

import pytest

from bioimg_kg.exports.columns import TABLES
from bioimg_kg.exports.curies import curie
from bioimg_kg.exports.run import Source, write_exports
from bioimg_kg.queries import get_query
from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import COMPOUND_ASSOCIATION, DEFAULT_BASE, GENE_ASSOCIATION

pytestmark = pytest.mark.corpus


def short(iri):
    return curie(iri, DEFAULT_BASE)


@pytest.fixture(scope="module")
def exported(full_release, tmp_path_factory):
    """Return the folder of exports of a full release, and the numbers of their rows."""
    folder = tmp_path_factory.mktemp("exports")
    release = open_release(full_release)
    sources = [
        Source(
            name, s["license"], release.quads / "study" / f"{name}.nq.gz", f"{DEFAULT_BASE}id/study/{name}"
        )
        for name, s in release.manifest["studies"].items()
    ]
    return folder, write_exports(sources, release.quads, folder, DEFAULT_BASE).rows


def rows_of(folder, name):
    with gzip.open(folder / "tables" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def test_each_study_has_as_many_records_and_associations_as_its_files(exported, full_release):
    folder, rows = exported
    release = open_release(full_release)
    assert rows["tables/records.csv.gz"] == release.manifest["counts"]["records"]
    records = Counter(row["study"] for row in rows_of(folder, "records"))
    assert records == Counter({name: s["records"] for name, s in release.manifest["studies"].items()})
    types = {f" <{kind}> ".encode() for kind in (GENE_ASSOCIATION, COMPOUND_ASSOCIATION)}
    calls = Counter()
    for name in release.manifest["studies"]:
        with gzip.open(release.quads / "study" / f"{name}.nq.gz") as stream:
            calls[name] = sum(any(kind in line for kind in types) for line in stream)
    assert Counter(row["study"] for row in rows_of(folder, "associations")) == +calls
    assert rows["kgx/edges.tsv.gz"] == rows["tables/associations.csv.gz"] == calls.total()


def test_the_phenotypes_of_all_genes_are_those_of_the_named_query(exported, full_release):
    folder, _ = exported
    query = get_query("gene-phenotype-matrix").bind()
    store = open_readonly(full_release / "store")
    there = {
        (short(row["gene"].value), short(row["term"].value))
        for row in store.query(query, use_default_graph_as_union=True)
    }
    table = {
        (row["gene"], term)
        for row in rows_of(folder, "genes")
        for term in row["perturbation_terms"].split("|")
        if term
    }
    assert table == there
    assert len(there) > 1_000
    plain = {
        (row["gene"], row["object"])
        for row in rows_of(folder, "associations")
        if row["gene_role"] == "PerturbationTarget" and row["object"] and row["ambiguous"] == "false"
    }
    assert plain == there


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_csv_and_parquet_say_the_same(exported, table):
    import pyarrow.parquet

    folder, rows = exported
    file = pyarrow.parquet.ParquetFile(folder / "tables" / f"{table.name}.parquet")
    assert file.metadata.num_rows == rows[f"tables/{table.name}.csv.gz"]
    lines = rows_of(folder, table.name)
    number = 0
    for batch in file.iter_batches(20_000):
        for theirs, mine in zip(batch.to_pylist(), lines, strict=False):
            number += 1
            cells = {
                k: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v)
                for k, v in theirs.items()
            }
            assert cells == mine
    assert number == file.metadata.num_rows
    assert next(lines, None) is None
