"""The page of a gene."""

from typing import Final

from bioimg_kg.endpoint.views.model import Section, View, given
from bioimg_kg.vocab import GENE

_QUERIED: Final = given("genes")

GENE_VIEW: Final = View(
    kind="gene",
    fits=lambda subject: GENE in subject.types,
    sections=(
        Section(
            key="phenotypes",
            title="Phenotypes across studies",
            query="phenotypes-of-gene",
            values=_QUERIED,
            about="Under any of the identifiers of the gene, also in the words of the authors only.",
        ),
        Section(
            key="reagents",
            title="Reagents, and whether they agree",
            query="reagents-of-gene",
            values=_QUERIED,
        ),
        Section(
            key="studies",
            title="Studies, with or without a phenotype",
            query="studies-of-gene",
            values=_QUERIED,
        ),
    ),
)
