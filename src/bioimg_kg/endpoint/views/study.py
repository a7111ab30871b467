"""The pages of a study, of its screens and experiments, of plates and datasets."""

from typing import Final

from bioimg_kg.endpoint.views.model import Section, View, given, of_class
from bioimg_kg.endpoint.views.pictures import pictures_section
from bioimg_kg.endpoint.views.plate import arrange_plate
from bioimg_kg.vocab import BIKG, STUDY

_COMPONENTS: Final = (f"{BIKG}Screen", f"{BIKG}Experiment")
_SETS: Final = (f"{BIKG}Plate", f"{BIKG}ImageSet")

STUDY_VIEW: Final = View(
    kind="study",
    fits=of_class(STUDY),
    sections=(
        Section(
            key="components",
            title="Screens and experiments",
            query="components-of-study",
            values=given("study"),
            rows=50,
        ),
        Section(
            key="phenotypes",
            title="Phenotypes, in the words of the authors",
            query="phenotypes-of-study",
            values=given("study"),
            about="With the terms that the study maps them to, and how well the words fit.",
            rows=50,
        ),
        pictures_section(),
        Section(
            key="protocols",
            title="How it was done",
            query="protocols-of-study",
            values=given("study"),
            shape="texts",
            arrange=lambda rows: [(row.get("name", ""), row["text"]) for row in rows if "text" in row],
        ),
    ),
)

COMPONENT_VIEW: Final = View(
    kind="component",
    fits=of_class(*_COMPONENTS),
    sections=(
        Section(
            key="plates",
            title="Plates or datasets",
            query="plates-of-component",
            values=given("component"),
            rows=100,
        ),
        pictures_section(),
    ),
)

PLATE_VIEW: Final = View(
    kind="plate",
    fits=of_class(*_SETS),
    sections=(
        Section(
            key="records",
            title="Wells and images",
            query="records-of-plate",
            values=given("plate"),
            shape="plate",
            arrange=arrange_plate,
            rows=1536,
        ),
        pictures_section(),
    ),
)
