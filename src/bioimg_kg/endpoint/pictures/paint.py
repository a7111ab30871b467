"""From numbers to colours: planes are reduced, brought into the range of their window, coloured and added."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bioimg_kg.ngff.facts import Channel

Plane = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]

PALETTE: Final = ("0000FF", "00FF00", "FF0000", "FF00FF", "FFFF00", "00FFFF")
"""Colours of channels that have none; a single channel is grey."""

WHITE: Final = "FFFFFF"
PERCENTILES: Final = (1.0, 99.0)
"""Range of a channel that has no window."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a channel is shown.

    Attributes
    ----------
    color
        Six hexadecimal digits.
    start, end
        Values that are shown black and in full colour; None for percentiles of the picture.
    """

    color: str = WHITE
    start: float | None = None
    end: float | None = None
    inverted: bool = False


def looks(channels: Sequence[Channel], chosen: Sequence[int], count: int) -> list[Look]:
    """Return how the chosen channels are shown.

    Parameters
    ----------
    channels
        What the metadata says; it may say nothing of some.
    chosen
        Numbers of the channels.
    count
        How many the image has.

    Examples
    --------
    >>> looks([Channel(color="FF0000", start=0, end=9)], [0], 1)
    [Look(color='FF0000', start=0, end=9, inverted=False)]
    >>> [look.color for look in looks([], [0, 1], 2)]
    ['0000FF', '00FF00']
    """
    found = []
    for number in chosen:
        channel = channels[number] if number < len(channels) else Channel()
        color = channel.color or (WHITE if count == 1 else PALETTE[number % len(PALETTE)])
        whole = channel.start is not None and channel.end is not None
        start, end = (channel.start, channel.end) if whole else (None, None)
        found.append(Look(color, start, end, channel.inverted))
    return found


def reduce(plane: Plane, factor: int) -> Numbers:
    """Return the means of square blocks of a plane; blocks at the edges may be smaller.

    Examples
    --------
    >>> reduce(np.array([[0, 2, 9], [4, 6, 9]]), 2)
    array([[3., 9.]])
    """
    values = plane.astype(np.float64)
    if factor == 1:
        return values
    starts = [np.arange(0, size, factor) for size in values.shape]
    sums = np.add.reduceat(np.add.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    rows, columns = (np.diff(np.append(s, size)) for s, size in zip(starts, values.shape, strict=True))
    result: Numbers = sums / (rows[:, None] * columns[None, :])
    return result


def shade(plane: Numbers, look: Look) -> Numbers:
    """Return a plane as numbers from 0 (black) to 1 (full colour); what is no number is black."""
    start, end = look.start, look.end
    known = np.isfinite(plane)
    if start is None or end is None:
        values = plane[known]
        start, end = map(float, np.percentile(values, PERCENTILES)) if values.size else (0.0, 1.0)
    with np.errstate(all="ignore"):
        shown = np.clip((plane - start) / (end - start), 0, 1) if end > start else (plane > start) * 1.0
    shown = 1 - shown if look.inverted else shown
    return np.where(known, shown, 0.0)


def compose(planes: Sequence[Numbers], shown: Sequence[Look]) -> npt.NDArray[np.uint8]:
    """Return the picture of planes: their colours are added.

    Returns
    -------
    array
        Shape ``(height, width, 3)``.

    Examples
    --------
    >>> compose([np.array([[0.0, 1.0]])], [Look("FF8000", 0, 1)]).tolist()
    [[[0, 0, 0], [255, 128, 0]]]
    """
    total = np.zeros((*planes[0].shape, 3))
    for plane, look in zip(planes, shown, strict=True):
        color = np.array([int(look.color[i : i + 2], 16) for i in (0, 2, 4)]) / 255
        total += shade(plane, look)[..., None] * color
    return np.floor(np.clip(total, 0, 1) * 255 + 0.5).astype(np.uint8)
