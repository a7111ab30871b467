"""What a picture is to show."""

from dataclasses import dataclass
from typing import Final

MOST_CHANNELS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be shown.

    Attributes
    ----------
    size
        Longest edge of the picture, which is never larger than the image.
    z, t
        Plane and time point of the full resolution; None for those that the image names, or the middle.
    channels
        Numbers of the channels; empty for those that are active.
    well, field
        Which image of a plate; an empty well is the first that the plate has.
    """

    size: int = 256
    z: int | None = None
    t: int | None = None
    channels: tuple[int, ...] = ()
    well: str = ""
    field: int = 0
