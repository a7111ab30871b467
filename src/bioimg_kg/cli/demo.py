"""``bioimg-kg demo``: the example studies, built and served, with no network."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bioimg_kg.cli.serve import serve
from bioimg_kg.cli.talk import say


def demo(
    port: Annotated[int, typer.Option(help="Port to serve on.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(help="Folder to build into; default: a temporary one, removed at the end.")
    ] = None,
) -> None:
    """Build the small example studies that come with the package and serve them."""
    from bioimg_kg.etl.omezarr.demo import write_demo_image, write_demo_plate
    from bioimg_kg.etl.pipeline import BuildOptions, build
    from bioimg_kg.resources import data_path

    examples = data_path("examples")
    with tempfile.TemporaryDirectory(prefix="bioimg-kg-demo-") as folder:
        target = data or Path(folder)
        images = Path(folder) / "omezarr"
        write_demo_image(images)
        write_demo_plate(images)
        release = build(
            BuildOptions(
                sources=[examples / "studies"],
                data=target,
                ontologies=examples / "ontologies",
                reference=examples / "reference",
                omezarr=[images],
                jobs=1,
            )
        )
        say(f"built {release.manifest['counts']['studies']} example studies into {target}")
        serve(data=target, host=host, port=port)
