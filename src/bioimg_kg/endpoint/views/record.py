"""The page of a well or an image."""

from collections.abc import Mapping
from typing import Final

from bioimg_kg.endpoint.views.model import Section, Subject, View, given
from bioimg_kg.endpoint.views.pictures import pictures_section
from bioimg_kg.endpoint.views.plate import arrange_plate
from bioimg_kg.vocab import BIKG

_RECORDS: Final = frozenset({f"{BIKG}Well", f"{BIKG}Image"})


def _neighbours(subject: Subject) -> Mapping[str, str]:
    """Return the plate or dataset of a record: the IRI of a record begins with it."""
    return {"plate": subject.iri.rpartition("/")[0].rpartition("/")[0]}


RECORD_VIEW: Final = View(
    kind="record",
    fits=lambda subject: not _RECORDS.isdisjoint(subject.types),
    sections=(
        pictures_section(),
        Section(key="seen", title="What was seen", query="phenotypes-of-record", values=given("record")),
        Section(key="done", title="What was done", query="treatments-of-record", values=given("record")),
        Section(
            key="neighbours",
            title="On the same plate or in the same dataset",
            query="records-of-plate",
            values=_neighbours,
            shape="plate",
            arrange=arrange_plate,
        ),
    ),
)
