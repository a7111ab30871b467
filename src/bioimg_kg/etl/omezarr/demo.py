"""A small OME-Zarr image and a small plate to show: drawn cells, the same every time."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

Pixels = npt.NDArray[np.uint8]


_CHANNELS = (("nuclei", "0000FF"), ("tubulin", "00FF00"))


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
    group = zarr.open_group(path, mode="w", zarr_format=3)
    group.attrs["ome"] = {"version": "0.5", **_image(group, draw_cells(256, 12))}
    return path


def write_demo_plate(folder: Path) -> Path:
    """Write an OME-Zarr 0.4 plate with two wells of two small fields for the example study idr9004.

    Parameters
    ----------
    folder
        Top of the folder of images.

    Source
    ------
    https://ngff.openmicroscopy.org/0.4/#hcs-layout
    """
    path = folder / "idr9004" / "screenA" / "MIT-EX-1.ome.zarr"
    plate = zarr.open_group(path, mode="w", zarr_format=2)
    wells = [("B", "5"), ("C", "4")]
    plate.attrs["plate"] = {
        "version": "0.4",
        "name": "MIT-EX-1",
        "rows": [{"name": row} for row, _ in wells],
        "columns": [{"name": column} for _, column in wells],
        "wells": [
            {"path": f"{row}/{column}", "rowIndex": index, "columnIndex": index}
            for index, (row, column) in enumerate(wells)
        ],
        "field_count": 2,
    }
    for number, (row, column) in enumerate(wells):
        well = plate.require_group(row).create_group(column)
        well.attrs["well"] = {"version": "0.4", "images": [{"path": "0"}, {"path": "1"}]}
        for field in range(2):
            image = well.create_group(str(field))
            said = _image(image, draw_cells(96, 4, seed=10 * number + field), separator="/")
            said["multiscales"][0]["version"] = "0.4"
            image.attrs.update(said)
    return path


def _image(group: zarr.Group, pixels: Pixels, separator: str = "") -> dict[str, Any]:
    """Write the levels of an image and return what its metadata says."""
    datasets: list[Any] = []
    for level, step in enumerate((1, 2)):
        data = np.ascontiguousarray(pixels[:, ::step, ::step])
        more: dict[str, Any] = {"dimension_names": ["c", "y", "x"]}
        if separator:
            more = {"chunk_key_encoding": {"name": "v2", "separator": separator}}
        array = group.create_array(
            str(level), shape=data.shape, chunks=(1, 128, 128), dtype=data.dtype, **more
        )
        array[:] = data
        scale = [1.0, 0.5 * step, 0.5 * step]
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        )
    unit = {"type": "space", "unit": "micrometer"}
    axes = [{"name": "c", "type": "channel"}, {"name": "y", **unit}, {"name": "x", **unit}]
    window = {"min": 0, "max": 255, "start": 0, "end": 255}
    shown = [{"label": n, "color": c, "active": True, "window": window} for n, c in _CHANNELS]
    name = group.basename or "demo-cells"
    return {"multiscales": [{"name": name, "axes": axes, "datasets": datasets}], "omero": {"channels": shown}}


def draw_cells(size: int, cells: int, seed: int = 20161219) -> Pixels:
    """Draw round nuclei inside elongated cell bodies; shape (2, size, size), the same every time."""
    random = np.random.default_rng(seed)
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
