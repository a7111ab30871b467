"""What can go wrong between a request and its answer, beyond the query errors of :mod:`bioimg_kg.errors`.

The status code of each class is in :mod:`bioimg_kg.endpoint.app` and nowhere else.
"""

from bioimg_kg.errors import QueryError, QueryRefused


class BadRequest(QueryError):  # noqa: N818 - named like the HTTP status that it becomes
    """The request does not follow the SPARQL protocol."""


class UnsupportedMedia(QueryError):  # noqa: N818
    """The body is of a type that the SPARQL protocol does not know."""


class NotAcceptable(QueryError):  # noqa: N818
    """The client takes none of the formats in which the answer can be written."""


class ServiceBusy(QueryError):  # noqa: N818
    """Every worker is taken and the queue is full, or the wait was too long."""

    exit_code = 4


class Throttled(QueryError):  # noqa: N818
    """A client has used up its share.

    Parameters
    ----------
    message
        What it has used.
    retry_after
        Seconds after which it may ask again.
    """

    exit_code = 4

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueryCancelled(QueryError):  # noqa: N818
    """The owner of the query has stopped it."""

    exit_code = 4


class WorkerDied(QueryError):  # noqa: N818
    """The process that evaluated the query ended before its answer was whole."""

    exit_code = 4


class ResultTooLarge(QueryRefused):
    """The answer is larger than the service sends."""


class UnknownRelease(QueryError):  # noqa: N818
    """There is no release of this name."""


class ReleaseGone(QueryError):  # noqa: N818
    """A release of this name was served once, and is not any more."""


class ReleaseBroken(QueryError):  # noqa: N818
    """An earlier release cannot be opened."""

    exit_code = 4
