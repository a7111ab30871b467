"""``bioimg-kg stats`` and ``bioimg-kg issues``: what a release holds, and what is wrong with its sources."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from bioimg_kg.cli.talk import print_rows, say

Data = Annotated[Path, typer.Option("--data", envvar="BIOIMG_KG_DATA", help="Data folder of the release.")]


def stats(
    data: Data = Path("data"),
    by_study: Annotated[bool, typer.Option("--by-study", help="One line per study.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print what the current release holds."""
    from bioimg_kg.release import current_release

    manifest = current_release(data).manifest
    if as_json:
        typer.echo(
            json.dumps({k: manifest[k] for k in ("name", "date", "counts", "licences", "graphs")}, indent=1)
        )
    elif by_study:
        kinds = ("components", "records", "study_phenotypes", "annotations", "issues", "license")
        studies = manifest["studies"].items()
        print_rows(("study", *kinds), ([name, *(str(facts[k]) for k in kinds)] for name, facts in studies))
    else:
        print_rows(("what", "count"), ([kind, str(number)] for kind, number in manifest["counts"].items()))


def issues(
    data: Data = Path("data"),
    study: Annotated[str, typer.Option(metavar="ACCESSION", help="Only of this study.")] = "",
    code: Annotated[str, typer.Option(help="Only of this kind, e.g. accession-minority.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Print every issue instead of counts per kind.")
    ] = False,
) -> None:
    """Print the defects that the build found in the studies.

    Counts per kind; with --study, --code or --all every issue: file, line, column, value, what to do.
    """
    from bioimg_kg.issues import read_issues
    from bioimg_kg.release import current_release

    release = current_release(data)
    if study and study not in release.manifest["studies"]:
        say(f"no study {study} in release {release.name}")
        raise typer.Exit(2)
    found = read_issues(release.issues)
    if not (study or code or every):
        counts = Counter((issue.severity, issue.code) for issue in found)
        ranked = sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
        print_rows(("severity", "code", "issues"), ([s, c, str(n)] for (s, c), n in ranked))
        return
    columns = (
        "study",
        "component",
        "file",
        "line",
        "column",
        "value",
        "cells",
        "severity",
        "code",
        "message",
    )
    chosen = (i for i in found if study in ("", i.study) and code in ("", i.code))
    print_rows(columns, ([str(getattr(issue, c)) for c in columns] for issue in chosen))
