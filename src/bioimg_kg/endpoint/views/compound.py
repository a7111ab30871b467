"""The page of a compound."""

from typing import Final

from bioimg_kg.endpoint.views.doses import strip
from bioimg_kg.endpoint.views.facts import facts_section
from bioimg_kg.endpoint.views.grid import Column, grid
from bioimg_kg.endpoint.views.model import Section, View, given, of_class
from bioimg_kg.vocab import (
    ALT_LABEL,
    CAS_NUMBER,
    EXACT_MATCH,
    INCHI_KEY,
    LABEL,
    PUBCHEM_CID,
    SCHEMA,
    SMALL_MOLECULE,
    SMILES,
)

_COMPOUND: Final = given("compound")

COMPOUND_VIEW: Final = View(
    kind="compound",
    fits=of_class(SMALL_MOLECULE),
    sections=(
        facts_section(
            "Names and identifiers",
            ("Names", (LABEL, ALT_LABEL)),
            ("InChIKey", (INCHI_KEY,)),
            ("PubChem", (PUBCHEM_CID,)),
            ("CAS number", (CAS_NUMBER,)),
            ("SMILES", (SMILES,)),
            ("Elsewhere", (f"{SCHEMA}url", EXACT_MATCH)),
        ),
        Section(
            key="doses",
            title="Doses across studies",
            query="compounds-and-doses",
            values=_COMPOUND,
            about="A diamond: the authors saw a phenotype at this dose. A ring: they call none. "
            "The larger, the more wells.",
            shape="doses",
            arrange=strip,
            rows=50,
        ),
        Section(
            key="effects",
            title="Effects",
            query="phenotypes-of-compound",
            values=_COMPOUND,
            about="Records with the phenotype, of all that got the compound in this part of the study. "
            "Doses in micromolar.",
            shape="grid",
            arrange=grid(
                Column("Study", "component"),
                Column("Words of the authors", "words"),
                Column("Term", "label", "term"),
                Column("Records", "records", kind="number"),
                Column("of", "of", kind="number"),
                Column("Lowest dose", "lowest", kind="number"),
                Column("Highest dose", "highest", kind="number"),
                by=("component", "words"),
            ),
        ),
    ),
)
