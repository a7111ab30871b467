"""Gene columns: identifiers beside symbols.

Genes are known by identifier. A symbol is a label of the gene beside it; a symbol without an identifier is
kept as the name of a target, never as a gene.
"""

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from bioimg_kg.errors import Severity
from bioimg_kg.etl.coded import Codes
from bioimg_kg.etl.idr.bulkmap import Group
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.idr.symbols import mend_symbols
from bioimg_kg.identifiers.genes import GeneNamespace, identify, namespace_of_column, resolve_gene
from bioimg_kg.identifiers.terms import is_nameless, is_null

_SEPARATOR = re.compile(r"\s*(?:;|,|/|\+|&|\bOR\b)\s*")


@dataclass(frozen=True, slots=True)
class Targets:
    """What a row's gene cells say.

    Attributes
    ----------
    genes
        Gene IRIs.
    names
        Names of targets that are not known as genes.
    ambiguous
        It is one of the genes, the study does not say which.
    """

    genes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ambiguous: bool = False


@dataclass(slots=True)
class GeneColumns:
    """An identifier column with its symbol column; either may be missing.

    Attributes
    ----------
    number
        Number in the headings, which pairs genes with antibodies of the same number.
    """

    number: int
    identifier: Column | None
    symbol: Column | None
    _by_value: list[Targets]

    def codes(self) -> list[Codes]:
        """Return the code columns that decide about a row's targets."""
        return [c.codes for c in (self.identifier, self.symbol) if c]

    def at(self, row: int) -> Targets:
        """Return the targets of a row."""
        identifier = int(self.identifier.codes[row]) if self.identifier else -1
        found = self._by_value[identifier] if identifier >= 0 else Targets()
        symbol = self.symbol.coded.text(row) if self.symbol else ""
        if found.genes and (not symbol or _paired(found.genes, symbol)):
            return found
        if is_nameless(symbol):
            return found
        return Targets(found.genes, tuple(_symbols(symbol)), found.ambiguous)


def gene_columns(sheet: Sheet, groups: Sequence[Group], organisms: Container[str] = ()) -> list[GeneColumns]:
    """Find the gene columns of a table, resolve their identifiers and account for them.

    Parameters
    ----------
    groups
        The archive's own declaration of columns; it pairs columns and declares the namespace. Columns that
        it does not name are paired by the number in their heading.
    organisms
        IRIs of the organisms whose genes these are; symbols that became dates are mended by them.
    """
    pairs = _declared_pairs(sheet, groups)
    taken = {id(c) for _, *columns in pairs for c in columns if isinstance(c, Column)}
    symbols = [c for c in sheet.role("gene-symbol") if id(c) not in taken]
    for column in sheet.role("gene-id"):
        if id(column) not in taken:
            number = column.heading.number
            symbol = next((s for s in symbols if s.heading.number == number), None)
            symbols = [s for s in symbols if s is not symbol]
            pairs.append(("", column, symbol))
    pairs += [("", None, symbol) for symbol in symbols]
    for _, _, symbol in pairs:
        if symbol:
            mend_symbols(sheet, symbol, _symbols, organisms)
    return [_resolved(sheet, template, identifier, symbol) for template, identifier, symbol in pairs]


def _declared_pairs(sheet: Sheet, groups: Sequence[Group]) -> list[tuple[str, Column | None, Column | None]]:
    pairs: list[tuple[str, Column | None, Column | None]] = []
    seen: set[int] = set()
    for group in groups:
        if group.kind != "gene":
            continue
        heading = group.heading("Gene Identifier")
        identifier, symbol = sheet.find(heading), sheet.find(group.heading("Gene Symbol"))
        columns = [c for c in (identifier, symbol) if c]
        if columns and not seen & {id(c) for c in columns} and identifier is not symbol:
            seen.update(id(c) for c in columns)
            pairs.append((group.template(heading), identifier, symbol))
    return pairs


