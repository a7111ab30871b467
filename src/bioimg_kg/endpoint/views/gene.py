"""The page of a gene."""

from typing import Final

from bioimg_kg.endpoint.views.facts import facts_section
from bioimg_kg.endpoint.views.grid import Column, grid
from bioimg_kg.endpoint.views.matrix import matrix
from bioimg_kg.endpoint.views.model import Section, View, given, of_class
from bioimg_kg.vocab import ALT_LABEL, BIOLINK, EXACT_MATCH, GENE, IN_TAXON, LABEL, SCHEMA, SEE_ALSO

_QUERIED: Final = given("genes")

GENE_VIEW: Final = View(
    kind="gene",
    fits=of_class(GENE),
    sections=(
        facts_section(
            "Names and identifiers",
            ("Symbol of today", (LABEL,)),
            ("Also called", (ALT_LABEL,)),
            ("Organism", (IN_TAXON,)),
            ("Elsewhere", (EXACT_MATCH, f"{SCHEMA}url", SEE_ALSO)),
            ("Product", (f"{BIOLINK}has_gene_product",)),
        ),
        Section(
            key="matrix",
            title="Phenotypes across studies",
            query="phenotype-matrix-of-genes",
            values=_QUERIED,
            about="A number counts the wells and images of the gene that carry the phenotype. An empty cell "
            "is not a statement that the gene is normal: the study may not have looked.",
            shape="matrix",
            arrange=matrix(),
        ),
        Section(
            key="phenotypes",
            title="Calls, in the words of the authors",
            query="phenotypes-of-gene",
            values=_QUERIED,
            about="Under any of the identifiers of the gene. The level says what the study made the call on.",
            shape="grid",
            arrange=grid(
                Column("Study", "component"),
                Column("Words of the authors", "words"),
                Column("Term", "label", "term"),
                Column("Level", "level"),
                Column("Role of the gene", "role"),
                Column("Records", "records", kind="number"),
                by=("component", "words", "level", "role", "records"),
            ),
            also=(("Wells and images", "records-of-gene-with-phenotype"),),
        ),
        Section(
            key="reagents",
            title="Reagents, and whether they agree",
            query="reagents-of-gene",
            values=_QUERIED,
            about="Yes and no are calls on the reagent. A phenotype of one reagent out of many may be an "
            "off-target effect.",
            shape="grid",
            arrange=grid(
                Column("Study", "component"),
                Column("Words of the authors", "words"),
                Column("Reported", "reported"),
                Column("Reagents, with records", "reagent", note="records", kind="last"),
                Column("Treatment", "kind"),
                by=("component", "words", "reported", "kind"),
            ),
        ),
        Section(
            key="orthologues",
            title="Orthologues and their phenotypes",
            query="orthologues-of-gene",
            values=_QUERIED,
            about="Inferred: the studies tested the orthologue. Nobody saw these phenotypes in this gene.",
            shape="grid",
            arrange=grid(
                Column("Orthologue", "orthologueSymbol", "orthologue"),
                Column("Organism", "organismName", "organism"),
                Column("Databases that agree", "support", kind="number"),
                Column("Phenotypes of its loss", "label", "term"),
                by=("orthologue", "support"),
            ),
        ),
        Section(
            key="similar",
            title="Genes with similar phenotypes",
            query="genes-sharing-phenotypes",
            values=_QUERIED,
            about="By the terms that the loss of both causes, broader ones included.",
            shape="grid",
            arrange=grid(
                Column("Gene", "otherSymbol", "other"),
                Column("Organism", "organism"),
                Column("Terms in common", "shared", kind="number"),
                Column("Jaccard index", "jaccard", kind="number"),
            ),
            rows=10,
        ),
        Section(
            key="studies",
            title="Studies, with or without a phenotype",
            query="studies-of-gene",
            values=_QUERIED,
            shape="grid",
            arrange=grid(
                Column("Study", "study", kind="study"),
                Column("Treatment", "kind"),
                Column("Records", "records", kind="number"),
                Column("Controls among them", "controls", kind="number"),
                Column("Phenotypes called", "phenotypes", kind="number"),
            ),
            rows=50,
        ),
        Section(
            key="names",
            title="How the studies record it",
            query="names-of-gene-in-studies",
            values=_QUERIED,
            about="The identifier that the tables of a study have, and the names known for this identifier.",
            shape="grid",
            arrange=grid(
                Column("Study", "study", kind="study"),
                Column("Identifier", "identifier"),
                Column("Names", "name"),
                by=("study", "identifier"),
            ),
            rows=50,
        ),
    ),
)
