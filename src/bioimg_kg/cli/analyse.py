"""``bioimg-kg similar`` and ``bioimg-kg enrich``: analyses of genes on a local release."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimg_kg.cli.talk import print_rows, say
from bioimg_kg.errors import ConfigError

if TYPE_CHECKING:
    from bioimg_kg.analysis.genelist import GeneList


class RowsFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    TSV = "tsv"
    JSON = "json"


Data = Annotated[Path, typer.Option("--data", envvar="BIOIMG_KG_DATA", help="Data folder of the release.")]
Taxon = Annotated[
    str | None, typer.Option(help="Organism of the genes, e.g. NCBITaxon:9606 or 9606, if names need it.")
]
Output = Annotated[
    RowsFormat | None, typer.Option("--format", help="Default: a table on a terminal, else TSV.")
]


def similar(
    gene: Annotated[str, typer.Argument(help="Symbol or identifier of a gene.")],
    taxon: Taxon = None,
    limit: Annotated[int, typer.Option(help="Number of genes.", min=1)] = 20,
    data: Data = Path("data"),
    output: Output = None,
) -> None:
    """List the genes whose loss has the most similar phenotypes, in all organisms.

    Terms count by how rare they are; docs/analysis.md explains the two measures, simGIC and Resnik.
    """
    from bioimg_kg.analysis.genelist import find_genes, read_taxon
    from bioimg_kg.analysis.similarity import PhenotypeSpace
    from bioimg_kg.identifiers.prefixes import compact
    from bioimg_kg.release import current_release
    from bioimg_kg.store import open_readonly

    store = open_readonly(current_release(data).store)
    found = find_genes(store, [gene], read_taxon(taxon))
    _report(found)
    if not found.genes:
        message = f"no gene {gene!r} in this release; names and identifiers must fit whole"
        raise ConfigError(message)
    rows = [
        [
            compact(one.gene),
            one.symbol,
            compact(one.organism),
            f"{one.simgic:.4f}",
            f"{one.resnik:.4f}",
            "; ".join(one.shared),
        ]
        for one in PhenotypeSpace.of(store).like(found.genes[0].iri, limit)
    ]
    _write(("gene", "symbol", "organism", "simgic", "resnik", "shared"), rows, output, found)


def enrich(
    genes: Annotated[list[str] | None, typer.Argument(help="Symbols or identifiers of genes.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file with one gene per line; - reads standard input.")
    ] = None,
    taxon: Taxon = None,
    data: Data = Path("data"),
    output: Output = None,
) -> None:
    """Find phenotypes that are frequent in a list of genes.

    Hypergeometric test against all genes of the organism whose loss was studied, q by Benjamini and Hochberg.
    Names that are unknown, ambiguous or not studied are reported on standard error.

    Raises
    ------
    ConfigError
        No gene is given, or none can be tested.
    """
    from bioimg_kg.analysis.enrichment import enriched_phenotypes
    from bioimg_kg.analysis.genelist import find_genes, read_taxon
    from bioimg_kg.identifiers.prefixes import compact
    from bioimg_kg.release import current_release
    from bioimg_kg.store import open_readonly

    names = [*(genes or []), *_lines(file)]
    store = open_readonly(current_release(data).store)
    wanted = read_taxon(taxon)
    found = find_genes(store, names, wanted)
    _report(found)
    if not found.genes:
        message = "none of the genes is in this release; names and identifiers must fit whole"
        raise ConfigError(message)
    rows = [
        [
            compact(one.term),
            one.label,
            *map(str, (one.hits, one.listed, one.annotated, one.background)),
            f"{one.fold:.3g}",
            f"{one.p:.3g}",
            f"{one.q:.3g}",
            one.genes,
        ]
        for one in enriched_phenotypes(store, found, wanted or found.genes[0].organism)
    ]
    header = ("term", "label", "in_list", "listed", "with_phenotype", "background", "fold", "p", "q", "genes")
    _write(header, rows, output, found)


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read the genes in {file}: {error}"
        raise ConfigError(message) from error
    return text.splitlines()


def _left_out(found: "GeneList") -> dict[str, list[str]]:
    return {
        "unknown": found.unknown,
        "ambiguous": found.ambiguous,
        "not studied": found.not_studied,
        "repeated": found.repeated,
    }


def _report(found: "GeneList") -> None:
    """Say what cannot be used."""
    for why, names in _left_out(found).items():
        if names:
            say(f"{why}: {', '.join(names)}")


def _write(
    header: Sequence[str], rows: list[list[str]], output: RowsFormat | None, found: "GeneList"
) -> None:
    if output is RowsFormat.JSON:
        results = [dict(zip(header, row, strict=True)) for row in rows]
        left_out = {why.replace(" ", "_"): names for why, names in _left_out(found).items()}
        typer.echo(json.dumps({"results": results, **left_out}, indent=1))
        return
    table = None if output is None else output is RowsFormat.TABLE
    print_rows(header, rows, table=table)
