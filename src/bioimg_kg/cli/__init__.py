"""The command line: each command parses, calls one function and prints.

Data goes to standard output, everything else to standard error. Exit codes: 0 ok, 1 findings, 2 usage or
configuration, 3 source unreadable, 4 remote unavailable.
"""

import sys
from typing import Annotated

import typer

from bioimg_kg import __version__
from bioimg_kg.cli.build import build
from bioimg_kg.cli.demo import demo
from bioimg_kg.cli.query import query
from bioimg_kg.cli.report import issues, stats
from bioimg_kg.cli.serve import serve
from bioimg_kg.errors import BioimgKgError

app = typer.Typer(
    name="bioimg-kg",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (build, serve, query, stats, issues, demo):
    app.command()(command)


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
    except KeyboardInterrupt:
        sys.exit(130)
