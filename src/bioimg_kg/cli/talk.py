"""How the commands talk: to people on standard error, to programs on standard output."""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table


def say(text: str) -> None:
    """Print a line for people."""
    Console(stderr=True, soft_wrap=True, highlight=False, markup=False).print(text)


def counts_table(counts: Mapping[str, int]) -> str:
    """Return counts as aligned lines.

    Examples
    --------
    >>> print(counts_table({"studies": 8, "study_phenotypes": 1200}))
             8 studies
         1,200 study phenotypes
    """
    return "\n".join(f"{number:10,} {kind.replace('_', ' ')}" for kind, number in counts.items())


def print_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows as a table on a terminal, else as tab-separated text."""
    if sys.stdout.isatty():
        table = Table(*header)
        for row in rows:
            table.add_row(*row)
        Console(markup=False).print(table)
        return
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
