"""Which record an OME-Zarr copy is a copy of: found by the names in its address."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bioimg_kg.etl.model import Study
from bioimg_kg.etl.omezarr.copies import ImageCopy
from bioimg_kg.identifiers.iris import Minter

_FILE = re.compile(
    r"\.(ome\.)?(tiff?|czi|lif|nd2|zvi|lsm|oib|oif|png|jpe?g|dv|flex|mrxs|svs|zarr)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Place:
    """A plate or an image, with all that its IRI is made of."""

    component: str
    container: str
    kind: str
    name: str
    iri: str


def loosely(name: str) -> str:
    """Return a name without what is lost on the way into a file name: case, blanks, signs, file type.

    Examples
    --------
    >>> loosely("10x images plate 1"), loosely("10x_images_plate_1.tif")
    ('10x_images_plate_1', '10x_images_plate_1')
    """
    return re.sub(r"[\W_]+", "_", _FILE.sub("", name.strip())).strip("_").casefold()


class Records:
    """The plates, wells and images of a study, by name.

    Parameters
    ----------
    study
        The study.
    minter
        Makes their IRIs, as the records have them.
    """

    def __init__(self, study: Study, minter: Minter) -> None:
        self._exact: dict[tuple[str, str], list[Place]] = {}
        self._loose: dict[tuple[str, str], list[Place]] = {}
        self._wells: dict[str, set[str]] = {}
        for place in dict.fromkeys(self._places(study, minter)):
            label = place.container if place.kind == "plate" else place.name
            self._exact.setdefault((place.kind, label), []).append(place)
            self._loose.setdefault((place.kind, loosely(label)), []).append(place)

    def _places(self, study: Study, minter: Minter) -> Iterable[Place]:
        for component in study.components:
            above = minter.component(study.accession, component.name)
            for block in component.blocks:
                if block.kind == "well":
                    iris = {v: minter.within(above, "plate", v) for v in block.container.values}
                    pairs = zip(block.container.codes.tolist(), block.name.codes.tolist(), strict=True)
                    for plate, well in dict.fromkeys(pairs):
                        iri = iris[block.container.values[plate]]
                        self._wells.setdefault(iri, set()).add(block.name.values[well])
                    for plate_name, iri in iris.items():
                        yield Place(component.name, plate_name, "plate", "", iri)
                elif block.kind == "image":
                    for row in range(len(block.rows)):
                        container, name = block.container.text(row), block.name.text(row)
                        iri = minter.within(above, "dataset", container, "image", name)
                        yield Place(component.name, container, "image", name, iri)

    def wells(self, plate: str) -> set[str]:
        """Return the names of the wells of a plate, given its IRI."""
        return self._wells.get(plate, set())

    def find(self, copy: ImageCopy) -> list[Place]:
        """Return what a copy may be a copy of: one place, several that cannot be told apart, or none."""
        kinds = [copy.kind] if copy.kind else ["plate", "image"]
        for known, key in ((self._exact, copy.name), (self._loose, loosely(copy.name))):
            found = [place for kind in kinds for place in known.get((kind, key), ())]
            if found:
                return _narrow(copy, found)
        return []


def _narrow(copy: ImageCopy, found: list[Place]) -> list[Place]:
    """Use component and dataset where they leave something."""
    tests: list[Callable[[Place], bool]] = [
        lambda place: place.component == copy.component,
        lambda place: bool(copy.component) and place.component.endswith(copy.component),
        lambda place: place.container == copy.container,
        lambda place: loosely(place.container) == loosely(copy.container),
    ]
    for test in tests:
        found = [place for place in found if test(place)] or found
    return found
