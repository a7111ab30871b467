"""Mapping sets in the SSSOM/TSV format: a header of metadata in comments, then one row per mapping.

Only what the tables of this project need is read: plain values and the prefix map. A table from elsewhere is
better read with the package ``sssom``.

Source: https://mapping-commons.github.io/sssom/spec-formats-tsv/
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import takewhile
from pathlib import Path

from bioimg_kg.errors import ConfigError

EXACT = "skos:exactMatch"
CLOSE = "skos:closeMatch"
RELATED = "skos:relatedMatch"

VOCABULARIES = {
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
"""Prefixes of predicates, justifications and matched fields; every set that is written has them."""

UNSPECIFIED_LICENSE = "https://w3id.org/sssom/license/unspecified"
"""What SSSOM says where a set as a whole has no licence."""

_PLAIN = re.compile(r"[A-Za-z][\w /.,;()+*'&=-]*|https?://\S*[^\s:]")
_METADATA = re.compile(r"(?P<key>\w+):(?:\s+(?P<value>.*))?")
_PREFIX = re.compile(r"\s+(?P<key>[\w.]+):\s+(?P<value>\S+)")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Row:
    """A mapping; fields are the columns of SSSOM in its order, empty texts are absent cells.

    Attributes
    ----------
    subject_id
        CURIE; empty if ``subject_type`` is ``rdfs literal``, then the label is the subject.
    confidence
        A number from 0 to 1.
    """

    record_id: str = ""
    subject_id: str = ""
    subject_label: str = ""
    predicate_id: str
    object_id: str
    object_label: str = ""
    mapping_justification: str
    license: str = ""
    subject_type: str = ""
    subject_source: str = ""
    object_source: str = ""
    object_source_version: str = ""
    mapping_provider: str = ""
    confidence: str = ""
    subject_match_field: str = ""
    object_match_field: str = ""
    match_string: str = ""
    similarity_score: str = ""
    comment: str = ""


COLUMNS = tuple(f.name for f in fields(Row))


@dataclass(frozen=True, slots=True)
class MappingSet:
    """A table of mappings.

    Attributes
    ----------
    metadata
        Slots of the set, such as ``mapping_set_id`` and ``license``.
    prefixes
        Prefix map: prefix to start of IRI.

    Examples
    --------
    >>> prefixes = {"CMPO": "http://www.ebi.ac.uk/cmpo/CMPO_"}
    >>> MappingSet({}, prefixes, ()).expand("CMPO:0000077")
    'http://www.ebi.ac.uk/cmpo/CMPO_0000077'
    """

    metadata: Mapping[str, str]
    prefixes: Mapping[str, str]
    rows: tuple[Row, ...] = field(default_factory=tuple)

    def expand(self, curie: str) -> str:
        """Return the IRI of a CURIE.

        Raises
        ------
        ConfigError
            The prefix map does not have its prefix.
        """
        prefix, _, local = curie.partition(":")
        if prefix not in self.prefixes:
            message = f"{curie!r}: its prefix is not in the curie_map of the mapping set"
            raise ConfigError(message)
        return self.prefixes[prefix] + local


def parse(text: str, name: str = "mapping set") -> MappingSet:
    r"""Read a mapping set.

    Parameters
    ----------
    text
        Content of the file.
    name
        What messages call it.

    Raises
    ------
    ConfigError
        It is not a table of this form, or a CURIE has a prefix that its header does not declare.

    Examples
    --------
    >>> header = "#license: https://example.org\n#curie_map:\n#  A: https://example.org/\n"
    >>> header += "#  skos: http://www.w3.org/2004/02/skos/core#\n#  semapv: https://w3id.org/semapv/vocab/\n"
    >>> columns = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
    >>> table = parse(header + columns + "A:1\tskos:exactMatch\tA:2\tsemapv:ManualMappingCuration\n")
    >>> table.metadata["license"], table.expand(table.rows[0].object_id)
    ('https://example.org', 'https://example.org/2')
    """
    lines = text.splitlines(keepends=True)
    head = list(takewhile(lambda line: line.startswith("#"), lines))
    metadata, prefixes = _header((line[1:].rstrip() for line in head), name)
    table = csv.DictReader(
        io.StringIO("".join(lines[len(head) :]), newline=""), delimiter="\t", lineterminator="\n"
    )
    unknown = set(table.fieldnames or ()) - set(COLUMNS)
    if unknown or not table.fieldnames:
        message = (
            f"{name}: columns {sorted(map(str, unknown))} are not read here; known are {', '.join(COLUMNS)}"
        )
        raise ConfigError(message)
    cells = list(table)
    for number, row in enumerate(cells, start=len(head) + 2):
        if None in row or None in row.values():
            message = f"{name}: line {number} has not as many cells as there are columns"
            raise ConfigError(message)
    try:
        found = MappingSet(metadata, prefixes, tuple(Row(**row) for row in cells))
    except TypeError as error:
        message = f"{name}: a column that every mapping needs is missing ({error})"
        raise ConfigError(message) from error
    for m in found.rows:
        for curie in filter(None, (m.subject_id, m.predicate_id, m.object_id, m.mapping_justification)):
            found.expand(curie)
    return found


def read(path: Path) -> MappingSet:
    """Read the mapping set in a file; see :func:`parse`."""
    return parse(path.read_text(encoding="utf-8"), path.name)


def write(table: MappingSet, path: Path) -> None:
    """Write a mapping set; rows are sorted, columns that are empty throughout are left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(table), encoding="utf-8", newline="")


def dump(table: MappingSet) -> str:
    """Return a mapping set as text, whatever the order of rows the same: by subject, the surest first."""
    out = io.StringIO(newline="")
    for line in _head_lines(table):
        out.write(f"#{line}\n")
    cells = [asdict(row) for row in sorted(table.rows, key=_place)]
    needed = ("subject_id", "predicate_id", "object_id", "mapping_justification")
    used = [name for name in COLUMNS if name in needed or any(row[name] for row in cells)]
    writer = csv.DictWriter(out, used, delimiter="\t", lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: " ".join(row[name].split()) for name in used} for row in cells)
    return out.getvalue()


def _place(row: Row) -> tuple[str, str, float, str, Row]:
    return row.subject_id, row.subject_label, -float(row.confidence or 1), row.object_id, row


def _head_lines(table: MappingSet) -> Iterator[str]:
    for key, value in table.metadata.items():
        yield f"{key}: {_scalar(value)}"
    yield "curie_map:"
    for prefix, start in sorted(table.prefixes.items()):
        yield f"  {prefix}: {_scalar(start)}"


def _scalar(text: str) -> str:
    """Return a text as YAML has it: what is not plain is in JSON's quotes, which are YAML's, too."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _header(lines: Iterable[str], name: str) -> tuple[dict[str, str], dict[str, str]]:
    metadata: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    inside = False
    for line in filter(str.strip, lines):
        match = (_PREFIX if inside and line[0].isspace() else _METADATA).fullmatch(line)
        if not match:
            message = f"{name}: the line {line!r} of the header is neither 'slot: value' nor a prefix"
            raise ConfigError(message)
        inside = match["key"] == "curie_map" if match.re is _METADATA else True
        value = match["value"] or ""
        value = str(json.loads(value)) if value.startswith('"') else value
        if match.re is _PREFIX:
            prefixes[match["key"]] = value
        elif not inside:
            metadata[match["key"]] = value
    return metadata, prefixes
