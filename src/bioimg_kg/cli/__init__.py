"""The command line: each command parses, calls one function and prints.

Data goes to standard output, everything else to standard error. Exit codes: 0 ok, 1 findings, 2 usage or
configuration, 3 source unreadable, 4 remote unavailable.
"""

import inspect
import re
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from bioimg_kg import __version__
from bioimg_kg.cli.analyse import enrich, similar
from bioimg_kg.cli.build import build
from bioimg_kg.cli.cite import cite
from bioimg_kg.cli.demo import demo
from bioimg_kg.cli.diff import diff
from bioimg_kg.cli.fetch import fetch
from bioimg_kg.cli.query import query
from bioimg_kg.cli.report import issues, stats
from bioimg_kg.cli.search import search
from bioimg_kg.cli.serve import serve
from bioimg_kg.cli.why import why
from bioimg_kg.errors import BioimgKgError

app = typer.Typer(
    name="bioimg-kg",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
_EXAMPLES: dict[Callable[..., None], tuple[str, ...]] = {
    fetch: (
        "bioimg-kg fetch -o inputs",
        "bioimg-kg fetch ontologies reference -o inputs",
        "bioimg-kg fetch idr -o inputs --inputs my-mirror.toml",
    ),
    build: (
        "bioimg-kg build idr-metadata -o data",
        "bioimg-kg build idr-metadata -o data --study idr0012 --study idr0013 --ontologies obo",
        "bioimg-kg build idr-metadata -o data --dry-run",
    ),
    serve: (
        "bioimg-kg serve",
        "bioimg-kg serve --data data --port 8080 --workers 4",
        "bioimg-kg serve --host 0.0.0.0 --deadline 10",
    ),
    query: (
        "bioimg-kg query --name genes-with-phenotype --param term=CMPO:0000077",
        "bioimg-kg query --file question.rq --format csv",
        "bioimg-kg query 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' --url https://example.org/sparql",
    ),
    search: (
        "bioimg-kg search 'elongated cell'",
        "bioimg-kg search sgo1 --type gene --organism human",
        "bioimg-kg search 10.1038/msb.2010.25 --json",
    ),
    stats: ("bioimg-kg stats", "bioimg-kg stats --by-study --data data", "bioimg-kg stats --json"),
    issues: (
        "bioimg-kg issues",
        "bioimg-kg issues --study idr0056 --code accession-minority",
        "bioimg-kg issues --all > issues.tsv",
    ),
    diff: (
        "bioimg-kg diff 2026.10.1 2026.11.20 --data data",
        "bioimg-kg diff 2026.10.1 current --json",
        "bioimg-kg diff old-data/current data/current --things > things.tsv",
    ),
    why: (
        "bioimg-kg why ENSG00000088325 bikg:lossOfFunctionPhenotype CMPO:0000202",
        "bioimg-kg why id/study/idr9004/screenA/phenotype/3 bikg:mappedTerm --source examples/studies",
        "bioimg-kg why CMPO:0000077 --json",
    ),
    similar: (
        "bioimg-kg similar SGO1 --taxon NCBITaxon:9606",
        "bioimg-kg similar ENSG00000129810 --limit 50 --format tsv",
        "bioimg-kg similar NCBIGene:151648 --format json",
    ),
    enrich: (
        "bioimg-kg enrich SGO1 PLK1 TPX2 --taxon 9606",
        "bioimg-kg enrich --file genes.txt --taxon NCBITaxon:9606 --format tsv",
        "bioimg-kg enrich ENSG00000129810 ENSG00000088325 --format json",
    ),
    cite: ("bioimg-kg cite idr0012", "bioimg-kg cite --format cff", "bioimg-kg cite idr0012 --format csl"),
    demo: ("bioimg-kg demo", "bioimg-kg demo --port 8080", "bioimg-kg demo --data demo-data"),
}


def _register() -> None:
    """Register the commands; what a docstring says under a heading is for readers of the code."""
    for command, examples in _EXAMPLES.items():
        words = re.split(r"\n\n\w+\n-+\n", inspect.getdoc(command) or "")[0]
        app.command(help=words, epilog="\n\n".join(("Examples:", *examples)))(command)


_register()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bioimg-kg {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask biological questions across public microscopy archives.

    Builds a knowledge graph of studies, genes, reagents and phenotypes, and serves it as SPARQL and pages.
    """


def main() -> None:
    """Run the command line; errors that a user can mend are printed as one line, without a traceback."""
    try:
        app()
    except BioimgKgError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - this is what standard error is for
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # the reader (head, less) has enough; python would complain once more at exit
        sys.stdout = None
        sys.exit(0)
    except OSError as error:
        # a full disk, a folder that may not be written to: nothing that a traceback would explain
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror or error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
