"""The page of one image: a plane at a time, with z, t and channels to choose; it needs no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response

from bioimg_kg.endpoint.linked.identifiers import address_of
from bioimg_kg.endpoint.pages.html import page
from bioimg_kg.endpoint.pictures.failures import NoSuchPicture
from bioimg_kg.endpoint.pictures.routes import PLANE, read_request
from bioimg_kg.endpoint.pictures.wanted import MOST_CHANNELS, Wanted
from bioimg_kg.endpoint.service import Service, unless_gone
from bioimg_kg.endpoint.views.answers import ask
from bioimg_kg.endpoint.views.model import Row, Subject
from bioimg_kg.endpoint.views.pictures import Shot, pictures_section, shot_of

_SECTION: Final = pictures_section()


@dataclass(frozen=True, slots=True)
class Slider:
    """An axis of planes.

    Attributes
    ----------
    axis
        ``z`` or ``t``.
    count
        How many planes there are.
    now
        The one that is shown.
    ways
        Addresses of other planes, with what they are called.
    """

    axis: str
    count: int
    now: int
    ways: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Viewed:
    """What the page shows: see ``templates/image.html``.

    Attributes
    ----------
    shot
        The copy of the image.
    plane
        Address of the picture.
    width, height
        Its size in pixels; 0 if that is not known.
    sliders
        The axes that have more than one plane.
    channels
        Number, name and whether it was asked for, of each channel.
    """

    shot: Shot
    plane: str
    width: int
    height: int
    sliders: Sequence[Slider]
    channels: Sequence[tuple[int, str, bool]]


def view_row(row: Row, wanted: Wanted, iri: str) -> Viewed:
    """Return what the page shows of a copy.

    Parameters
    ----------
    row
        Of the answer to ``pictures-of-thing``.
    wanted
        Which plane of it.
    iri
        The image, well or plate.

    Raises
    ------
    NoSuchPicture
        It has no such plane or channel.
    """
    sizes = {axis: int(row.get(f"size{axis.upper()}", 1)) for axis in "tczyx"}
    chosen = {"z": wanted.z, "t": wanted.t}
    for axis, number in chosen.items():
        if f"size{axis.upper()}" in row and number is not None and number >= sizes[axis]:
            message = f"{axis} is 0 to {sizes[axis] - 1}: there is no {number}"
            raise NoSuchPicture(message)
    state = {"iri": iri, "copy": row["copy"]}
    state |= {axis: str(number) for axis, number in chosen.items() if number is not None}
    if wanted.well:
        state |= {"well": wanted.well, "field": str(wanted.field)}
    if wanted.channels:
        state["c"] = ",".join(map(str, wanted.channels))
    shot = shot_of(row)
    plane = {**state, "iri": row["copy"]} | ({"well": shot.well} if shot.well else {})
    del plane["copy"]
    names = row["channels"].split(" | ") if "channels" in row else []
    names = names if len(names) == sizes["c"] else [f"channel {n}" for n in range(sizes["c"])]
    return Viewed(
        shot,
        f"/image/plane.png?{urlencode(plane)}",
        *_fitted(sizes["x"], sizes["y"]) if "sizeX" in row and "sizeY" in row else (0, 0),
        [_slider(axis, sizes[axis], chosen[axis], state) for axis in "zt" if sizes[axis] > 1],
        [(n, name, n in wanted.channels) for n, name in enumerate(names)] if sizes["c"] > 1 else [],
    )


def _fitted(width: int, height: int) -> tuple[int, int]:
    share = min(1, PLANE / max(width, height, 1))
    return max(1, round(width * share)), max(1, round(height * share))


def _slider(axis: str, count: int, now: int | None, state: Mapping[str, str]) -> Slider:
    here = (count // 2 if axis == "z" else 0) if now is None else now  # as pictures are made
    ways = {"first": 0, "previous": here - 1, "next": here + 1, "last": count - 1}
    return Slider(
        axis,
        count,
        here,
        [
            (name, f"/image/view?{urlencode({**state, axis: str(number)})}")
            for name, number in ways.items()
            if 0 <= number < count and number != here
        ],
    )


def viewer_router(service: Service) -> APIRouter:
    """Return the route of the page of one image."""
    router = APIRouter(include_in_schema=False)

    @router.get("/image/view")
    async def view(request: Request, copy: str = "") -> Response:
        iri, wanted = read_request(request, PLANE)
        answered = await unless_gone(request, ask(service, _SECTION, Subject(iri)))
        if answered.problem:
            raise HTTPException(503, answered.problem)
        rows = [row for row in answered.rows if row["record"] == iri and copy in ("", row["copy"])]
        rows.sort(key=lambda row: bool(answered.refused(row["url"])))
        if not rows:
            message = f"the release has no such OME-Zarr copy of <{iri}>"
            raise NoSuchPicture(message)
        viewed = view_row(rows[0], wanted, iri)
        others = [shot_of(row) for row in rows[1:]]
        content = {"viewed": viewed, "iri": iri, "others": others, "most": MOST_CHANNELS}
        content |= {"refused": answered.refused(viewed.shot.url), "public_url": answered.public_url}
        return page("image", content | {"thing": address_of(iri) or ""})

    return router
