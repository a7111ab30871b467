"""Quads of the account: how many cells of each column are in the graph, and how many are not."""

from collections.abc import Iterable

from bioimg_kg.etl.ledger import ColumnCount
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.identifiers.iris import Minter, digest
from bioimg_kg.vocab import (
    DERIVED_FROM,
    ISSUE_COUNT,
    LABEL,
    MAPPED_COLUMN,
    MAPPED_COUNT,
    SOURCE_COLUMN,
    TYPE,
    UNMAPPED_COLUMN,
    UNMAPPED_COUNT,
    VALUE_COUNT,
)


def write_columns(
    study: str, columns: Iterable[ColumnCount], urls: dict[str, str], out: GraphFile, minter: Minter
) -> None:
    """Write one node per column that has any content.

    Parameters
    ----------
    study
        Accession.
    urls
        IRI of each file by its path.
    """
    for column in columns:
        if not column.cells:
            continue
        owner = minter.component(study, column.component) if column.component else minter.study(study)
        me = minter.within(owner, "column", digest([column.file, column.column]))
        out.link(me, TYPE, SOURCE_COLUMN)
        out.text(me, LABEL, column.column)
        out.link(me, DERIVED_FROM, urls[column.file])
        out.link(owner, UNMAPPED_COLUMN if column.unmapped else MAPPED_COLUMN, me)
        for predicate, number in (
            (VALUE_COUNT, column.cells),
            (MAPPED_COUNT, column.mapped),
            (ISSUE_COUNT, column.issues),
            (UNMAPPED_COUNT, column.unmapped),
        ):
            out.text(me, predicate, str(number), "integer")
