"""Finds the files of a study by the end of their names, wherever in the component's folder they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bioimg_kg.checksums import checksum

_KINDS = {
    "annotation": re.compile(r"annotations?(_\d+)?\.csv(\.gz|\.zip)?$"),
    "library": re.compile(r"library\.(txt|tsv|csv)(\.gz|\.zip)?$"),
    "processed": re.compile(r"processed\.(txt|tsv|csv)(\.gz|\.zip)?$"),
    "bulkmap": re.compile(r"bulkmap-config\.ya?ml$"),
}
_TABLE = re.compile(r"\.(csv|tsv|txt)(\.gz|\.zip)?$")


@dataclass(frozen=True, slots=True)
class ComponentFiles:
    """The files of a component, by kind, in order of their path."""

    annotation: tuple[Path, ...] = ()
    library: tuple[Path, ...] = ()
    processed: tuple[Path, ...] = ()
    bulkmap: tuple[Path, ...] = ()


def component_files(study: Path, component: str) -> ComponentFiles:
    """Find the tables and the configuration of a component.

    A file with the same bytes as one found before is left out; a configuration at the top of the study
    serves the components that have none of their own.
    """
    folder = study / component
    paths = sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []
    found = {kind: _distinct(p for p in paths if rule.search(p.name)) for kind, rule in _KINDS.items()}
    if not found["bulkmap"]:
        top = sorted(p for p in study.glob("*") if p.is_file())
        found["bulkmap"] = _distinct(p for p in top if _KINDS["bulkmap"].search(p.name))
    return ComponentFiles(**found)


def tables_in(study: Path) -> list[Path]:
    """Return every table of a study, read or not, in order of its path."""
    return sorted(p for p in study.rglob("*") if p.is_file() and _TABLE.search(p.name))


def _distinct(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Keep the first of several files with the same bytes; the one nearest to the top comes first."""
    unique: dict[str, Path] = {}
    for path in sorted(paths, key=lambda p: (len(p.parts), p)):
        unique.setdefault(checksum(path), path)
    return tuple(sorted(unique.values()))
