"""Quads of the OME-Zarr copies of images and plates: addresses, sizes and channels, never pixels."""

from collections.abc import Iterable

from bioimg_kg.errors import Severity
from bioimg_kg.etl.graph.image_profiles import write_channels, write_profile
from bioimg_kg.etl.graph.image_records import Place, Records
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.ledger import Ledger
from bioimg_kg.etl.model import Study
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.omezarr.copies import ImageCopy
from bioimg_kg.identifiers.iris import Minter, digest, encode
from bioimg_kg.ngff.facts import Image
from bioimg_kg.ngff.places import LOCAL, field_template, well_name
from bioimg_kg.vocab import (
    ACQUISITION_COUNT,
    BYTE_SIZE,
    CHUNK_SHAPE,
    COMPUTED_PATH,
    DCTERMS,
    DERIVED_FROM,
    EXACT_MATCH,
    FIELD_COUNT,
    FIELD_PATH_STATUS,
    FIELD_TEMPLATE,
    IMAGE_REPRESENTATION,
    LABEL,
    LABEL_IMAGE,
    LICENSE_TEXT,
    LISTED_PATH,
    PATH_STATUS,
    REPRESENTATION,
    REVISION_OF,
    SCHEMA,
    SHARD_SHAPE,
    TYPE,
    VERIFIED_PATH,
    WELL_COUNT,
)

_FORMAT = "https://ngff.openmicroscopy.org/"


def write_images(
    study: Study, copies: Iterable[ImageCopy], out: GraphFile, shared: Shared, minter: Minter
) -> None:
    """Write the copies of a study's images and plates.

    A copy whose record is not found is one of the study as a whole, and an issue.

    Parameters
    ----------
    copies
        All of this study.
    shared
        Takes the sizes and channels, which images of several studies may share.
    """
    writer: _Writer | None = None
    for copy in copies:
        writer = writer or _Writer(study, out, shared, minter)
        writer.write(copy)
    if writer:
        writer.report_licences()


