"""``bioimg-kg build``: studies to a release."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bioimg_kg.cli.talk import counts_table, progress, say

NO_PARQUET = "tables as CSV only: for Parquet install bioimg-kg[parquet]"


OmeZarr = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PLACE",
        help="OME-Zarr copies of images, may be repeated: a folder of images "
        "(<study>/<component>/<dataset>/<image>.ome.zarr), a table with a column url, a folder of such "
        "tables, or FOLDER=URL for a folder with the metadata documents of what is at URL.",
    ),
]
Name = Annotated[str, typer.Option(metavar="NAME", help="Name of the release; default: the date.")]
OpenDownloads = Annotated[
    bool,
    typer.Option(
        "--open-downloads", help="Leave studies whose licence is not open out of all files to download."
    ),
]


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
    omezarr: OmeZarr = None,
    release: Name = "",
    open_downloads: OpenDownloads = False,
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
        omezarr=omezarr or (),
        name=release,
        jobs=jobs,
        open_downloads=open_downloads,
    )
    start = time.monotonic()
    with progress(len(refs) + 2) as step:
        made = run(options, step)
    if not any(file["path"].endswith(".parquet") for file in made.manifest["files"]):
        say(NO_PARQUET)
    if as_json:
        summary = {"ok": True, "release": made.name, "path": str(made.path)}
        kinds = ("counts", "issues", "withheld")
        typer.echo(json.dumps(summary | {kind: made.manifest[kind] for kind in kinds}, indent=1))
        return
    _say(made.manifest)
    say(f"release {made.name} is current in {output} ({time.monotonic() - start:.0f} s)")
    if made.manifest["counts"]["issues"]:
        say(f"{made.manifest['counts']['issues']:,} issues of the data: bioimg-kg issues --data {output}")


def _say(manifest: Mapping[str, Any]) -> None:
    """Say what is in a release, which files there are to download, and which are not."""
    say(counts_table(manifest["counts"]))
    files = manifest["files"]
    tables = {
        Path(f["path"]).name.partition(".")[0]: f["rows"] for f in files if f["path"].startswith("tables/")
    }
    rows = ", ".join(f"{name} {number:,}" for name, number in tables.items() if name != "dictionary")
    megabytes = sum(file["bytes"] for file in files) / 1e6
    say(f"{len(files)} files to download, {megabytes:,.1f} MB; tables: {rows}")
    if manifest["withheld"]:
        say(f"not to download, by their licence: {', '.join(manifest['withheld'])}")
