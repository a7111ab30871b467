"""``bioimg-kg fetch``: the inputs of a build from their public sources."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimg_kg.cli.talk import say

if TYPE_CHECKING:
    from bioimg_kg.fetch.watch import Watch


def fetch(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder that gets the inputs.")
    ],
    groups: Annotated[
        list[str] | None,
        typer.Argument(metavar="GROUP", help="idr, ontologies, reference, ngff; default: all."),
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option(help="A list of inputs of your own, for example of a mirror (TOML).")
    ] = None,
) -> None:
    """Fetch studies, ontologies and tables from their public sources.

    What is in place is left alone, what was cut off goes on.
    A file that does not have its checksum is refused.
    """
    from bioimg_kg.fetch import fetch as run
    from bioimg_kg.fetch.inputs import read_inputs

    listed = read_inputs(inputs)
    with _watch() as watch:
        count = run(listed, groups or [], output, watch)
    say(f"{count} inputs are in {output}")


@contextmanager
def _watch() -> Iterator["Watch"]:
    """Yield who is told: a bar on a terminal, else a line per input."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from bioimg_kg.fetch.watch import Watch

    class Lines(Watch):
        def done(self, name: str, result: str) -> None:
            say(f"{name}: {result}")

    if not sys.stderr.isatty():
        yield Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        class Bar(Lines):
            def begin(self, name: str) -> None:
                bar.reset(task, description=name, total=None)

            def size(self, done: int, total: int | None) -> None:
                bar.update(task, completed=done, total=total)

            def moved(self, count: int) -> None:
                bar.advance(task, count)

            def done(self, name: str, result: str) -> None:
                bar.console.print(f"{name}: {result}", markup=False, highlight=False, soft_wrap=True)

        yield Bar()
