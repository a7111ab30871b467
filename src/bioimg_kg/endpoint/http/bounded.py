"""Things kept in bounded room; the one that was not used for longest goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Values by key.

    Parameters
    ----------
    room
        How much all of them may take together; nothing that takes more by itself is kept.

    Attributes
    ----------
    used
        How much those that are kept take.

    Examples
    --------
    >>> kept = Bounded(room=2)
    >>> for name in "abc":
    ...     kept.put(name, name.upper(), 1)
    >>> kept.get("a"), kept.get("b"), kept.used
    (None, 'B', 2)
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.used = 0

    def get(self, key: K) -> V | None:
        """Return a value, if it is still there; it is the last to go now."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value in the place of an older one of its key; others go if there is no room for them."""
        if size > self._room:
            return
        self.used += size - self._kept.pop(key, (None, 0))[1]
        self._kept[key] = (value, size)
        while self.used > self._room:
            _, (_, freed) = self._kept.popitem(last=False)
            self.used -= freed
