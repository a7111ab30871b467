"""What a thing is, at the top of its page: names, definition, identifiers with links."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from bioimg_kg.endpoint.linked.identifiers import named
from bioimg_kg.endpoint.views.grid import Shown, shown_thing
from bioimg_kg.endpoint.views.model import Row, Section, given
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import BIKG, BIOLINK, EXACT_MATCH, SCHEMA, SEE_ALSO

_IDENTITY: Final = frozenset({EXACT_MATCH, SEE_ALSO, f"{SCHEMA}url", f"{BIOLINK}has_gene_product"})
"""These lead to other databases, also where we have a page: that is where the reader is."""

Facts = tuple[tuple[str, tuple[Shown, ...]], ...]


def facts(*names: tuple[str, tuple[str, ...]]) -> Callable[[Sequence[Row]], Facts]:
    """Return a function that arranges an answer of ``facts-of-thing``.

    Parameters
    ----------
    names
        What a fact is called, and the IRIs of the properties that say it.

    Examples
    --------
    >>> name = "http://example.org/name"
    >>> made = facts(("Names", (name,)))([{"aspect": name, "value": text} for text in ("SGO1", "SGOL1")])
    >>> [(name, [shown.text for shown in values]) for name, values in made]
    [('Names', ['SGO1', 'SGOL1'])]
    """

    def arrange(rows: Sequence[Row]) -> Facts:
        said: dict[str, list[Shown]] = defaultdict(list)
        for row in rows:
            said[row["aspect"]].append(_shown(row))
        made = ((name, _unique([v for aspect in aspects for v in said[aspect]])) for name, aspects in names)
        return tuple((name, values) for name, values in made if values)

    return arrange


def facts_section(title: str, *names: tuple[str, tuple[str, ...]]) -> Section:
    """Return the section at the top of a page, see :func:`facts`."""
    return Section(
        key="facts",
        title=title,
        query="facts-of-thing",
        values=given("thing"),
        shape="facts",
        arrange=facts(*names),
    )


def _shown(row: Row) -> Shown:
    value = row["value"]
    if row["aspect"].endswith("Count"):
        return Shown(f"{int(value):,}")
    if "://" not in value:
        return Shown(value)
    if row["aspect"] in _IDENTITY:
        return Shown(_database(value), value)
    if named(value) and row.get("label"):
        return shown_thing(value, row["label"], compact(value))
    if value.startswith(BIKG):
        return shown_thing(value)
    # an identifier leads to its database; a term that has no page here is shown by its name
    return Shown(row.get("label") or _database(value), value, compact(value) if row.get("label") else "")


def _database(iri: str) -> str:
    """Return a short name of an identifier in a database.

    Examples
    --------
    >>> _database("http://identifiers.org/hgnc/25088"), _database("https://www.ensembl.org/id/ENSG00000129810")
    ('hgnc:25088', 'ENSG00000129810 (www.ensembl.org)')
    """
    if (short := compact(iri)) != iri:
        return short
    place = urlsplit(iri)
    parts = [part for part in place.path.split("/") if part]
    if place.netloc == "identifiers.org" and len(parts) == 2:
        return ":".join(parts)
    return f"{parts[-1]} ({place.netloc})" if parts else place.netloc


def _unique(values: Sequence[Shown]) -> tuple[Shown, ...]:
    """Leave out a second address of the same identifier; that which has a prefix here is kept."""
    kept: dict[str, Shown] = {}
    for value in values:
        outside = (value.href or "").startswith("http")
        key = (value.href or "").rstrip("/").rpartition("/")[2].rpartition(":")[2] if outside else value.text
        if key not in kept or compact(value.href or "") != value.href:
            kept[key] = value
    return tuple(kept.values())
