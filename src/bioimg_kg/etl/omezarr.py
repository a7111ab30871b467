"""OME-Zarr copies of images in a local folder: where they are, which version; and a small one to show.

The folder is laid out like the records: ``<study>/<component>/<dataset>/<image>.ome.zarr``. Pixels are never
read here.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr

_ENDINGS = (".ome.zarr", ".zarr")


@dataclass(frozen=True, slots=True)
class ImageCopy:
    """One OME-Zarr image.

    Attributes
    ----------
    study, component, container, name
        The record that it is a copy of.
    path
        Path inside the folder.
    version
        OME-Zarr version, empty if the metadata cannot be read; ``problem`` then says why.
    axes
        Names of the axes, slowest first, for example ``cyx``.
    shape
        Sizes of the full resolution, in the order of ``axes``; empty if unknown.
    """

    study: str
    component: str
    container: str
    name: str
    path: str
    version: str
    axes: str = ""
    shape: tuple[int, ...] = ()
    problem: str = ""


def find_images(folder: Path) -> list[ImageCopy]:
    """Find the images of a folder, in order of their path."""
    found = sorted(p for p in folder.glob("*/*/*/*") if p.is_dir() and p.name.endswith(_ENDINGS))
    return [_image(path, folder) for path in found]


def _image(path: Path, folder: Path) -> ImageCopy:
    study, component, container, last = path.relative_to(folder).parts
    name = next(last.removesuffix(end) for end in _ENDINGS if last.endswith(end))
    where = "/".join((study, component, container, last))
    try:
        version, axes, shape = _metadata(path)
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        return ImageCopy(
            study, component, container, name, where, "", problem=f"{type(error).__name__}: {error}"
        )
    return ImageCopy(study, component, container, name, where, version, axes, shape)


def _metadata(path: Path) -> tuple[str, str, tuple[int, ...]]:
    """Read version, axes and shape from the documents of zarr 3 (OME-Zarr 0.5) or zarr 2 (0.4)."""
    if (path / "zarr.json").is_file():
        attributes = _json(path / "zarr.json")["attributes"]["ome"]
        version, first = str(attributes["version"]), attributes["multiscales"][0]
        array = _json(path / first["datasets"][0]["path"] / "zarr.json")
    else:
        first = _json(path / ".zattrs")["multiscales"][0]
        version = str(first["version"])
        array = _json(path / first["datasets"][0]["path"] / ".zarray")
    axes = "".join(axis["name"] for axis in first["axes"])
    return version, axes, tuple(int(n) for n in array["shape"])


def _json(path: Path) -> Any:  # noqa: ANN401 - the documents are checked by use
    return json.loads(path.read_text(encoding="utf-8"))


def write_demo_image(folder: Path) -> Path:
    """Write a small two-channel OME-Zarr 0.5 image of drawn cells for the example study idr9008.

    Parameters
    ----------
    folder
        Top of the folder of images.

    Returns
    -------
    Path
        The image: axes c, y, x; 2 x 256 x 256 pixels of 0.5 micrometre, and half of that.

    Source
    ------
    https://ngff.openmicroscopy.org/0.5/
    """
    path = folder / "idr9008" / "experimentA" / "Demo" / "demo-cells.ome.zarr"
    pixels = _draw_cells()
    group = zarr.open_group(path, mode="w", zarr_format=3)
    datasets: list[Any] = []
    for level, step in enumerate((1, 2)):
        data = np.ascontiguousarray(pixels[:, ::step, ::step])
        array = group.create_array(
            str(level),
            shape=data.shape,
            chunks=(1, 128, 128),
            dtype=data.dtype,
            dimension_names=["c", "y", "x"],
        )
        array[:] = data
        scale = [1.0, 0.5 * step, 0.5 * step]
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        )
    unit = {"type": "space", "unit": "micrometer"}
    axes = [{"name": "c", "type": "channel"}, {"name": "y", **unit}, {"name": "x", **unit}]
    colours = (("nuclei", "0000FF"), ("tubulin", "00FF00"))
    window = {"min": 0, "max": 255, "start": 0, "end": 255}
    group.attrs["ome"] = {
        "version": "0.5",
        "multiscales": [{"name": "demo-cells", "axes": axes, "datasets": datasets}],
        "omero": {
            "channels": [{"label": n, "color": c, "active": True, "window": window} for n, c in colours]
        },
    }
    return path


def _draw_cells(size: int = 256, cells: int = 12) -> np.ndarray:
    """Draw round nuclei inside elongated cell bodies; shape (2, size, size), the same every time."""
    random = np.random.default_rng(20161219)
    y, x = np.mgrid[0:size, 0:size]
    image = np.zeros((2, size, size))
    for _ in range(cells):
        cy, cx = random.uniform(20, size - 20, 2)
        angle, length = random.uniform(0, np.pi), random.uniform(14, 34)
        along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        across = (y - cy) * np.cos(angle) - (x - cx) * np.sin(angle)
        body = (along / length) ** 2 + (across / 9) ** 2
        nucleus = (along**2 + across**2) / 36
        image[0] = np.maximum(image[0], 220 * np.exp(-(nucleus**3)))
        image[1] = np.maximum(image[1], 170 * np.exp(-(body**4)))
    return np.clip(image + random.normal(8, 3, image.shape), 0, 255).astype(np.uint8)
