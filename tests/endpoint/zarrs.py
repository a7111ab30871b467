"""Small OME-Zarr images written for tests, and what a picture of them must look like, by other means."""

import json
import math

import numpy as np
import zarr

from bioimg_kg.release import new_release
from bioimg_kg.store import build_store

BASE = "https://w3id.org/bioimg-kg/"
BIKG = f"{BASE}ontology#"
SIZES = {"t": 2, "c": 3, "z": 3, "y": 45, "x": 62}
OMERO = [
    {"label": "a", "color": "FF0000", "active": True, "window": {"start": 10, "end": 200}},
    {"label": "b", "color": "00FF00", "active": False, "window": {"start": 0, "end": 100}},
    {"label": "c", "color": "0040FF", "active": True},
]


def pixels(axes, dtype, seed=7):
    """Draw noise on a slope, with room for every sign of the type."""
    random = np.random.default_rng(seed)
    shape = tuple(SIZES[axis] for axis in axes)
    values = random.uniform(0, 180, shape) + np.linspace(0, 70, shape[-1])
    if np.dtype(dtype).kind == "f":
        values = values - 40
        values.flat[5] = np.nan
    return values.astype(dtype)


def write_image(path, axes="cyx", dtype="uint8", version="0.5", *, sharded=False, omero=None, levels=2):
    """Write an image of noise with half-sized levels; return the data of the levels."""
    group = zarr.open_group(path, mode="w", zarr_format=3 if version == "0.5" else 2)
    full = pixels(axes, dtype)
    made, datasets = [], []
    for level in range(levels):
        step = 2**level
        data = np.ascontiguousarray(full[..., ::step, ::step])
        chunks = (1,) * (len(axes) - 2) + (16, 24)
        deep = tuple(SIZES["z"] if axis == "z" else 1 for axis in axes[:-2])
        shards = (*deep, 32, 48) if sharded else None
        array = group.create_array(
            str(level), shape=data.shape, chunks=chunks, shards=shards, dtype=data.dtype
        )
        array[...] = data
        made.append(data)
        scale = [float(step) if axis in "yx" else 1.0 for axis in axes]
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        )
    kinds = {"t": "time", "c": "channel"}
    block = {"axes": [{"name": a, "type": kinds.get(a, "space")} for a in axes], "datasets": datasets}
    said = {"multiscales": [block]} | ({"omero": {"channels": omero}} if omero else {})
    if version == "0.5":
        group.attrs["ome"] = {"version": version, **said}
    else:
        block["version"] = version
        group.attrs.update(said)
    return made


def percentile(values, share):
    """Interpolate between the two nearest of the sorted values."""
    ordered = sorted(float(v) for v in values.ravel() if math.isfinite(v))
    place = share / 100 * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def expected(made, axes, size, *, z=None, t=None, channels=None, omero=None):
    """Return the picture that the service must make, computed pixel by pixel."""
    level = next((data for data in reversed(made) if max(data.shape[-2:]) >= size), made[0])
    count = level.shape[axes.index("c")] if "c" in axes else 1
    if channels is None:
        channels = [c for c in range(count) if not omero or omero[c]["active"]]
    palette = ["0000FF", "00FF00", "FF0000"]
    total = None
    for channel in channels:
        plane = level
        for axis in axes[:-2]:
            middle = plane.shape[0] // 2 if axis == "z" else 0
            given = {"z": z, "t": t, "c": channel}[axis]
            plane = plane[middle if given is None else given]
        factor = max(1, math.ceil(max(plane.shape) / size))
        rows, columns = (math.ceil(n / factor) for n in plane.shape)
        small = np.array(
            [
                [
                    plane[r * factor : (r + 1) * factor, c * factor : (c + 1) * factor].mean(dtype="f8")
                    for c in range(columns)
                ]
                for r in range(rows)
            ]
        )
        look = omero[channel] if omero else {}
        window = look.get("window")
        start, end = (
            (window["start"], window["end"]) if window else (percentile(small, 1), percentile(small, 99))
        )
        color = look.get("color") or ("FFFFFF" if count == 1 else palette[channel])
        share = np.clip((small - start) / (end - start), 0, 1)
        share[~np.isfinite(small)] = 0
        part = np.stack([share * (int(color[i : i + 2], 16) / 255) for i in (0, 2, 4)], axis=-1)
        total = part if total is None else total + part
    return np.floor(np.clip(total, 0, 1) * 255 + 0.5).astype("uint8")


def release_of(data, copies, folder):
    """Write a release with representations: name to address."""
    lines = []
    for name, url in copies.items():
        image, copy = f"<{BASE}id/{name}>", f"<{BASE}id/{name}/ngff>"
        lines += [
            f"{image} <{BIKG}representation> {copy}",
            f"{copy} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{BIKG}ImageRepresentation>",
            f"{copy} <https://schema.org/contentUrl> <{url}>",
            f"{copy} <{BIKG}pathStatus> <{BIKG}VerifiedPath>",
        ]
    with new_release(data, "r1") as target:
        source = target / "all.nq"
        source.write_text("".join(f"{line} <{BASE}graph/g> .\n" for line in lines))
        build_store(target / "store", [source])
        (target / "manifest.json").write_text(
            json.dumps({"name": "r1", "counts": {}, "omezarr": [str(folder)]})
        )
