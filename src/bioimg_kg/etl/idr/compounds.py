"""Compound columns: what was added and how much of it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bioimg_kg.errors import Severity
from bioimg_kg.etl.coded import Codes
from bioimg_kg.etl.idr.doses import micromolar
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.model import Names
from bioimg_kg.etl.rows import Reagent
from bioimg_kg.identifiers.compounds import (
    is_cas_number,
    resolve_cid,
    resolve_compound_name,
    resolve_inchikey,
)
from bioimg_kg.identifiers.terms import Resolved, is_nameless, is_null
from bioimg_kg.vocab import CAS_NUMBER, INCHI_KEY, PUBCHEM_CID, SMALL_MOLECULE, SMILES

_TEXTS = {"compound-smiles": SMILES, "compound-cas": CAS_NUMBER, "compound-inchikey": INCHI_KEY}


@dataclass(frozen=True, slots=True)
class CompoundColumns:
    """The columns of one compound (a row may have several, numbered)."""

    columns: dict[str, Column]
    iris: dict[str, list[str | None]]

    def codes(self) -> list[Codes]:
        """Return the code columns that decide about a row's compound and dose."""
        return [column.codes for column in self.columns.values()]

    def _text(self, role: str, row: int) -> str:
        column = self.columns.get(role)
        return column.coded.text(row) if column else ""

    def compound(self, row: int, names: Names) -> Reagent | None:
        """Return the compound of a row: by CID, InChIKey or a known name, else by the study's name."""
        iri = ""
        for role in ("compound-cid", "compound-inchikey"):
            column = self.columns.get(role)
            code = int(column.codes[row]) if column else -1
            iri = iri or (self.iris[role][code] or "" if code >= 0 else "")
        name = self._text("compound-name", row)
        if is_null(name) or is_nameless(name):
            name = ""
        iri = iri or resolve_compound_name(name).iri or ""
        if not iri and not name:
            return None
        if not iri:
            return Reagent(key=name, type=SMALL_MOLECULE, texts=self._facts(row))
        if name:
            names.compounds.setdefault(iri, Counter())[name] += 1
        names.compound_facts.setdefault(iri, set()).update(self._facts(row))
        if "/CID" in iri:
            names.compound_facts[iri].add((PUBCHEM_CID, iri.rpartition("CID")[2]))
        return Reagent(key="", iri=iri, type=SMALL_MOLECULE)

    def _facts(self, row: int) -> tuple[tuple[str, str], ...]:
        texts = ((role, self._text(role, row)) for role in _TEXTS)
        return tuple((_TEXTS[role], t) for role, t in texts if not is_null(t) and self._good(role, row, t))

    def _good(self, role: str, row: int, text: str) -> bool:
        """Say whether a cell is an identifier, where only an identifier will do."""
        if role == "compound-cas":
            return is_cas_number(text)
        return role not in self.iris or self.iris[role][int(self.columns[role].codes[row])] is not None

    def dose(self, row: int) -> tuple[str, str]:
        """Return the concentration in micromolar (empty if unknown) and the dose as the study writes it."""
        text = self._text("compound-dose", row)
        if is_null(text):
            return "", ""
        unit = self._text("compound-unit", row) or self.columns["compound-dose"].heading.unit
        return micromolar(text, unit), f"{text} {unit}".strip()


def compound_columns(sheet: Sheet) -> list[CompoundColumns]:
    """Find the compound columns of a table and account for them."""
    roles = ("compound-name", "compound-cid", "compound-inchikey", *_TEXTS, "compound-dose", "compound-unit")
    found = sheet.role(*dict.fromkeys(roles))
    groups = []
    for number in sorted({c.heading.number for c in found}):
        columns: dict[str, Column] = {}
        for column in found:
            if column.heading.number == number:
                columns.setdefault(column.heading.role, column)
        if not {"compound-name", "compound-cid", "compound-inchikey"} & set(columns):
            continue
        groups.append(CompoundColumns(columns, _resolve(sheet, columns)))
        _note_names(sheet, groups[-1])
    return groups


def _resolve(sheet: Sheet, columns: dict[str, Column]) -> dict[str, list[str | None]]:
    resolvers: dict[str, Callable[[str], Resolved]] = {
        "compound-cid": resolve_cid,
        "compound-inchikey": resolve_inchikey,
    }
    names = {"compound-name": (is_null, is_nameless)}
    iris: dict[str, list[str | None]] = {}
    for role, column in columns.items():
        if role in resolvers:
            iris[role] = sheet.resolve(column, _unpacked(resolvers[role]), role)
    good = {role: [iri is not None for iri in found] for role, found in iris.items()}
    for role in [r for r in columns if r not in iris]:
        good[role] = sheet.meaningful(columns[role], *names.get(role, ()))
        if role == "compound-cas":
            good[role] = _checked_cas(sheet, columns[role], good[role])
    named = _rows(columns, good, ("compound-name", *resolvers))
    for role in [r for r in columns if r not in iris]:
        if role in _TEXTS:
            _account(sheet, columns[role], good[role], named)
        elif role == "compound-unit":
            _account(sheet, columns[role], good[role], _rows(columns, good, ("compound-dose",)))
        else:
            sheet.account(columns[role], good[role])
    return iris


def _note_names(sheet: Sheet, compound: CompoundColumns) -> None:
    """Report the names that stand for a PubChem number, where the row itself has no identifier."""
    column = compound.columns.get("compound-name")
    if not column:
        return
    known = {role: [iri is not None for iri in found] for role, found in compound.iris.items()}
    nameless = ~_rows(compound.columns, known, known)
    for value, text in enumerate(column.values):
        repair = resolve_compound_name(text).repair
        if repair and (nameless & (column.codes == value)).any():
            sheet.problem(column, value, "compound-name-read", repair, lost=False, severity=Severity.INFO)


def _rows(
    columns: dict[str, Column], good: dict[str, list[bool]], roles: Iterable[str]
) -> "npt.NDArray[np.bool_]":
    """Return which rows have a good cell in a column of one of some roles."""
    rows = np.zeros(len(next(iter(columns.values())).codes), bool)
    for role in roles:
        if role in columns:
            rows |= np.array([*good[role], False])[columns[role].codes]
    return rows


def _account(sheet: Sheet, column: Column, good: list[bool], rows: "npt.NDArray[np.bool_]") -> None:
    """Enter a column whose cells are in the graph only in some rows."""
    if column.index is not None:
        sheet.account(column, good)
        return
    mapped = np.array([*good, False])[column.codes] & rows
    sheet.ledger.count(
        sheet.component, column.file.path, column.heading.text, column.raw.cells, int(mapped.sum())
    )
    column.accounted = True


def _unpacked(resolver: Callable[[str], Resolved]) -> Callable[[str], tuple[str | None, str, str]]:
    def function(text: str) -> tuple[str | None, str, str]:
        found = resolver(text)
        return found.iri, found.repair, found.problem

    return function


def _checked_cas(sheet: Sheet, column: Column, good: list[bool]) -> list[bool]:
    """Report what stands in a column of CAS numbers and is none (a date, say)."""
    checked = [fine and is_cas_number(text) for fine, text in zip(good, column.values, strict=True)]
    for value, (fine, valid) in enumerate(zip(good, checked, strict=True)):
        if fine and not valid:
            message = "not a CAS registry number (its last digit checks the others): correct it"
            sheet.problem(column, value, "compound-cas-malformed", message)
    return checked
