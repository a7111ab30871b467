"""One file of the list: downloaded, verified, unpacked or made into a table, then put in place."""

import shutil
from dataclasses import asdict
from pathlib import Path

import httpx

from bioimg_kg.checksums import checksum
from bioimg_kg.errors import SourceError
from bioimg_kg.fetch.http import download
from bioimg_kg.fetch.inputs import FileInput
from bioimg_kg.fetch.receipts import Receipts, checksum_if_there
from bioimg_kg.fetch.tables import make_table, opened
from bioimg_kg.fetch.watch import Outcome, Watch


def fetch_file(
    one: FileInput, client: httpx.Client, receipts: Receipts, watch: Watch, pause: float
) -> Outcome:
    """Fetch a file unless it is in place.

    Parameters
    ----------
    one
        The input.
    client
        From :func:`bioimg_kg.fetch.http.new_client`.
    receipts
        Of the folder that is filled.
    watch
        Is told how far it is.
    pause
        Seconds before a second try.

    Returns
    -------
    Outcome
        What was done.

    Raises
    ------
    RemoteError
        The file could not be downloaded.
    SourceError
        It is not the file that the list means.
    """
    target = receipts.folder / one.target
    source = asdict(one)
    receipt = receipts.read(one.target, source)
    if receipt and receipts.intact(receipt):
        return Outcome("is in place", fetched=False)
    if target.exists() and not receipts.has(one.target):
        if one.sha256 and one.table is None and not one.unpack and checksum_if_there(target) == one.sha256:
            receipts.write(one.target, source, {one.target: one.sha256})
            return Outcome("is in place", fetched=False)
        message = (
            f"{target} is in the way: it is not what the list names and was not fetched; move it elsewhere"
        )
        raise SourceError(message)
    part = receipts.work(one.target + ".part", "parts")
    found = download(client, one.url, part, pinned=bool(one.sha256), watch=watch, pause=pause)
    if one.sha256 and found != one.sha256:
        part.unlink()
        message = (
            f"{one.url} has the SHA-256 {found}, the list says {one.sha256}: it is another file, "
            "or was changed on the way; nothing was put in place"
        )
        raise SourceError(message)
    made = _make(one, part, receipts)
    receipts.write(one.target, source, {one.target: checksum(made)}, download=found)
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)
    part.unlink(missing_ok=True)
    if one.sha256:
        return Outcome("fetched, checksum as listed")
    return Outcome(f"fetched; the list has no checksum, SHA-256 {found}")


def _make(one: FileInput, part: Path, receipts: Receipts) -> Path:
    """Make of the download what goes in place; the same file if there is nothing to do."""
    if one.table is None and not one.unpack:
        return part
    made = receipts.work(one.target + ".new", "parts")
    try:
        if one.table is not None:
            more = [receipts.folder / name for name in one.more]
            make_table(part, more, one.table, receipts.folder, made)
        else:
            with opened(part) as packed, made.open("wb") as stream:
                shutil.copyfileobj(packed, stream)
    except SourceError as error:
        made.unlink(missing_ok=True)
        part.unlink()  # it arrived whole: the same bytes would fail again
        message = f"{one.url}: {str(error).removeprefix(f'{part.name}: ').replace(part.name, 'it')}"
        raise SourceError(message) from error
    return made
