"""Why there is no picture. The status of each class is in :mod:`bioimg_kg.endpoint.app`."""

from bioimg_kg.endpoint.http.failures import ResultTooLarge
from bioimg_kg.errors import QueryError, QueryRefused


class NoSuchPicture(QueryError):  # noqa: N818 - named like the HTTP status that it becomes
    """There is no such image, plane, channel or well."""


class ImageUnreadable(QueryError):  # noqa: N818
    """The image is there and cannot be shown: its metadata or a chunk is broken, or of an unknown kind."""


class ImageTooLarge(ResultTooLarge):
    """No level of the image is small enough to be read for a picture."""


class ImageElsewhere(QueryRefused):
    """The image is at a place from which this service does not read."""


def makes_no_pictures(_: str) -> str:
    """Return why there is no picture of an image where nobody makes any."""
    return "this service makes none"
