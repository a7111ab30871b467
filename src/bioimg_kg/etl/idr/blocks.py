"""From the tables of a component to blocks of records."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bioimg_kg.etl.coded import blank, combine
from bioimg_kg.etl.idr.biosamples import biosample_slot
from bioimg_kg.etl.idr.bulkmap import Group
from bioimg_kg.etl.idr.phenotypes import UNSTATED, level_of, levels, no_hits, phenotype_slots
from bioimg_kg.etl.idr.remarks import channels, remarks
from bioimg_kg.etl.idr.sheet import Column, Sheet, drop_rows
from bioimg_kg.etl.idr.studytext import Section
from bioimg_kg.etl.idr.treatments import treatment_slots
from bioimg_kg.etl.model import Component, Term
from bioimg_kg.etl.rows import Block

_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9]\d?)")
_KEYS: tuple[tuple[Literal["well", "image"], str, str], ...] = (
    ("well", "key-plate", "key-well"),
    ("image", "key-dataset", "key-image"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the rest of the study says about the tables of a component.

    Attributes
    ----------
    groups
        The archive's declaration of columns.
    organisms
        Organisms of the component, or else of the study.
    known
        Term IRIs by words in lower case.
    treatment_class
        Class IRI of treatments that have a gene.
    level
        Annotation level of rows that state none.
    """

    groups: Sequence[Group]
    organisms: Sequence[Term]
    known: Mapping[str, str]
    treatment_class: str
    level: str


def keyed(sheet: Sheet) -> Sheet:
    """Leave out rows that name no plate and well, or no dataset and image; they are reported."""
    for _, container_role, name_role in _KEYS:
        container, name = _one(sheet, container_role), _one(sheet, name_role)
        if container and name:
            unnamed = (container.codes < 0) | (name.codes < 0)
            message = f"row without {container.heading.text} or {name.heading.text}: fill both in"
            return drop_rows(sheet, unnamed, "record-without-key", message)
    return sheet


def read_block(sheet: Sheet, component: Component, about: Circumstances) -> Block:
    """Read the rows of a table; its columns are accounted for when this returns.

    Parameters
    ----------
    sheet
        The table, all rows keyed or the whole without keys (then its rows are calls, not records).
    component
        Gets the phenotypes that only this table uses.
    """
    kind, container, name = _keys(sheet)
    biosample = biosample_slot(sheet, about.organisms, about.known)
    organisms = {organism.iri for organism in about.organisms if organism.iri}
    treatments = treatment_slots(sheet, about.groups, about.treatment_class, organisms)
    slots, undeclared = phenotype_slots(sheet, component.phenotypes)
    known = {p.key for p in component.phenotypes}
    component.phenotypes += [p for p in undeclared if p.key not in known]
    level, stated_level = levels(sheet, about.level)
    is_record = kind != "call"
    block = Block(
        kind=kind,
        file=sheet.file,
        rows=sheet.lines,
        container=container.coded if container else blank(len(sheet)),
        name=name.coded.map(_well if kind == "well" else str) if name else blank(len(sheet)),
        biosample=biosample,
        treatments=treatments,
        phenotypes=slots,
        level=level,
        stated_level=stated_level,
        no_hit=no_hits(sheet) if is_record else np.zeros(len(sheet), bool),
        literals=remarks(sheet) if is_record else [],
        channels=channels(sheet) if is_record else blank(len(sheet)),
        calls=sheet.calls,
    )
    if name:
        _check_keys(sheet, name, block)
    sheet.close()
    return block


def _keys(sheet: Sheet) -> tuple[Literal["well", "image", "call"], Column | None, Column | None]:
    for kind, container_role, name_role in _KEYS:
        container, name = _one(sheet, container_role), _one(sheet, name_role)
        if container and name:
            sheet.account(container)
            sheet.account(name)
            return kind, container, name
    return "call", None, None


def _one(sheet: Sheet, role: str) -> Column | None:
    return next(iter(sheet.role(role)), None)


def _well(text: str) -> str:
    """Return the usual name of a well: ``a01`` is ``A1``; anything else stays as it is.

    Examples
    --------
    >>> _well("a01"), _well("H12"), _well("A1-B2")
    ('A1', 'H12', 'A1-B2')
    """
    match = _WELL.fullmatch(text)
    return f"{match[1].upper()}{match[2]}" if match else text


def _check_keys(sheet: Sheet, name: Column, block: Block) -> None:
    for value, text in enumerate(name.values):
        if block.kind == "well" and not _WELL.fullmatch(text):
            message = "not the name of a well (a letter and a number), used as it is: correct it"
            sheet.problem(name, value, "well-malformed", message, lost=False)
    keys, first = combine([block.container.codes, block.name.codes])
    for row in np.flatnonzero(first[keys] != np.arange(len(keys))).tolist() if len(keys) else ():
        where = f"{block.container.text(row)}, {block.name.text(row)}"
        sheet.ledger.report(
            "record-repeated",
            f"row {int(block.rows[int(first[keys[row]])])} has the same key; both rows describe one record",
            component=sheet.component,
            file=sheet.file.path,
            line=int(block.rows[row]),
            column=name.heading.text,
            value=where,
        )


def stated_level(section: Section) -> str:
    """Return the annotation level that a study text states for its phenotype columns.

    It gives a level per column of the processed table; the most frequent one counts.
    """
    found: Counter[str] = Counter()
    names = section.values("Processed Data Column Name")
    stated = section.values("Processed Data Column Annotation Level")
    for name, text in zip(names, stated, strict=False):
        level = level_of(text)
        if level and re.fullmatch(r"Phenotype ?\d*", name):
            found[level] += 1
    return min(found, key=lambda level: (-found[level], level), default=UNSTATED)
