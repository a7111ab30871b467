"""Quads of what copies of images share: sizes and channels. Equal content is one node."""

from collections.abc import Iterator

from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.nquads import GraphFile, iri, literal
from bioimg_kg.identifiers.iris import Minter, digest
from bioimg_kg.ngff.facts import MICROMETRES, Channel, Image, suspect_size
from bioimg_kg.vocab import (
    AXES,
    CHANNEL,
    CHANNEL_INDEX,
    CHANNEL_OF,
    COLOR,
    IMAGE_PROFILE,
    IMAGE_PROFILE_OF,
    LABEL,
    LEVELS,
    OBO,
    PHYSICAL_SIZES,
    PHYSICAL_UNIT,
    PIXEL_TYPE,
    SIZES,
    SUSPECT_SIZE,
    TYPE,
    UNIT_NAME,
    WINDOW_END,
    WINDOW_START,
)

_GRAPH = "image-profiles"
_UNITS = {
    "meter": "UO_0000008",
    "centimeter": "UO_0000015",
    "millimeter": "UO_0000016",
    "micrometer": "UO_0000017",
    "nanometer": "UO_0000018",
    "angstrom": "UO_0000019",
}


def write_profile(image: Image, copy: str, out: GraphFile, shared: Shared, minter: Minter) -> None:
    """Write the profile of an image, if its sizes are known.

    Parameters
    ----------
    copy
        IRI of the representation.
    """
    if not image.axes or len(image.shape) != len(image.axes):
        return
    sizes = _physical(image)
    more = [*(f"{axis}={size}" for axis, size in sizes.items()), _unit(image), image.pixel_type]
    more.append(str(len(image.datasets) or ""))
    key = f"{'x'.join(map(str, image.shape))}-{image.axes}"
    key += f"-{digest(more)}" if any(more) else ""
    me = f"{minter.base}id/image-profile/{key}"
    out.link(copy, IMAGE_PROFILE_OF, me)

    def say(predicate: str, token: str) -> None:
        shared.add(_GRAPH, me, predicate, token)

    say(TYPE, iri(IMAGE_PROFILE))
    say(AXES, literal(image.axes))
    for axis, size in zip(image.axes, image.shape, strict=True):
        if axis in SIZES:
            say(SIZES[axis], literal(str(size), "integer"))
    if image.pixel_type:
        say(PIXEL_TYPE, literal(image.pixel_type))
    if image.datasets:
        say(LEVELS, literal(str(len(image.datasets)), "integer"))
    for predicate, token in _size_tokens(sizes, _unit(image)):
        say(predicate, token)


def _size_tokens(sizes: dict[str, str], unit: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of the size of a pixel."""
    for axis, number in sizes.items():
        yield PHYSICAL_SIZES[axis], literal(number, "double")
    if sizes and unit in _UNITS:
        yield PHYSICAL_UNIT, iri(OBO + _UNITS[unit])
    elif sizes and unit:
        yield UNIT_NAME, literal(unit)
    doubt = suspect_size(float(sizes["x"]), unit) if "x" in sizes else ""
    if doubt:
        yield SUSPECT_SIZE, literal(doubt)


def _unit(image: Image) -> str:
    """Return the unit of the axis x, in which all sizes are written."""
    return image.units[image.axes.index("x")] if image.units and "x" in image.axes else ""


def _physical(image: Image) -> dict[str, str]:
    """Return the pixel sizes in the unit of x, as far as they can be told.

    Without a unit a scale of 1 says nothing: writers put it where they know no size.
    """
    if len(image.scale) != len(image.axes) or len(image.units) != len(image.axes):
        return {}
    unit = _unit(image)
    if not unit and set(image.scale) == {1.0}:
        return {}
    found = {}
    for axis, scale, mine in zip(image.axes, image.scale, image.units, strict=True):
        if axis not in PHYSICAL_SIZES:
            continue
        if mine == unit:
            found[axis] = repr(float(scale))
        elif mine in MICROMETRES and unit in MICROMETRES:
            found[axis] = repr(float(scale) * MICROMETRES[mine] / MICROMETRES[unit])
    return found


def write_channels(image: Image, copy: str, out: GraphFile, shared: Shared, minter: Minter) -> None:
    """Write the channels that the block ``omero`` describes."""
    for index, channel in enumerate(image.channels):
        me = f"{minter.base}id/channel/{digest([str(index), *map(str, _facts(channel))])}"
        out.link(copy, CHANNEL_OF, me)
        shared.add(_GRAPH, me, TYPE, iri(CHANNEL))
        shared.add(_GRAPH, me, LABEL, literal(channel.label or f"channel {index}"))
        shared.add(_GRAPH, me, CHANNEL_INDEX, literal(str(index), "integer"))
        if channel.color:
            shared.add(_GRAPH, me, COLOR, literal(channel.color))
        for predicate, number in ((WINDOW_START, channel.start), (WINDOW_END, channel.end)):
            if number is not None:
                shared.add(_GRAPH, me, predicate, literal(repr(number), "double"))


def _facts(channel: Channel) -> tuple[object, ...]:
    return channel.label, channel.color, channel.start, channel.end
