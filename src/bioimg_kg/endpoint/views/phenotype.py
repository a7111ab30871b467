"""The page of a phenotype."""

from typing import Final

from bioimg_kg.endpoint.views.facts import facts_section
from bioimg_kg.endpoint.views.grid import Column, grid
from bioimg_kg.endpoint.views.model import Section, Subject, View, given
from bioimg_kg.endpoint.views.tree import tree
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import BIKG, DEFINED_BY, DEFINITION, EXACT_MATCH, EXACT_SYNONYM, HAS_PHENOTYPE, LABEL

_TERM: Final = given("term")
_PHENOTYPES: Final = ("CMPO:",)
"""All terms of these ontologies are phenotypes, whether a study uses them or not."""

_POINTING: Final = frozenset({f"{BIKG}mappedTerm", f"{BIKG}lossOfFunctionPhenotype", HAS_PHENOTYPE})


def _is_phenotype(subject: Subject) -> bool:
    return compact(subject.iri).startswith(_PHENOTYPES) or not _POINTING.isdisjoint(subject.inbound)


PHENOTYPE_VIEW: Final = View(
    kind="phenotype",
    fits=_is_phenotype,
    sections=(
        facts_section(
            "What it means",
            ("Name", (LABEL,)),
            ("Definition", (DEFINITION,)),
            ("Synonyms", (EXACT_SYNONYM,)),
            ("It is about", tuple(DEFINED_BY.values())),
            ("Same as", (EXACT_MATCH,)),
        ),
        Section(
            key="narrower",
            title="Among broader and narrower phenotypes",
            query="tree-of-term",
            values=_TERM,
            about="Wells and images that carry the term itself, and those that carry it or a narrower one. "
            "Each counts once, so the numbers do not add up.",
            shape="tree",
            arrange=tree,
        ),
        Section(
            key="genes",
            title="Genes whose loss causes it, or a narrower one",
            query="genes-of-phenotype",
            values=_TERM,
            shape="grid",
            arrange=grid(
                Column("Gene", "symbol", "gene"),
                Column("Organism", "organismName", "organism"),
                Column("Studies", "studies", kind="number"),
                Column("Calls", "calls", kind="number"),
                Column("Terms", "terms", kind="number"),
                Column("In", "names", kind="studies"),
            ),
            rows=30,
            also=(
                ("Gene set, with human orthologues", "gene-set-of-phenotype"),
                ("Each call, with records", "genes-with-phenotype-or-narrower"),
            ),
        ),
        Section(
            key="studies",
            title="Studies, in the words of the authors",
            query="words-for-phenotype",
            values=_TERM,
            about="Whose mapping from words to term it is, and how well they fit.",
            shape="grid",
            arrange=grid(
                Column("Study", "component"),
                Column("Words of the authors", "words", "phenotype"),
                Column("Term", "label", "term"),
                Column("Fits", "match", kind="words"),
                Column("Known by", "justification", note="comment", kind="words"),
                Column("Records", "records", kind="number"),
                Column("For example", "example", kind="last"),
            ),
            also=(("Wells and images", "images-with-phenotype"),),
        ),
        Section(
            key="compounds",
            title="Compounds that cause it, or a narrower one",
            query="compounds-with-phenotype",
            values=_TERM,
            shape="grid",
            arrange=grid(
                Column("Compound", "name", "compound"),
                Column("Phenotype", "label", "term"),
                Column("Study", "study", kind="study"),
                Column("Records", "records", kind="number"),
                by=("compound", "study"),
            ),
        ),
        Section(
            key="together",
            title="Other phenotypes of the same genes",
            query="phenotypes-of-same-genes",
            values=_TERM,
            shape="grid",
            arrange=grid(
                Column("Phenotype", "label", "other"),
                Column("Genes with both", "shared", kind="number"),
                Column("Genes with the other", "genes", kind="number"),
                Column("Share", "share", kind="number"),
            ),
            rows=10,
        ),
    ),
)
