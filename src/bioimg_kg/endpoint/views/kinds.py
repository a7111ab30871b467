"""All views; the first that fits a thing is its page."""

from typing import Final

from bioimg_kg.endpoint.linked.describe import Description
from bioimg_kg.endpoint.views.compound import COMPOUND_VIEW
from bioimg_kg.endpoint.views.gene import GENE_VIEW
from bioimg_kg.endpoint.views.model import Subject, View
from bioimg_kg.endpoint.views.phenotype import PHENOTYPE_VIEW
from bioimg_kg.endpoint.views.reagent import REAGENT_VIEW
from bioimg_kg.endpoint.views.record import RECORD_VIEW
from bioimg_kg.endpoint.views.sample import CELL_LINE_VIEW, TAXON_VIEW
from bioimg_kg.endpoint.views.study import COMPONENT_VIEW, PLATE_VIEW, STUDY_VIEW
from bioimg_kg.vocab import TYPE

VIEWS: Final[tuple[View, ...]] = (
    GENE_VIEW,
    PHENOTYPE_VIEW,
    STUDY_VIEW,
    COMPONENT_VIEW,
    PLATE_VIEW,
    RECORD_VIEW,
    COMPOUND_VIEW,
    REAGENT_VIEW,
    CELL_LINE_VIEW,
    TAXON_VIEW,
)


def view_of(subject: Subject) -> View | None:
    """Return the view of a thing, if things of its kind have one."""
    return next((view for view in VIEWS if view.fits(subject)), None)


def subject_of(iri: str, description: Description) -> Subject:
    """Return what decides which view a thing has."""
    mine = [quad for quad in description.quads if getattr(quad.subject, "value", None) == iri]
    types = frozenset(quad.object.value for quad in mine if quad.predicate.value == TYPE)  # type: ignore[union-attr]
    return Subject(iri, types, frozenset(links.predicate for links in description.links))
