"""``bioimg-kg build``: studies to a release."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from bioimg_kg.cli.talk import counts_table, progress, say


def build(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SRC...", help="Folders of studies (one folder per study).")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DATA", help="Data folder that gets the release.")
    ],
    study: Annotated[
        list[str] | None, typer.Option(metavar="ACCESSION", help="Build only this study; may be repeated.")
    ] = None,
    ontologies: Annotated[
        Path | None, typer.Option(help="Folder of .obo files for labels and hierarchies.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Folder of gene tables: joins the identifiers of one gene.")
    ] = None,
    omezarr: Annotated[
        Path | None,
        typer.Option(help="Folder of OME-Zarr images: <study>/<component>/<dataset>/<image>.ome.zarr."),
    ] = None,
    release: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the release; default: the date.")
    ] = "",
    jobs: Annotated[int, typer.Option(help="Number of processes; default: one per core.", min=0)] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list the studies that would be built.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest's summary as JSON.")] = False,
) -> None:
    """Build a release from study metadata and make it the current one.

    The release is written aside and renamed when it is whole.
    A build that fails or is killed leaves the previous release as it was.
    """
    from bioimg_kg.etl.pipeline import BuildOptions, find_studies
    from bioimg_kg.etl.pipeline import build as run

    wanted = study or []
    refs = find_studies(sources, wanted)
    if dry_run:
        for ref in refs:
            typer.echo(f"{ref.accession}\t{ref.path}")
        return
    options = BuildOptions(
        sources=sources,
        data=output,
        studies=wanted,
        ontologies=ontologies,
        reference=reference,
        omezarr=omezarr,
        name=release,
        jobs=jobs,
    )
    start = time.monotonic()
    with progress(len(refs) + 1) as step:
        made = run(options, step)
    counts = made.manifest["counts"]
    if as_json:
        summary = {"ok": True, "release": made.name, "path": str(made.path), "counts": counts}
        typer.echo(json.dumps(summary | {"issues": made.manifest["issues"]}, indent=1))
        return
    say(counts_table(counts))
    say(f"release {made.name} is current in {output} ({time.monotonic() - start:.0f} s)")
    if counts["issues"]:
        say(f"{counts['issues']:,} issues of the data: bioimg-kg issues --data {output}")
