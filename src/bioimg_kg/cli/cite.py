"""``bioimg-kg cite``: how to cite a study of a release, or the release itself."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bioimg_kg.cli.report import Data
from bioimg_kg.errors import ConfigError


class CitationForm(StrEnum):
    """How a citation is written."""

    BIBTEX = "bibtex"
    RIS = "ris"
    CSL = "csl"
    CFF = "cff"


_SUFFIXES = {"bibtex": "bib", "csl": "csl.json"}


def cite(
    study: Annotated[str, typer.Argument(help="Accession of a study; without it, the release.")] = "",
    data: Data = Path("data"),
    form: Annotated[CitationForm, typer.Option("--format", help="Form of the citations.")] = (
        CitationForm.BIBTEX
    ),
    url: Annotated[str, typer.Option(help="Where the release is served; default: its IRI.")] = "",
) -> None:
    """Print how to cite a study: its papers, its data, the release; or how to cite the release.

    Raises
    ------
    ConfigError
        The release has no such study.
    """
    from bioimg_kg.catalog.citing.forms import FORMS
    from bioimg_kg.catalog.citing.sources import SOFTWARE, release_citations, study_citations
    from bioimg_kg.catalog.reading import read_catalogue
    from bioimg_kg.release import current_release

    catalogue = read_catalogue(current_release(data))
    address = url or catalogue.graph or SOFTWARE.url
    if study:
        found = next((dataset for dataset in catalogue.datasets if dataset.accession == study), None)
        if found is None:
            message = f"release {catalogue.release} has no study {study!r}: see `bioimg-kg stats --by-study`"
            raise ConfigError(message)
        citations = study_citations(found, catalogue, address)
    else:
        citations = release_citations(catalogue, address)
    suffix = _SUFFIXES.get(form.value, form.value)
    chosen = next(entry for entry in FORMS if entry.suffix == suffix)
    typer.echo(chosen.write(citations), nl=False)