def _resolved(sheet: Sheet, template: str, identifier: Column | None, symbol: Column | None) -> GeneColumns:
    number = next(c for c in (identifier, symbol) if c).heading.number
    by_value: list[Targets] = []
    if identifier:
        parts = [part for value in identifier.values for part in _SEPARATOR.split(value) if part]
        namespace = namespace_of_column(identifier.heading.text, template, parts)
        by_value = _resolve_values(sheet, identifier, namespace)
    if symbol:
        _account_symbols(sheet, identifier, symbol, by_value)
        if identifier:
            _label_genes(sheet, identifier, symbol, by_value)
    return GeneColumns(number, identifier, symbol, by_value)


def _resolve_values(sheet: Sheet, column: Column, namespace: GeneNamespace | None) -> list[Targets]:
    results: list[Targets] = []
    for value, text in enumerate(column.values):
        genes, problems = _genes(text, namespace, sheet.base)
        results.append(Targets(tuple(genes), (), bool(re.search(r"\bOR\b", text)) and len(genes) > 1))
        for gene in genes:
            known = identify(gene, sheet.base)
            if known:
                sheet.names.gene_ids[gene] = (known[0].name, known[1])
        if problems:
            sheet.problem(column, value, "gene-unresolved", "; ".join(problems), lost=not genes)
        elif not genes:
            sheet.problem(column, value, "null-text", "a word for 'nothing'", severity=Severity.INFO)
    sheet.account(column, [bool(r.genes) for r in results])
    return results


def _genes(text: str, namespace: GeneNamespace | None, base: str) -> tuple[list[str], list[str]]:
    """Return the gene IRIs of a cell and what is wrong with the rest of it."""
    if is_null(text):
        return [], []
    if namespace is None:
        return [], ["no namespace is declared for this column: name it in the heading or in the bulkmap file"]
    whole = resolve_gene(text, namespace, base)
    if whole.iri:
        return [whole.iri], []
    genes: list[str] = []
    problems: list[str] = []
    for part in filter(None, _SEPARATOR.split(text)):
        found = resolve_gene(part, namespace, base)
        if found.iri and found.iri not in genes:
            genes.append(found.iri)
        if found.problem:
            problems.append(found.problem)
    return genes, problems


def _paired(genes: Sequence[str], symbol: str) -> bool:
    return len(genes) == 1 or len(_symbols(symbol)) == len(genes)


def _symbols(text: str) -> list[str]:
    return [part for part in _SEPARATOR.split(text) if part]


def _account_symbols(
    sheet: Sheet, identifier: Column | None, symbol: Column, by_value: Sequence[Targets]
) -> None:
    """Enter a symbol column: beside a gene any word is its symbol, elsewhere some words name nothing."""
    nothing = np.array([*(is_nameless(text) for text in symbol.values), False])[symbol.raw.codes]
    if identifier and identifier.file is symbol.file:
        nothing &= ~np.array([*(bool(t.genes) for t in by_value), False])[identifier.raw.codes]
    for value in np.unique(symbol.raw.codes[nothing]).tolist():
        sheet.problem(
            symbol, value, "null-text", "a word for 'nothing'", rows=nothing, severity=Severity.INFO
        )
    mapped = symbol.raw.cells - int(nothing.sum())
    sheet.ledger.count(sheet.component, symbol.file.path, symbol.heading.text, symbol.raw.cells, mapped)
    symbol.accounted = True


def _label_genes(sheet: Sheet, identifier: Column, symbol: Column, by_value: Sequence[Targets]) -> None:
    """Count which symbols stand beside which gene."""
    both = (identifier.codes >= 0) & (symbol.codes >= 0)
    pairs = np.stack([identifier.codes[both], symbol.codes[both]])
    found, counts = np.unique(pairs, axis=1, return_counts=True)
    for gene_code, symbol_code, n in zip(*found.tolist(), counts.tolist(), strict=True):
        genes, text = by_value[gene_code].genes, symbol.values[symbol_code]
        if genes and _paired(genes, text):
            labels = [text] if len(genes) == 1 else _symbols(text)
            for gene, label in zip(genes, labels, strict=True):
                sheet.names.genes.setdefault(gene, Counter())[label] += n
