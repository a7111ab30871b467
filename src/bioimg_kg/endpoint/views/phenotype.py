"""The page of a phenotype."""

from typing import Final

from bioimg_kg.endpoint.views.model import Section, Subject, View, given
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import BIKG, HAS_PHENOTYPE

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
        Section(
            key="narrower",
            title="Narrower phenotypes",
            query="narrower-phenotypes",
            values=_TERM,
        ),
        Section(
            key="genes",
            title="Genes with this phenotype or a narrower one",
            query="genes-with-phenotype-or-narrower",
            values=_TERM,
        ),
        Section(
            key="records",
            title="Wells and images",
            query="images-with-phenotype",
            values=_TERM,
        ),
    ),
)
