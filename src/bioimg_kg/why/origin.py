"""From a node of a study's graph to the rows of files that it was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from bioimg_kg.vocab import (
    DCTERMS,
    DERIVED_FROM,
    FILE_USE,
    IMAGE_REPRESENTATION,
    IS_PART_OF,
    JOINED_ROW,
    LABEL,
    SCHEMA,
    SHA256,
    SOURCE_FILE,
    TESTED_TREATMENT,
    TREATMENT_OF,
)
from bioimg_kg.why.graph import SCAN, Graph, value
from bioimg_kg.why.raw import Sources, row_cells
from bioimg_kg.why.repairs import Repair, Repairs, relevant
from bioimg_kg.why.tree import Step

_ROW = re.compile(r"^(?P<file>.*)#row=(?P<first>\d+)(?:-(?P<last>\d+))?$")
_DEPTH = 4
"""Steps from a node to one with a row: part of a pool, pool, treatment, record."""


@dataclass(slots=True)
class Origins:
    """Finds where nodes come from.

    Attributes
    ----------
    graph
        The release.
    repairs
        Its issues.
    sources
        The files, if they are here to be shown.
    limit
        Steps of one kind at one place.
    """

    graph: Graph
    repairs: Repairs
    sources: Sources | None = None
    limit: int = 5
    _files: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def cut(self, kind_of: Sequence[Step]) -> tuple[tuple[Step, ...], int]:
        """Return the first steps and the number of the others."""
        return tuple(kind_of[: self.limit]), max(0, len(kind_of) - self.limit)

    def of(self, node: NamedNode, graph: NamedNode | None, texts: Sequence[str] = ()) -> Step:
        """Return a step for a node with its rows, or those of what points to it, below.

        Parameters
        ----------
        node
            A node of a study's graph.
        graph
            The graph; all if not given.
        texts
            What is looked for in the rows, where they are many.
        """
        return self._of(node, graph, texts, _DEPTH, frozenset())

    def rows(self, node: NamedNode, graph: NamedNode | None, texts: Sequence[str] = ()) -> list[Step]:
        """Return the rows that a node itself names."""
        named = [self.graph.links(node, p, graph) for p in (DERIVED_FROM, JOINED_ROW)]
        places = sorted({place.value for links in named for place in links}, key=_natural)
        return [self.row(place, texts) for place in places]

    def _of(
        self,
        node: NamedNode,
        graph: NamedNode | None,
        texts: Sequence[str],
        depth: int,
        seen: frozenset[NamedNode],
    ) -> Step:
        own = self.rows(node, graph, texts)
        if own:
            kept, more = self.cut(own)
            users, others = self._records(node, graph)
            return self._thing(node, (*kept, *users), more + others)
        if IMAGE_REPRESENTATION in self.graph.types(node):
            return self._thing(node, (self._copy(node),), 0)
        carriers, at_least = self._carriers(node, graph, seen)
        if not carriers or depth == 0:
            gap = Step("gap", "no row: neither this nor what points to it says where it was read")
            return self._thing(node, (gap,), 0)
        chosen = carriers[: self.limit]
        steps = tuple(self._of(c, graph, (), depth - 1, seen | {node}) for c in chosen)
        return replace(self._thing(node, steps, len(carriers) - len(chosen)), at_least=at_least)

    def _records(self, node: NamedNode, graph: NamedNode | None) -> tuple[tuple[Step, ...], int]:
        """Return the records of a treatment that names a row too: that of a call without records."""
        found = [n for n in self.graph.subjects(TREATMENT_OF, node, graph) if self._has_row(n, graph)]
        steps = [self._of(n, graph, (), 0, frozenset()) for n in found[: self.limit]]
        return tuple(steps), len(found) - len(steps)

    def _thing(self, node: NamedNode, steps: tuple[Step, ...], more: int) -> Step:
        kinds = ", ".join(sorted(re.split(r"[#/]", t)[-1] for t in self.graph.types(node))) or "thing"
        return Step("thing", f"{kinds} {self.graph.named(node)}", node.value, (), steps, more)

    def _carriers(
        self, node: NamedNode, graph: NamedNode | None, seen: frozenset[NamedNode]
    ) -> tuple[list[NamedNode], bool]:
        """Return what points to a node, those with a row if there are any; and whether there may be more."""
        found: dict[NamedNode, None] = {}
        quads = self.graph.quads(None, None, node, graph)
        for quad in quads:
            tried = quad.predicate.value == TESTED_TREATMENT
            if isinstance(quad.subject, NamedNode) and quad.subject not in {node, *seen} and not tried:
                found[quad.subject] = None
        for close in ([c for c in found if self._has_row(c, graph)], list(found)):
            if close:
                return close, len(quads) == SCAN
        return [], False

    def _has_row(self, node: NamedNode, graph: NamedNode | None) -> bool:
        pattern = (node, NamedNode(DERIVED_FROM), None, graph)
        return next(self.graph.store.quads_for_pattern(*pattern), None) is not None

    def _copy(self, node: NamedNode) -> Step:
        place = self.graph.text(node, SCHEMA + "contentUrl")
        return Step("reference", f"metadata of the OME-Zarr copy {place}", place)

    # ---- rows and files

    def row(self, place: str, texts: Sequence[str] = ()) -> Step:
        """Return a row, or a range of rows, with what was mended in it and, if they are here, its cells."""
        match = _ROW.match(place)
        if match is None:
            return self.file(place)
        url, first, last = match["file"], int(match["first"]), int(match["last"] or match["first"])
        facts = dict(self._facts(url))
        if not facts:
            gap = Step("gap", f"the graph meta does not know the file {url}")
            return Step("row", f"row {first} of {url}", place, (("row", str(first)),), (gap,))
        study, path = facts["graph"].rpartition("/")[2], facts["file"]
        numbers = f"{first}" if first == last else f"{first}-{last}"
        # two columns of a study text may have the same defect in one line
        steps = [r.step() for r in dict.fromkeys(self._repairs(study, path, first, last, texts))]
        kept, more = self.cut(steps)
        cells = self._cells(study, path, first, last, texts, facts) if self.sources else ()
        word = "row" if first == last else "rows"
        at = f" at commit {facts['commit'][:12]}" if facts.get("commit") else ""
        all_facts = (("row", numbers), *facts.items())
        return Step("row", f"{word} {numbers} of {study}/{path}{at}", place, all_facts, (*cells, *kept), more)

    def file(self, url: str) -> Step:
        """Return a file as a whole."""
        facts = self._facts(url)
        if not facts:
            return Step("gap", f"the graph meta does not know the file {url}", url)
        study = dict(facts)["graph"].rpartition("/")[2]
        found = self.repairs.of_file(study, dict(facts)["file"])
        kept, more = self.cut([r.step() for r in found])
        place = study if dict(facts)["graph"].startswith("study/") else "reference"
        return Step("file", f"file {place}/{dict(facts)['file']}", url, facts, kept, more)

    def _facts(self, url: str) -> tuple[tuple[str, str], ...]:
        """Return what the graph ``meta`` says of a file; nothing if it does not know it."""
        if url not in self._files:
            node, graph = NamedNode(url), self.graph
            owner = next(iter(graph.links(node, IS_PART_OF)), None)
            facts: dict[str, str] = {}
            if owner is not None and SOURCE_FILE in graph.types(node):
                facts = {
                    "file": graph.text(node, LABEL),
                    "url": url,
                    "graph": graph.graph_name(owner),
                    "repository": graph.text(owner, DCTERMS + "source"),
                    "commit": graph.text(owner, DCTERMS + "hasVersion"),
                    "sha256": graph.text(node, SHA256),
                    "use": graph.text(node, FILE_USE),
                    "licence": graph.text(owner, DCTERMS + "license"),
                }
            self._files[url] = tuple((name, text) for name, text in facts.items() if text)
        return self._files[url]

    def _repairs(
        self, study: str, path: str, first: int, last: int, texts: Sequence[str]
    ) -> Iterator[Repair]:
        found = self.repairs.of_row(study, path, first, last)
        # a line of a study text is many cells wide; a row of a table is one thing
        yield from relevant(found, texts) if path.endswith("-study.txt") and texts else found
        yield from self.repairs.of_file(study, path)

    def _cells(
        self, study: str, path: str, first: int, last: int, texts: Sequence[str], facts: dict[str, str]
    ) -> tuple[Step, ...]:
        assert self.sources is not None
        here = self.sources.find(study, path)
        if here is None:
            return (Step("gap", f"no {study}/{path} in {self.sources.folder}: its cells cannot be shown"),)
        if self.sources.checksum(here) != facts.get("sha256"):
            return (Step("gap", f"{here} is not the file that was read: its checksum differs"),)
        try:
            cells = row_cells(here, first, last, texts)
        except (OSError, ValueError) as error:
            return (Step("gap", f"{here} cannot be read: {error}"),)
        return (Step("cells", "as it stands in the file", facts=tuple(cells)),) if cells else ()


def _natural(place: str) -> tuple[str, int]:
    match = _ROW.match(place)
    return (match["file"], int(match["first"])) if match else (place, 0)


def texts_of(graph: Graph, node: NamedNode) -> list[str]:
    """Return all that is said of a node, to find the repairs that have to do with it."""
    return [value(quad.object) for quad in graph.quads(node)]
