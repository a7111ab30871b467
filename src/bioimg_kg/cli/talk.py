"""How the commands talk: to people on standard error, to programs on standard output."""

import csv
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table


def say(text: str) -> None:
    """Print a line for people."""
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(text)


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show how far a long task is: a bar on a terminal, else a line per step.

    Parameters
    ----------
    total
        Number of steps.

    Yields
    ------
    callable
        To be called with a line of text after each step.
    """
    if not sys.stderr.isatty():
        yield say
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("building", total=total)

        def step(text: str) -> None:
            bar.update(task, advance=1, description=text.partition(":")[0])

        yield step


def counts_table(counts: Mapping[str, int]) -> str:
    """Return counts as aligned lines.

    Examples
    --------
    >>> print(counts_table({"studies": 8, "study_phenotypes": 1200}))
             8 studies
         1,200 study phenotypes
    """
    return "\n".join(f"{number:10,} {kind.replace('_', ' ')}" for kind, number in counts.items())


def print_rows(header: Sequence[str], rows: Iterable[Sequence[str]], *, table: bool | None = None) -> None:
    """Print rows as a table or as tab-separated text; if it is not said, a table on a terminal."""
    if sys.stdout.isatty() if table is None else table:
        drawn = Table(*header)
        for row in rows:
            drawn.add_row(*row)
        Console(markup=False).print(drawn)
        return
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
