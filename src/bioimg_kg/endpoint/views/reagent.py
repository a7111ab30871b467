"""The page of a reagent that acts on a gene, such as an siRNA."""

from typing import Final

from bioimg_kg.endpoint.views.facts import facts_section
from bioimg_kg.endpoint.views.grid import Column, grid
from bioimg_kg.endpoint.views.model import Section, View, given, of_class
from bioimg_kg.vocab import (
    ANTIBODY,
    ANTISENSE_SEQUENCE,
    GUIDE_RNA,
    LABEL,
    ORF_CLONE,
    REAGENT,
    SENSE_SEQUENCE,
    SIRNA,
    SIRNA_POOL,
    TYPE,
)

_REAGENT: Final = given("reagent")
_KINDS: Final = (SIRNA, SIRNA_POOL, GUIDE_RNA, ORF_CLONE, ANTIBODY, REAGENT)

REAGENT_VIEW: Final = View(
    kind="reagent",
    fits=of_class(*_KINDS),
    sections=(
        facts_section(
            "What it is",
            ("Kind", (TYPE,)),
            ("Name", (LABEL,)),
            ("Sense sequence", (SENSE_SEQUENCE,)),
            ("Antisense sequence", (ANTISENSE_SEQUENCE,)),
        ),
        Section(
            key="targets",
            title="Targets",
            query="targets-of-reagent",
            values=_REAGENT,
            shape="grid",
            arrange=grid(
                Column("Gene", "symbol", "gene"),
                Column("Organism", "organismName", "organism"),
                Column("In words", "name"),
                Column("Treatment", "kind"),
                Column("Study", "study", kind="study"),
                Column("Records", "records", kind="number"),
                Column("Controls among them", "controls", kind="number"),
            ),
        ),
        Section(
            key="phenotypes",
            title="Phenotypes, and whether other reagents agree",
            query="phenotypes-of-reagent",
            values=_REAGENT,
            about="Yes and no are calls on this reagent. The last two columns count other reagents of the "
            "study for the gene, and those with the same call.",
            shape="grid",
            arrange=grid(
                Column("Gene", "symbol", "gene"),
                Column("Study", "component"),
                Column("Words of the authors", "words"),
                Column("Term", "label", "term"),
                Column("Reported", "reported"),
                Column("Other reagents", "others", kind="number"),
                Column("Agree", "agreeing", kind="number"),
                by=("gene", "component", "words", "level", "reported"),
            ),
        ),
    ),
)
