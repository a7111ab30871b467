"""The tables of a release as a Croissant dataset, which loaders of machine learning read.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from typing import Any, Final

from bioimg_kg.catalog.bioschemas import KEYWORDS
from bioimg_kg.catalog.dcat import DESCRIPTION, NO_LICENCE, TITLE
from bioimg_kg.catalog.model import Catalogue, Distribution
from bioimg_kg.catalog.site import Site
from bioimg_kg.exports.columns import TABLES
from bioimg_kg.exports.model import Column, Table
from bioimg_kg.exports.offer import CSV, PARQUET

Entity = dict[str, Any]

VERSION: Final = "http://mlcommons.org/croissant/1.1"
_SPACE: Final = "http://mlcommons.org/croissant/"
_TYPES: Final = {"integer": "sc:Integer", "boolean": "sc:Boolean", "iri": "sc:URL"}
_FORMATS: Final = {CSV: CSV, PARQUET: "application/x-parquet"}
"""Media types as Croissant names them; it has none for Parquet but this."""
_OWN: Final = (
    *(
        "arrayShape",
        "citeAs",
        "column",
        "containedIn",
        "equivalentProperty",
        "extract",
        "field",
        "fileProperty",
    ),
    *("fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5"),
    *("parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate"),
    *("separator", "source", "subField", "transform"),
)
CONTEXT: Final[Entity] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": _SPACE,
    "dct": "http://purl.org/dc/terms/",
    "rai": f"{_SPACE}RAI/",
    **{name: f"cr:{name}" for name in _OWN},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
}
"""That of the specification, which readers compare."""


def croissant(catalogue: Catalogue, site: Site) -> Entity:
    """Return the tables as a dataset; each has a record set, with a field for each column.

    Parameters
    ----------
    catalogue, site
        What is offered, and where.
    """
    files = {file.path: file for file in catalogue.shared}
    sets = []
    offered: list[Distribution] = []
    for table in TABLES:
        kinds = [files[name] for name in _names(table) if name in files]
        if kinds:
            offered += kinds
            sets.append(_record_set(table, kinds[0]))
    licences = sorted({licence for file in offered for licence in file.licenses or (file.license,)})
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "@id": site.croissant,
        "conformsTo": VERSION,
        "name": TITLE,
        "description": DESCRIPTION,
        "url": site.at("/catalog"),
        "license": [licence or NO_LICENCE for licence in licences] or [site.license],
        "version": _version(catalogue.release),
        "datePublished": catalogue.issued,
        "creator": {"@type": "sc:Organization", "name": site.publisher, "url": site.at("/")},
        "publisher": {"@type": "sc:Organization", "name": site.publisher, "url": site.at("/")},
        "citeAs": f"{site.publisher}: {TITLE}, release {catalogue.release}, {site.at('/catalog')}",
        "keywords": list(KEYWORDS),
        "isLiveDataset": False,
        "distribution": [_file_object(file, site) for file in offered],
        "recordSet": sets,
    }


def _names(table: Table) -> tuple[str, str]:
    """Return the files of a table, the one to load first: in Parquet, nothing is not the text ``NA``."""
    return f"tables/{table.name}.parquet", f"tables/{table.name}.csv.gz"


def _version(release: str) -> str:
    """Return a version as Croissant wants it, three numbers with dots; what does not fit stands behind them.

    Examples
    --------
    >>> _version("2026.11.20"), _version("2026.11.05.2"), _version("full")
    ('2026.11.20', '2026.11.5+2', '0.0.0+full')
    """
    parts = release.split(".")
    if len(parts) >= 3 and all(part.isdecimal() for part in parts[:3]):
        numbers, rest = [str(int(part)) for part in parts[:3]], parts[3:]
    else:
        numbers, rest = ["0", "0", "0"], parts
    text = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in "-".join(rest))
    return ".".join(numbers) + (f"+{text}" if text else "")


def _file_object(file: Distribution, site: Site) -> Entity:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path.rpartition("/")[2],
        "description": file.words,
        "contentUrl": site.download(file),
        "contentSize": f"{file.size} B",
        "encodingFormat": _FORMATS.get(file.media_type, file.media_type),
        "sha256": file.sha256,
    }


def _record_set(table: Table, file: Distribution) -> Entity:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{table.title}. {table.description}",
        "key": {"@id": f"{table.name}/{table.columns[0].name}"},
        "field": [_field(column, table, file) for column in table.columns],
    }


def _field(column: Column, table: Table, file: Distribution) -> Entity:
    many = " Several values have | between them." if column.many else ""
    field: Entity = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.description + many,
        "dataType": "sc:Text" if column.many else _TYPES.get(column.kind, "sc:Text"),
        "source": {"fileObject": {"@id": file.path}, "extract": {"column": column.name}},
    }
    return field | ({"equivalentProperty": column.property} if column.property else {})
