"""Gets the inputs of a build from their public sources into one folder."""

from collections.abc import Sequence
from pathlib import Path

from bioimg_kg.errors import BioimgKgError, RemoteError, SourceError, Unreachable
from bioimg_kg.fetch.files import fetch_file
from bioimg_kg.fetch.http import new_client
from bioimg_kg.fetch.inputs import GitInput, InputList
from bioimg_kg.fetch.receipts import Receipts
from bioimg_kg.fetch.studies import fetch_studies
from bioimg_kg.fetch.watch import Watch


def fetch(inputs: InputList, groups: Sequence[str], folder: Path, watch: Watch, pause: float = 1.0) -> int:
    """Fetch what is listed and not in place yet.

    Parameters
    ----------
    inputs
        From :func:`bioimg_kg.fetch.inputs.read_inputs`.
    groups
        Names of groups; all if empty.
    folder
        Gets the files.
    watch
        Is told how far it is.
    pause
        Seconds before a second try of a download.

    Returns
    -------
    int
        Number of inputs, all in place.

    Raises
    ------
    Unreachable
        Nothing could be reached.
    RemoteError, SourceError
        Some inputs were not fetched; the message names each. The others are in place.
    """
    wanted = inputs.of(groups)
    folder.mkdir(parents=True, exist_ok=True)
    receipts = Receipts(folder)
    failed: list[tuple[str, BioimgKgError]] = []
    reached = False
    with receipts.alone(), new_client() as client:
        for one in wanted:
            watch.begin(one.target)
            try:
                if isinstance(one, GitInput):
                    outcome = fetch_studies(one, receipts, watch)
                else:
                    outcome = fetch_file(one, client, receipts, watch, pause)
            except Unreachable as error:
                if not reached:
                    message = f"{error}; is there a network? What is in {folder} stays, run it again later"
                    raise Unreachable(message) from error
                failed.append((one.target, error))
            except (RemoteError, SourceError) as error:
                failed.append((one.target, error))
                reached = True
            else:
                reached = reached or outcome.fetched
                failed += [(one.target, RemoteError(text)) for text in outcome.missing]
                watch.done(one.target, outcome.text)
    if failed:
        lines = "".join(f"\n  {target}: {error}" for target, error in failed)
        message = (
            f"{len(failed)} of {len(wanted)} inputs could not be fetched, the others are in {folder}:{lines}"
        )
        raise max((error for _, error in failed), key=lambda e: e.exit_code).__class__(message)
    return len(wanted)
