"""``bioimg-kg why``: from a statement to the rows of files that say so."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioimg_kg.errors import ConfigError

if TYPE_CHECKING:
    from bioimg_kg.why import Step

_SHOWN = ("study's words", "role", "scored by", "outcome", "reagent", "dose", "sha256", "licence")
"""Facts that are written below a step; the others are in its line already, or only in the JSON."""

_STYLES = {"gap": "bold red", "repair": "yellow", "row": "green", "level": "magenta", "answer": "bold"}


def why(
    subject: Annotated[
        str, typer.Argument(metavar="SUBJECT", help="IRI, CURIE (CMPO:0000077), gene id or id/study/...")
    ],
    predicate: Annotated[
        str, typer.Argument(metavar="[PREDICATE", help="Property, for example bikg:lossOfFunctionPhenotype.")
    ] = "",
    obj: Annotated[
        str, typer.Argument(metavar="OBJECT]", help="Thing, or the text of a literal; default: all.")
    ] = "",
    data: Annotated[
        Path, typer.Option("-d", "--data", envvar="BIOIMG_KG_DATA", help="Data folder of the release.")
    ] = Path("data"),
    source: Annotated[
        Path | None, typer.Option(help="Folder of the studies: shows the rows as they stand.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Steps of one kind at one place.", min=1, max=10000)] = 5,
    every: Annotated[bool, typer.Option("--all", help="The same as --limit 10000.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say why the graph says something: the chain of rule, call, record, row, file and commit.

    With every repair on the way. Exit code 1: the graph does not have the statement.

    Raises
    ------
    ConfigError
        The source folder does not exist.
    NotFound
        The release knows no such thing.
    """
    from bioimg_kg.release import current_release
    from bioimg_kg.store import open_readonly
    from bioimg_kg.why import Graph, Repairs, Sources, explain, object_term, resource

    if source and not source.is_dir():
        message = f"{source}: no such folder; --source names the folder of studies that was built from"
        raise ConfigError(message)
    release = current_release(data)
    graph = Graph(open_readonly(release.store))
    about = resource(graph, subject)
    by = resource(graph, predicate) if predicate else None
    what = object_term(graph, about, by, obj) if by and obj else None
    found = explain(
        graph,
        Repairs.read(release.issues),
        about,
        by,
        what,
        sources=Sources(source) if source else None,
        limit=10_000 if every else limit,
    )
    if as_json:
        typer.echo(json.dumps({"release": release.name, **found.as_dict()}, indent=1, ensure_ascii=False))
    elif sys.stdout.isatty():
        _draw(found)
    else:
        for line in lines(found):
            typer.echo(line)
    if ("found", "no") in found.facts:
        raise typer.Exit(1)


def lines(step: "Step") -> list[str]:
    """Return a tree as text, two blanks per level.

    Examples
    --------
    >>> from bioimg_kg.why import Step
    >>> lines(Step("answer", "x is y", steps=(Step("row", "row 6"), Step("gap", "no file")), more=2))
    ['x is y', '  row 6', '  BROKEN: no file', '  ... and 2 more (--all)']
    """
    seen: set[str] = set()
    return ["  " * depth + text for depth, _, text in _flat(step, 0, seen)]


def _flat(step: "Step", depth: int, seen: set[str]) -> Iterator[tuple[int, str, str]]:
    """Yield depth, kind and text of all lines; what is said of a file is said once."""
    yield depth, step.kind, _words(step)
    for text in _below(step, seen):
        yield depth + 1, "fact", text
    for below in step.steps:
        yield from _flat(below, depth + 1, seen)
    if step.more:
        some = f"at least {step.more:,}" if step.at_least else f"{step.more:,}"
        yield depth + 1, "more", f"... and {some} more (--all)"


def _words(step: "Step") -> str:
    marks = {"gap": "BROKEN: ", "level": "level: "}
    return marks.get(step.kind, "") + step.text


def _below(step: "Step", seen: set[str]) -> list[str]:
    if step.kind == "cells":
        return [f"{heading}: {cell}" for heading, cell in step.facts]
    texts = [step.iri] if step.kind == "row" and step.iri else []
    facts = [(name, text) for name, text in step.facts if name in _SHOWN]
    file = dict(step.facts).get("url", "")
    if step.kind in ("row", "file", "reference") and file:
        facts = [] if file in seen else facts
        seen.add(file)
    if facts:
        texts.append("; ".join(f"{name}: {text}" for name, text in facts))
    return texts


def _draw(step: "Step") -> None:
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    branches: list[Tree] = []
    for depth, kind, text in _flat(step, 0, set()):
        label = Text(text, style=_STYLES.get(kind, "dim" if kind in ("fact", "more") else ""))
        tree = branches[depth - 1].add(label) if depth else Tree(label)
        branches[depth:] = [tree]
    Console(highlight=False).print(branches[0])
