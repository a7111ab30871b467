"""Reagent columns: siRNA and pools, guide RNA, clones, antibodies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bioimg_kg.etl.coded import Codes
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.rows import Reagent
from bioimg_kg.identifiers.iris import digest
from bioimg_kg.identifiers.prefixes import expand
from bioimg_kg.identifiers.terms import is_nameless, is_null
from bioimg_kg.vocab import (
    ANTIBODY,
    ANTISENSE_SEQUENCE,
    GUIDE_RNA,
    LABEL,
    ORF_CLONE,
    REAGENT,
    SENSE_SEQUENCE,
    SIRNA,
    SIRNA_POOL,
)

_CLASSES = {
    "sirna": SIRNA,
    "sirna-pool": SIRNA_POOL,
    "guide-rna": GUIDE_RNA,
    "orf-clone": ORF_CLONE,
    "reagent": REAGENT,
    "antibody": ANTIBODY,
}
_SEQUENCES = {"sense-sequence": SENSE_SEQUENCE, "antisense-sequence": ANTISENSE_SEQUENCE}
_SEPARATOR = re.compile(r"\s*[;&]\s*")
_RRID = re.compile(r"AB_\d+")


@dataclass(frozen=True, slots=True)
class ReagentColumns:
    """The columns that together say which reagents a row has."""

    identifiers: tuple[Column, ...]
    names: tuple[Column, ...] = ()
    sequences: tuple[Column, ...] = ()

    def codes(self) -> list[Codes]:
        """Return the code columns that decide about a row's reagents."""
        return [c.codes for c in (*self.identifiers, *self.names, *self.sequences)]

    def at(self, row: int) -> list[Reagent]:
        """Return the reagents of a row; the parts of a pool follow it."""
        texts = tuple(
            (_SEQUENCES[c.heading.role], text) for c in self.sequences if (text := c.coded.text(row))
        )
        label = next((text for c in self.names if (text := c.coded.text(row))), "")
        found = [
            (c.heading.role, text)
            for c in self.identifiers
            if (text := c.coded.text(row)) and not is_null(text) and not is_nameless(text)
        ]
        if not found and not texts and not label:
            return []
        if not found:
            key = label or "sequence-" + digest(text for _, text in texts)
            return [_reagent("antibody" if label else "sirna", key, texts, label)]
        return _assemble(found, texts, label)


def reagent_columns(sheet: Sheet) -> list[ReagentColumns]:
    """Find the reagent columns of a table and account for them.

    Numbered antibodies are separate reagents of separate treatments; all else goes together.
    """
    antibodies, names = sheet.role("antibody"), sheet.role("antibody-name")
    others = sheet.role("sirna-pool", "sirna", "guide-rna", "orf-clone", "reagent")
    sequences = sheet.role("sense-sequence", "antisense-sequence")
    for column in (*antibodies, *others):
        sheet.words(column, is_null, is_nameless)
    for column in (*names, *sequences):
        sheet.account(column)
    groups = []
    if others or sequences:
        groups.append(ReagentColumns(tuple(others), (), tuple(sequences)))
    for number in sorted({c.heading.number for c in (*antibodies, *names)}):
        groups.append(
            ReagentColumns(
                tuple(c for c in antibodies if c.heading.number == number),
                tuple(c for c in names if c.heading.number == number),
            )
        )
    return groups


def _assemble(
    found: Sequence[tuple[str, str]], texts: tuple[tuple[str, str], ...], label: str
) -> list[Reagent]:
    pools = [text for role, text in found if role == "sirna-pool"]
    singles = [
        (role, part)
        for role, text in found
        if role != "sirna-pool"
        for part in _SEPARATOR.split(text)
        if part
    ]
    # a sequence belongs to what one cell names; of a list nobody knows which one it is
    one_each = len(singles) == len(found) - len(pools)
    made = [_reagent(role, part, texts if one_each else (), label) for role, part in singles]
    if not pools:
        return made
    parts = tuple(r.key for r in made if r.key not in pools)
    whole = [Reagent(key=pool, type=SIRNA_POOL, texts=() if made else texts, parts=parts) for pool in pools]
    return [*whole, *(r for r in made if r.key not in pools)]


def _reagent(role: str, key: str, texts: tuple[tuple[str, str], ...], label: str) -> Reagent:
    iri = expand(f"RRID:{key}") if _RRID.fullmatch(key) else ""
    named = ((LABEL, label),) if label else ()
    return Reagent(key="" if iri else key, iri=iri, type=_CLASSES[role], texts=tuple(sorted(texts + named)))
