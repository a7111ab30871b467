"""A difference as rows of a table and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from bioimg_kg.diff.compare import META, Difference, Graph
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.release import Release

COLUMNS: Final = ("kind", "name", "state", "new", "gone", "changed", "added", "removed")
"""Columns of the table: things that are new, gone, changed; statements that are added, removed."""

THING_COLUMNS: Final = ("state", "thing", "classes", "added", "removed")
_STUDY: Final = "study/"


def rows(found: Difference) -> Iterator[list[str]]:
    """Yield the rows of the table: all things, each class, each study and each other graph with a difference.

    A thing with several classes is in the row of each of them, and once in the row of all.
    """
    total = found.things
    state = "same" if found.equal else "changed"
    numbers = (total.new, total.gone, total.changed, found.added, found.removed)
    yield ["all", "", state, *map(str, numbers)]
    for name, things in found.classes.items():
        counted = (things.new, things.gone, things.changed)
        yield ["class", short(name), "changed", *map(str, counted), "", ""]
    for graph in sorted(found.graphs, key=_kind):
        if graph.state != "same":
            kind = _kind(graph)[0]
            name = graph.name.removeprefix(_STUDY) if kind == "study" else graph.name
            of = graph.things
            counts = (of.new, of.gone, of.changed, graph.added, graph.removed)
            yield [kind, name, graph.state, *map(str, counts)]


def document(found: Difference) -> dict[str, Any]:
    """Return the difference for programs; graphs that are the same are counted and not listed."""
    listed = [graph for graph in found.graphs if graph.state != "same" and graph.name != META]
    return {
        "from": _release(found.old),
        "to": _release(found.new),
        "equal": found.equal,
        "quads": {"added": found.added, "removed": found.removed},
        "things": asdict(found.things),
        "classes": [{"class": name, "name": short(name), **asdict(of)} for name, of in found.classes.items()],
        "studies": [
            {"study": g.name.removeprefix(_STUDY), **_facts(g), **_commits(found, g)}
            for g in listed
            if g.name.startswith(_STUDY)
        ],
        "graphs": [{"graph": g.name, **_facts(g)} for g in listed if not g.name.startswith(_STUDY)],
        "meta": next((g.state for g in found.graphs if g.name == META), None),
        "same": sum(graph.state == "same" for graph in found.graphs),
        "issues": _issues(found),
    }


def short(name: str) -> str:
    """Return the short name of a class.

    Examples
    --------
    >>> short("https://w3id.org/bioimg-kg/ontology#Well"), short("")
    ('bikg:Well', '(no class)')
    """
    return compact(name) if name else "(no class)"


def _kind(graph: Graph) -> tuple[str, str]:
    return ("study" if graph.name.startswith(_STUDY) else "graph", graph.name)


def _facts(graph: Graph) -> dict[str, Any]:
    counts = {"before": graph.before, "after": graph.after, "added": graph.added, "removed": graph.removed}
    return {"state": graph.state, "quads": counts, "things": asdict(graph.things)}


def _commits(found: Difference, graph: Graph) -> dict[str, Any]:
    """Return the revisions of a study's metadata, if they are not the same."""
    accession = graph.name.removeprefix(_STUDY)
    pair = []
    for release in (found.old, found.new):
        studies = release.manifest.get("studies")
        study = studies.get(accession) if isinstance(studies, dict) else None
        pair.append(str(study.get("commit") or "") if isinstance(study, dict) else "")
    return {"commits": pair} if pair[0] != pair[1] else {}


def _issues(found: Difference) -> dict[str, list[int]]:
    """Return how often each issue was found in either build, for those where that differs."""
    old, new = (_counts(release.manifest.get("issues")) for release in (found.old, found.new))
    pairs = {code: [old.get(code, 0), new.get(code, 0)] for code in sorted({*old, *new})}
    return {code: pair for code, pair in pairs.items() if pair[0] != pair[1]}


def _counts(value: object) -> dict[str, int]:
    return {k: v for k, v in value.items() if isinstance(v, int)} if isinstance(value, dict) else {}


def _release(release: Release) -> dict[str, Any]:
    return {key: release.manifest.get(key) for key in ("date", "tool", "counts")} | {"name": release.name}