class _Writer:
    """Writes the copies of one study."""

    def __init__(self, study: Study, out: GraphFile, shared: Shared, minter: Minter) -> None:
        self._study = study
        self._out = out
        self._shared = shared
        self._minter = minter
        self._records = Records(study, minter)
        self._taken: set[str] = set()
        self._licences: dict[tuple[str, str], list[int]] = {}

    def write(self, copy: ImageCopy) -> None:
        """Write one copy, and those of its wells if it is a plate whose metadata was read."""
        ledger = self._study.ledger
        for problem in copy.problems:
            place = f"{copy.file}/{problem.path}".rstrip("/")
            ledger.report(
                "omezarr-unreadable" if copy.status == "ListedPath" else "omezarr-metadata",
                problem.message,
                file=place,
                value=problem.value,
            )
        found = self._records.find(copy)
        record = found[0] if len(found) == 1 else None
        if record is None:
            _unknown(copy, found, ledger)
        if copy.license and self._study.license and copy.license != self._study.license:
            self._licences.setdefault((copy.file, copy.license), []).append(copy.line)
        owner = record.iri if record else self._minter.study(self._study.accession)
        me = self._mint(owner, copy)
        self._location(copy, owner, me)
        self._licence(copy, me)
        self._content(copy.image, me, self._address(copy))
        if record and copy.omero:
            self._out.link(record.iri, EXACT_MATCH, copy.omero)
        if copy.kind == "plate":
            self._plate(copy, me, record)

    def report_licences(self) -> None:
        """Report the licences of copies that are not that of the study, once for each list."""
        for (file, licence), lines in sorted(self._licences.items()):
            message = f"the study's licence is {self._study.license}; the copies keep their own"
            self._study.ledger.report(
                "omezarr-licence-differs",
                message,
                file=file,
                line=min(lines),
                value=licence,
                severity=Severity.INFO,
                rows=sorted(lines),
            )

    def _mint(self, owner: str, copy: ImageCopy) -> str:
        """Return the IRI of a copy: of a local one by its version, of one elsewhere by its address."""
        me = f"{owner}/ngff/{encode(copy.version)}"
        if copy.url or not copy.version or me in self._taken or owner.endswith(self._study.accession):
            me = f"{owner}/ngff/{digest([copy.url or copy.path])}"
        self._taken.add(me)
        return me

    def _address(self, copy: ImageCopy) -> str:
        return copy.url or f"{self._minter.base}{LOCAL}{'/'.join(map(encode, copy.path.split('/')))}"

    def _location(self, copy: ImageCopy, owner: str, me: str) -> None:
        out = self._out
        out.link(owner, REPRESENTATION, me)
        out.link(me, TYPE, IMAGE_REPRESENTATION)
        out.text(me, LABEL, f"{copy.name}, OME-Zarr {copy.version}".rstrip())
        out.link(me, SCHEMA + "contentUrl", self._address(copy))
        if copy.former:
            out.link(me, REVISION_OF, copy.former)
        out.text(me, SCHEMA + "encodingFormat", "application/vnd+zarr")
        out.link(me, DCTERMS + "conformsTo", f"{_FORMAT}{encode(copy.version)}/" if copy.version else _FORMAT)
        out.link(me, PATH_STATUS, VERIFIED_PATH if copy.status == "VerifiedPath" else LISTED_PATH)
        if copy.source:
            out.link(me, DERIVED_FROM, copy.source)

    def _licence(self, copy: ImageCopy, me: str) -> None:
        if copy.license:
            self._out.link(me, SCHEMA + "license", copy.license)
        self._out.text(me, LICENSE_TEXT, copy.license_text)
        if copy.bytes:
            self._out.text(me, BYTE_SIZE, str(copy.bytes), "integer")

    def _content(self, image: Image | None, me: str, address: str) -> None:
        if image is None:
            return
        out = self._out
        out.text(me, CHUNK_SHAPE, ",".join(map(str, image.chunks)))
        out.text(me, SHARD_SHAPE, ",".join(map(str, image.shards)))
        for name in image.labels:
            out.link(me, LABEL_IMAGE, f"{address}/labels/{'/'.join(map(encode, name.split('/')))}")
        write_profile(image, me, out, self._shared, self._minter)
        write_channels(image, me, out, self._shared, self._minter)

    def _plate(self, copy: ImageCopy, me: str, record: Place | None) -> None:
        """Write where the fields of a plate are: by a template, and well by well if its metadata was read."""
        out = self._out
        address = self._address(copy)
        out.text(me, FIELD_TEMPLATE, field_template(address))
        verified = copy.plate is not None
        out.link(me, FIELD_PATH_STATUS, VERIFIED_PATH if verified and copy.wells else COMPUTED_PATH)
        for predicate, number in (
            (FIELD_COUNT, copy.field_count or (copy.plate.field_count if copy.plate else 0)),
            (WELL_COUNT, len(copy.plate.wells) if copy.plate else copy.well_count),
            (ACQUISITION_COUNT, copy.plate.acquisitions if copy.plate else 0),
        ):
            if number:
                out.text(me, predicate, str(number), "integer")
        if copy.plate is None or record is None:
            return
        known, fields = self._records.wells(record.iri), dict(copy.wells)
        strange = []
        for path in copy.plate.wells:
            name = well_name(path)
            if name in known:
                self._well(copy, f"{record.iri}/well/{encode(name)}", path, fields.get(path, ()))
            else:
                strange.append(path)
        if strange:
            message = f"{len(strange):,} wells of the plate have no record: they are in the copy only"
            self._study.ledger.report(
                "omezarr-well-without-record",
                message,
                component=record.component,
                file=copy.file,
                value=" ".join(strange),
                severity=Severity.INFO,
            )

    def _well(self, copy: ImageCopy, well: str, path: str, fields: tuple[str, ...]) -> None:
        """Write the first field of a well; without metadata of the well its address is only computed."""
        out = self._out
        inside = "/".join(map(encode, (*path.split("/"), *(fields[0] if fields else "0").split("/"))))
        address = f"{self._address(copy)}/{inside}"
        me = f"{well}/ngff/{digest([copy.url or copy.path, path])}"
        out.link(well, REPRESENTATION, me)
        out.link(me, TYPE, IMAGE_REPRESENTATION)
        out.text(me, LABEL, f"{copy.name} {well_name(path)}, OME-Zarr {copy.version}".rstrip())
        out.link(me, SCHEMA + "contentUrl", address)
        out.text(me, SCHEMA + "encodingFormat", "application/vnd+zarr")
        out.link(me, DCTERMS + "conformsTo", f"{_FORMAT}{encode(copy.version)}/" if copy.version else _FORMAT)
        out.link(me, PATH_STATUS, VERIFIED_PATH if fields else COMPUTED_PATH)
        if fields:
            out.text(me, FIELD_COUNT, str(len(fields)), "integer")


def _unknown(copy: ImageCopy, found: list[Place], ledger: Ledger) -> None:
    """Report a copy whose record is not clear."""
    names = ", ".join(sorted(f"{p.component} {p.container}".strip() for p in found)[:5])
    message = "no record has this name: it is a copy of something in the study; rename folder or image"
    if found:
        message = f"{len(found)} records have this name ({names}): put it below a folder of the dataset"
    ledger.report(
        "omezarr-ambiguous" if found else "omezarr-without-record",
        message,
        file=copy.file,
        line=copy.line,
        value=copy.name,
        severity=Severity.INFO,
    )
