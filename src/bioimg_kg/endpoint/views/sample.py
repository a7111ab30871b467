"""The pages of what samples are of: organisms and cell lines."""

from typing import Final

from bioimg_kg.endpoint.views.facts import facts_section
from bioimg_kg.endpoint.views.grid import Column, grid
from bioimg_kg.endpoint.views.model import Section, View, given
from bioimg_kg.endpoint.views.tree import tree
from bioimg_kg.vocab import CELL_LINE, DEFINITION, EXACT_MATCH, EXACT_SYNONYM, IN_TAXON, LABEL

_TERM: Final = given("term")

_FACTS: Final = facts_section(
    "Names and identifiers",
    ("Name", (LABEL,)),
    ("Definition", (DEFINITION,)),
    ("Also called", (EXACT_SYNONYM,)),
    ("Elsewhere", (EXACT_MATCH,)),
)
_TREE: Final = Section(
    key="narrower",
    title="Among broader and narrower terms",
    query="tree-of-term",
    values=_TERM,
    about="Wells and images of such samples, and those of it or of a narrower one.",
    shape="tree",
    arrange=tree,
)
_STUDIES: Final = Section(
    key="studies",
    title="Studies",
    query="studies-with-sample",
    values=_TERM,
    shape="grid",
    arrange=grid(
        Column("Study", "study", kind="study"),
        Column("Title", "title"),
        Column("Samples", "samples", kind="number"),
        Column("Genes targeted", "genes", kind="number"),
    ),
    rows=100,
)
_PHENOTYPES: Final = Section(
    key="phenotypes",
    title="Phenotypes seen in it",
    query="phenotypes-in-sample",
    values=_TERM,
    shape="grid",
    arrange=grid(
        Column("Phenotype", "label", "phenotype"),
        Column("Records", "records", kind="number"),
        Column("Studies", "studies", kind="number"),
    ),
)
_LINES: Final = Section(
    key="lines",
    title="Cell lines",
    query="cell-lines-of-organism",
    values=_TERM,
    shape="grid",
    arrange=grid(
        Column("Cell line", "label", "line"),
        Column("Studies", "studies", kind="number"),
        Column("Records", "records", kind="number"),
    ),
)

CELL_LINE_VIEW: Final = View(
    kind="cell-line",
    fits=lambda subject: CELL_LINE in subject.inbound,
    sections=(_FACTS, _STUDIES, _PHENOTYPES, _TREE),
)
TAXON_VIEW: Final = View(
    kind="taxon",
    fits=lambda subject: IN_TAXON in subject.inbound,
    sections=(_FACTS, _STUDIES, _LINES, _PHENOTYPES, _TREE),
)
