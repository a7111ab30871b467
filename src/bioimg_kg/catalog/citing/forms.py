"""The forms that citations are written in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bioimg_kg.catalog.citing.bibtex import bibtex
from bioimg_kg.catalog.citing.cff import cff
from bioimg_kg.catalog.citing.csl import csl_json
from bioimg_kg.catalog.citing.model import Citation
from bioimg_kg.catalog.citing.ris import ris


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes
    ----------
    name
        What people call it.
    suffix
        End of its addresses and file names, without the dot.
    media_type
        Its media type.
    write
        Writes citations in it.
    """

    name: str
    suffix: str
    media_type: str
    write: Callable[[Sequence[Citation]], str]


FORMS: Final = (
    Form("BibTeX", "bib", "application/x-bibtex", bibtex),
    Form("RIS", "ris", "application/x-research-info-systems", ris),
    Form("CSL-JSON", "csl.json", "application/vnd.citationstyles.csl+json", csl_json),
    Form("CFF", "cff", "application/yaml", cff),
)
"""BibTeX first: who has no opinion gets it."""
