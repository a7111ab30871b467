"""What can go wrong, in two kinds.

A *bad world* (no such file, no such release, a query that cannot run) is an exception::

    BioimgKgError
    ├── ConfigError          a setting, an option or an installed file is wrong      exit 2
    │   └── ReleaseNotFound  there is no release to serve or query                  exit 2
    ├── SourceError          a source folder or file cannot be read at all          exit 3
    ├── QueryError           a query was not answered
    │   ├── QuerySyntax      it is not SPARQL                                        exit 2
    │   ├── QueryRefused     it asks for something this service does not do         exit 2
    │   └── QueryTimeout     it took longer than the deadline                        exit 4
    └── RemoteError          another service did not answer                          exit 4
        └── Unreachable      there is no way to it: no network, no such host         exit 4

*Bad data* is an :class:`Issue`: a value that names file, line, column, content and remedy. Issues are
written to ``issues.tsv``; they are never raised and never only logged.
"""

from dataclasses import dataclass
from enum import StrEnum


class BioimgKgError(Exception):
    """Base of all errors that a user can mend; the message says how."""

    exit_code = 2


class ConfigError(BioimgKgError):
    """A setting, an option or an installed file is wrong."""


class ReleaseNotFound(ConfigError):  # noqa: N818 - the tree above reads as plain English
    """There is no release to serve or query."""


class SourceError(BioimgKgError):
    """A source folder or file cannot be read at all."""

    exit_code = 3


class QueryError(BioimgKgError):
    """A query was not answered."""


class QuerySyntax(QueryError):  # noqa: N818
    """The text is not SPARQL.

    Parameters
    ----------
    message
        What the parser expected.
    line, column
        Position of the mistake, counted from 1, where known.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class QueryRefused(QueryError):  # noqa: N818
    """The query asks for something that this service does not do."""


class QueryTimeout(QueryError):  # noqa: N818
    """The query took longer than the deadline and was stopped."""

    exit_code = 4


class RemoteError(BioimgKgError):
    """Another service did not answer."""

    exit_code = 4


class Unreachable(RemoteError):  # noqa: N818
    """There is no way to another service: no network, no such host, or it does not listen."""


class Severity(StrEnum):
    """How bad an issue is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Issue:
    """A defect of the data.

    One issue stands for all cells of one column that hold the same defective value.

    Attributes
    ----------
    study, component
        Accession (``"idr0012"``) and component name (``"screenA"``, empty for the study itself).
    file
        Path inside the study folder.
    line
        Row of the first such cell, counted like a spreadsheet does (the header is row 1); 0 if the issue
        is about the whole file.
    column
        Heading of the column or key of the line.
    code
        What kind of defect, see ``docs/issues.md``.
    severity
        ``error`` (something is missing from the graph), ``warning`` (repaired or doubtful) or ``info``.
    value
        The content as it stands.
    cells
        How many cells hold it and are therefore not in the graph (0 if the content was repaired and used).
    message
        What is wrong and what to do.
    rows
        All rows that hold it, as ranges (``"3-7,12"``), if there are more than ``line``.

    Examples
    --------
    >>> Issue(study="idr0056", component="screenA", file="a.csv", line=3, column="Term Source 1 Accession",
    ...       code="accession-minority", severity=Severity.WARNING, value="NCBITaxon_9607", cells=1,
    ...       message="drag-filled").line
    3
    """

    study: str
    component: str = ""
    file: str = ""
    line: int = 0
    column: str = ""
    code: str
    severity: Severity = Severity.WARNING
    value: str = ""
    cells: int = 0
    message: str = ""
    rows: str = ""
