"""What was done to the biosample: each row's treatments, shared by the rows that have the same ones."""

from collections.abc import Callable, Container, Sequence

from bioimg_kg.etl.coded import Codes, combine, recode
from bioimg_kg.etl.idr.bulkmap import Group
from bioimg_kg.etl.idr.compounds import CompoundColumns, compound_columns
from bioimg_kg.etl.idr.genes import GeneColumns, Targets, gene_columns
from bioimg_kg.etl.idr.reagents import ReagentColumns, reagent_columns
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.rows import Slot, Treatment
from bioimg_kg.vocab import COMPOUND_TREATMENT, CONDITION


def treatment_slots(
    sheet: Sheet, groups: Sequence[Group], treatment_class: str, organisms: Container[str] = ()
) -> list[Slot[Treatment]]:
    """Give each row of a table its treatments.

    Parameters
    ----------
    groups
        The archive's declaration of columns.
    treatment_class
        Class IRI of treatments that have a gene; where it is CompoundTreatment, genes are the targets of
        the row's compound.
    organisms
        IRIs of the component's organisms.
    """
    genes, reagents = gene_columns(sheet, groups, organisms), reagent_columns(sheet)
    compounds = compound_columns(sheet)
    slots: list[Slot[Treatment]] = []
    if compounds and treatment_class == COMPOUND_TREATMENT:
        slots.append(_compound_slot(sheet, compounds[0], genes))
        compounds, genes = compounds[1:], []
    slots += [_compound_slot(sheet, columns, []) for columns in compounds]
    slots += [_gene_slot(treatment_class, g, r) for g, r in _teams(genes, reagents)]
    slots += [_condition_slot(sheet, c) for c in sheet.role("condition") if not c.accounted]
    return [slot for slot in slots if slot.values]


def _teams(
    genes: Sequence[GeneColumns], reagents: Sequence[ReagentColumns]
) -> list[tuple[list[GeneColumns], list[ReagentColumns]]]:
    """Decide which genes and reagents make one treatment.

    Several antibodies are several treatments, each with the gene of the same number. Otherwise all genes and
    reagents of a row belong together: one antibody may have many targets, one pool many siRNAs.
    """
    if len(reagents) < 2 or not genes:
        together = [([*genes], [*reagents])] if len(reagents) < 2 else [([], [r]) for r in reagents]
        return [team for team in together if team[0] or team[1]]
    numbers = [_number(r) for r in reagents]
    teams = [([g for g in genes if g.number == n], [r]) for n, r in zip(numbers, reagents, strict=True)]
    rest = [g for g in genes if g.number not in numbers]
    return [*teams, *([(rest, [])] if rest else [])]


def _number(reagents: ReagentColumns) -> int:
    return next(c.heading.number for c in (*reagents.identifiers, *reagents.names, *reagents.sequences))


def _gene_slot(
    treatment_class: str, genes: Sequence[GeneColumns], reagents: Sequence[ReagentColumns]
) -> Slot[Treatment]:
    def make(row: int) -> Treatment | None:
        targets = _merged([g.at(row) for g in genes])
        found = tuple(reagent for r in reagents for reagent in r.at(row))
        if not found and not targets.genes and not targets.names:
            return None
        return Treatment(
            type=treatment_class,
            reagents=found,
            targets=targets.genes,
            target_names=targets.names,
            ambiguous=targets.ambiguous,
        )

    codes = [c for g in genes for c in g.codes()] + [c for r in reagents for c in r.codes()]
    return _slot(codes, make)


def _compound_slot(sheet: Sheet, columns: CompoundColumns, genes: Sequence[GeneColumns]) -> Slot[Treatment]:
    def make(row: int) -> Treatment | None:
        compound = columns.compound(row, sheet.names)
        number, dose = columns.dose(row) if "compound-dose" in columns.columns else ("", "")
        targets = _merged([g.at(row) for g in genes])
        if not compound and not dose and targets == Targets():
            return None
        return Treatment(
            type=COMPOUND_TREATMENT,
            reagents=(compound,) if compound else (),
            micromolar=number,
            dose=dose,
            targets=targets.genes,
            target_names=targets.names,
            ambiguous=targets.ambiguous,
        )

    return _slot([*columns.codes(), *(c for g in genes for c in g.codes())], make)


def _condition_slot(sheet: Sheet, column: Column) -> Slot[Treatment]:
    factor = column.heading.name or "condition"
    made = [
        Treatment(type=CONDITION, factor=factor, level=text) if good else None
        for text, good in zip(column.values, sheet.words(column), strict=True)
    ]
    _claim_term_source(sheet, column)
    return Slot(*recode(column.codes, made))


def _claim_term_source(sheet: Sheet, column: Column) -> None:
    """Leave the Term Source block of a condition in the file: its value is kept in words."""
    for role in ("term-source", "term-accession"):
        qualifier = sheet.qualifier(column, role)
        if qualifier:
            sheet.account(qualifier, [False] * len(qualifier.values))


def _merged(targets: Sequence[Targets]) -> Targets:
    return Targets(
        tuple(dict.fromkeys(gene for t in targets for gene in t.genes)),
        tuple(dict.fromkeys(name for t in targets for name in t.names)),
        any(t.ambiguous for t in targets),
    )


def _slot(columns: Sequence[Codes], make: Callable[[int], Treatment | None]) -> Slot[Treatment]:
    """Make one treatment per distinct combination of values; equal treatments are one."""
    codes, first = combine(columns)
    return Slot(*recode(codes, [make(row) for row in first.tolist()]))
