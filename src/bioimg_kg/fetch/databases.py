"""Rows out of SQLite databases that are published in tar archives, as Bioconductor's packages are."""

import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from bioimg_kg.errors import SourceError

_MAY = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION})


def database_rows(archive: Path, member: str, query: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a query; a query can only read, and only this database.

    Parameters
    ----------
    archive
        A tar archive, compressed or not. Nothing but the member is taken out of it.
    member
        Path of the database in the archive.
    query
        A SELECT.

    Raises
    ------
    SourceError
        The archive is damaged, has no such member, or the database does not have what the query asks for.
    """
    with TemporaryDirectory(prefix="bioimg-kg-") as folder:
        database = Path(folder) / "database"
        _take_out(archive, member, database)
        connection = sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)
        try:
            connection.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_OK if action in _MAY else sqlite3.SQLITE_DENY
            )
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            for values in cursor:
                yield {n: "" if v is None else str(v) for n, v in zip(names, values, strict=True)}
        except sqlite3.Error as error:
            message = f"{archive.name}: {member} cannot be asked ({error}): its form has changed"
            raise SourceError(message) from error
        finally:
            connection.close()


def _take_out(archive: Path, member: str, target: Path) -> None:
    try:
        with tarfile.open(archive) as tar, target.open("wb") as stream:
            content = tar.extractfile(member) if member in tar.getnames() else None
            if content:
                copyfileobj(content, stream)
                return
    except KeyError as error:
        message = f"{archive.name}: {member} is a link to a file that is not in it"
        raise SourceError(message) from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        message = f"{archive.name}: the archive is damaged ({error})"
        raise SourceError(message) from error
    message = f"{archive.name} has no file {member}: its form has changed"
    raise SourceError(message)
