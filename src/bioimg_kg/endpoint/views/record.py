"""The page of a well or an image."""

from collections.abc import Mapping
from typing import Final

from bioimg_kg.endpoint.views.model import Section, Subject, View, given, of_class
from bioimg_kg.endpoint.views.pictures import pictures_section
from bioimg_kg.endpoint.views.plate import arrange_plate, wells_around
from bioimg_kg.vocab import BIKG

_RECORDS: Final = (f"{BIKG}Well", f"{BIKG}Image")


def _around(subject: Subject) -> Mapping[str, str]:
    return {"records": ",".join(wells_around(subject.iri))}


RECORD_VIEW: Final = View(
    kind="record",
    fits=of_class(*_RECORDS),
    sections=(
        pictures_section(),
        Section(key="seen", title="What was seen", query="phenotypes-of-record", values=given("record")),
        Section(key="done", title="What was done", query="treatments-of-record", values=given("record")),
        Section(
            key="neighbours",
            title="Beside it on the plate",
            query="contents-of-records",
            values=_around,
            about="The well and those at most two rows and columns away.",
            shape="plate",
            arrange=arrange_plate,
        ),
    ),
)
