"""Quads of the OME-Zarr copies of images: location, version and sizes, never pixels."""

from collections.abc import Iterable

from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Study
from bioimg_kg.etl.nquads import GraphFile, iri, literal
from bioimg_kg.etl.omezarr import ImageCopy
from bioimg_kg.identifiers.iris import Minter, encode
from bioimg_kg.vocab import (
    AXES,
    DCTERMS,
    IMAGE_PROFILE,
    IMAGE_PROFILE_OF,
    IMAGE_REPRESENTATION,
    PATH_STATUS,
    REPRESENTATION,
    SCHEMA,
    SIZES,
    TYPE,
    VERIFIED_PATH,
)


def write_images(
    study: Study, copies: Iterable[ImageCopy], out: GraphFile, shared: Shared, minter: Minter
) -> None:
    """Write the copies of a study's images; one whose record or metadata is not found is an issue.

    Parameters
    ----------
    copies
        All of this study.
    shared
        Takes the sizes, which images of several studies may share.
    """
    records = _records(study)
    for copy in copies:
        kind = records.get((copy.component, copy.container, copy.name))
        if copy.problem:
            _report(study.ledger, copy, "omezarr-unreadable", f"{copy.problem}: write the image again")
        elif kind is None:
            _report(
                study.ledger,
                copy,
                "omezarr-without-record",
                "no record has this name: rename folder or image",
            )
        else:
            _write(copy, kind, minter.component(study.accession, copy.component), out, shared, minter)


def _records(study: Study) -> dict[tuple[str, str, str], str]:
    """Return the kind of each image record by component, dataset and name."""
    return {
        (component.name, block.container.text(row), block.name.text(row)): block.kind
        for component in study.components
        for block in component.blocks
        if block.kind == "image"
        for row in range(len(block.rows))
    }


def _report(ledger: Ledger, copy: ImageCopy, code: str, message: str) -> None:
    ledger.report(code, message, component=copy.component, file=copy.path)


def _write(
    copy: ImageCopy, kind: str, component: str, out: GraphFile, shared: Shared, minter: Minter
) -> None:
    record = minter.within(component, "dataset", copy.container, kind, copy.name)
    me = f"{record}/ngff/{encode(copy.version)}"
    out.link(record, REPRESENTATION, me)
    out.link(me, TYPE, IMAGE_REPRESENTATION)
    out.link(me, SCHEMA + "contentUrl", f"{minter.base}omezarr/{'/'.join(map(encode, copy.path.split('/')))}")
    out.text(me, SCHEMA + "encodingFormat", "application/vnd+zarr")
    out.link(me, DCTERMS + "conformsTo", f"https://ngff.openmicroscopy.org/{copy.version}/")
    out.link(me, PATH_STATUS, VERIFIED_PATH)
    profile = f"{minter.base}id/image-profile/{'x'.join(map(str, copy.shape))}-{copy.axes}"
    out.link(me, IMAGE_PROFILE_OF, profile)
    shared.add("image-profiles", profile, TYPE, iri(IMAGE_PROFILE))
    shared.add("image-profiles", profile, AXES, literal(copy.axes))
    for axis, size in zip(copy.axes, copy.shape, strict=True):
        if axis in SIZES:
            shared.add("image-profiles", profile, SIZES[axis], literal(str(size), "integer"))
