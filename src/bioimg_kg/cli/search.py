"""``bioimg-kg search``: things by name."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bioimg_kg.cli.talk import print_rows, say

Data = Annotated[
    Path, typer.Option("--data", "-d", envvar="BIOIMG_KG_DATA", help="Data folder of the release.")
]


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name, words or an identifier.")],
    kind: Annotated[str, typer.Option("--type", help="Only of this type, e.g. gene.")] = "",
    organism: Annotated[str, typer.Option(help="Only genes of this organism, e.g. human.")] = "",
    narrower: Annotated[bool, typer.Option(help="Order by the records of narrower terms, too.")] = True,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many hits.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    data: Data = Path("data"),
) -> None:
    """Find phenotypes, genes, compounds, studies and reagents by any of their names or identifiers.

    Each hit says why it was found. Records and studies are counted without and with narrower terms.
    """
    from dataclasses import asdict

    from bioimg_kg.release import current_release
    from bioimg_kg.search.lookup import Search

    index = Search(current_release(data).search)
    try:
        found = index.find(text, type=kind, organism=organism, narrower=narrower, limit=limit)
    finally:
        index.close()
    if as_json:
        hits = [{**asdict(hit), "why": hit.why} for hit in found.hits]
        typer.echo(json.dumps({**asdict(found), "hits": hits}, indent=1, ensure_ascii=False))
    else:
        columns = ("type", "name", "organism", "records", "with_narrower", "studies", "why", "iri")
        rows = (
            (
                *(hit.type, hit.label, hit.organism, str(hit.direct.records), str(hit.whole.records)),
                *(str(hit.whole.studies), hit.why, hit.iri),
            )
            for hit in found.hits
        )
        print_rows(columns, rows)
    if not found.total:
        say(f"nothing is called {text!r}")
        raise typer.Exit(1)
    if found.total > len(found.hits):
        say(f"{len(found.hits)} of {'more than ' if found.more else ''}{found.total} hits")
