"""``bioimg-kg diff``: what differs between two releases."""

import csv
import json
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimg_kg.cli.talk import print_rows, say
from bioimg_kg.errors import ReleaseNotFound

if TYPE_CHECKING:
    from bioimg_kg.diff.compare import Thing
    from bioimg_kg.release import Release


def diff(
    old: Annotated[str, typer.Argument(help="Name of the earlier release, or its folder.")],
    new: Annotated[str, typer.Argument(help="Name of the later release, `current`, or its folder.")],
    data: Annotated[
        Path, typer.Option("--data", "-d", envvar="BIOIMG_KG_DATA", help="Folder with the releases.")
    ] = Path("data"),
    things: Annotated[
        bool, typer.Option("--things", help="List the things that are not the same, instead of counts.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON; a line per thing.")] = False,
    as_tsv: Annotated[bool, typer.Option("--tsv", help="Print as TSV, also on a terminal.")] = False,
) -> None:
    """Print what differs between two releases: things per class, statements per study and graph.

    Exit code 0 if both say the same, 1 if not.

    Raises
    ------
    ReleaseNotFound
        There is no such release.
    """
    from bioimg_kg.diff.compare import compare
    from bioimg_kg.diff.report import COLUMNS, THING_COLUMNS, document, rows

    releases = _find(old, data), _find(new, data)
    if things:
        if not as_json:
            csv.writer(sys.stdout, delimiter="\t", lineterminator="\n").writerow(THING_COLUMNS)
        found = compare(*releases, _print_json if as_json else _print_row)
    else:
        found = compare(*releases)
        if as_json:
            typer.echo(json.dumps(document(found), indent=1))
        else:
            print_rows(COLUMNS, rows(found), table=False if as_tsv else None)
    names = f"{releases[0].name} and {releases[1].name}"
    if found.equal:
        say(f"{names} say the same")
        return
    say(f"{names} differ: {found.added:,} statements added, {found.removed:,} removed")
    raise typer.Exit(1)


def _print_json(thing: "Thing") -> None:
    sys.stdout.write(json.dumps(asdict(thing)) + "\n")


def _print_row(thing: "Thing") -> None:
    from bioimg_kg.diff.report import short

    classes = " ".join(map(short, thing.classes))
    sys.stdout.write(f"{thing.state}\t{thing.iri}\t{classes}\t{thing.added}\t{thing.removed}\n")


def _find(text: str, data: Path) -> "Release":
    """Return a release by its name in a data folder, or by its own folder."""
    from bioimg_kg.release import current_release, may_be_name, open_release

    if text == "current":
        return current_release(data)
    if may_be_name(text) and (data / "releases" / text / "manifest.json").is_file():
        return open_release(data / "releases" / text)
    with suppress(OSError, ValueError):  # no path has such a name
        if (Path(text) / "manifest.json").is_file():
            return open_release(Path(text))
    there = sorted(path.parent.name for path in (data / "releases").glob("[!.]*/manifest.json"))
    known = f"there are {', '.join(there)}" if there else "there is none"
    message = f"no release {text!r} in {data}: {known}; name another --data folder, or a release's folder"
    raise ReleaseNotFound(message)
