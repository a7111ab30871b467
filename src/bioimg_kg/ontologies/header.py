"""What an ontology file says of itself: its IRI, release and licence. Nothing is supplied beyond that."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bioimg_kg.identifiers.documents import licence
from bioimg_kg.identifiers.prefixes import records
from bioimg_kg.vocab import OBO

_RELEASE = re.compile(r"(?<=/)(\d{4}-\d{2}-\d{2}|v?\d+(\.\d+)+)(?=/|$)")
_ADDRESS = re.compile(r"\S@\w")
_LICENCE_NAME = re.compile(r"\bCC(?:0|[ -]BY(?:-[A-Z]{2})*)(?:[ -](\d\.\d))?\b")


@dataclass(frozen=True, slots=True)
class Header:
    """The head of an ontology file.

    Attributes
    ----------
    iri
        IRI of the ontology, of which the graph may hold a slice.
    version
        Its release in short: a date or a number, or the words of the file; empty if it states none.
    version_iri
        IRI of the release; empty if none is stated.
    license
        IRI of the one licence that the file names; empty if it names none, or several.
    remarks
        What the file says of itself in words, without lines that hold an e-mail address.
    """

    iri: str
    version: str = ""
    version_iri: str = ""
    license: str = ""
    remarks: tuple[str, ...] = ()


def obo_header(
    name: str, ontology: str, data_version: str, licenses: Iterable[str] = (), remarks: Iterable[str] = ()
) -> Header:
    """Make a header of what an OBO file, or an OWL file read as one, states.

    Parameters
    ----------
    name
        Name of the file without ending, for a file that does not name its ontology.
    ontology, data_version
        The lines ``ontology:`` and ``data-version:``.
    licenses
        Values of ``property_value: dcterms:license``.
    remarks
        The lines ``remark:``; a licence may stand there in words.

    Source
    ------
    OBO Flat File Format 1.4, section 5.1: ``ontology: go`` is ``obo:go.owl``, and its
    ``data-version: releases/D`` is ``obo:go/releases/D/go.owl``.

    Examples
    --------
    >>> head = obo_header("pato", "pato", "releases/2025-05-14", remarks=["licence: CC BY 3.0"])
    >>> head.version, head.license
    ('2025-05-14', 'https://creativecommons.org/licenses/by/3.0/')
    >>> head.version_iri
    'http://purl.obolibrary.org/obo/pato/releases/2025-05-14/pato.owl'
    >>> obo_header("go", "go", "").version_iri
    ''
    """
    said = tuple(sorted(text for text in remarks if not _ADDRESS.search(text)))
    short = ontology or name
    known = records().get(short.lower(), {}).get("ontology", f"{OBO}{short}.owl")
    iri = ontology if "://" in ontology else str(known)
    version_iri = ""
    if "://" in data_version:
        version_iri = data_version
    elif data_version.startswith("releases/") and iri.startswith(OBO):
        version_iri = f"{OBO}{short}/{data_version}/{short}.owl"
    release = _RELEASE.search(data_version)
    return Header(iri, release[0] if release else data_version, version_iri, _licence(licenses, said), said)


def _licence(stated: Iterable[str], remarks: Iterable[str]) -> str:
    """Return the licence that a file names, if it is one."""
    found = {licence(text) or (text if "://" in text else named_licence(text)) for text in stated}
    if not found - {""}:
        found = {
            named_licence(name[0])
            for text in remarks
            if re.search(r"\blicen[cs]e\b", text, re.IGNORECASE)
            for name in _LICENCE_NAME.finditer(text)
        }
    found -= {""}
    return found.pop() if len(found) == 1 else ""


def named_licence(name: str) -> str:
    """Return the IRI of a Creative Commons licence that is named with its version, or an empty text.

    Examples
    --------
    >>> named_licence("CC BY-SA 4.0"), named_licence("CC BY")
    ('https://creativecommons.org/licenses/by-sa/4.0/', '')
    """
    match = _LICENCE_NAME.fullmatch(name.strip())
    if not match:
        return ""
    if match[0].startswith("CC0"):
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    kind = re.sub(r"^CC[ -]|[ -]\d\.\d$", "", match[0]).lower()
    return f"https://creativecommons.org/licenses/{kind}/{match[1]}/" if match[1] else ""
