"""What was imaged: organism, cell line, tissue and the like, as shared biosamples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bioimg_kg.etl.coded import Codes, blank, combine
from bioimg_kg.etl.idr.sheet import Column, Sheet
from bioimg_kg.etl.idr.termed import resolve_termed
from bioimg_kg.etl.model import Term
from bioimg_kg.etl.rows import Biosample, Slot
from bioimg_kg.resources import table_rows
from bioimg_kg.vocab import BIKG, IN_TAXON


@dataclass(frozen=True, slots=True)
class _Trait:
    """A column of the biosample: its property for terms and for words, and what each value means."""

    property: str
    words: str
    codes: Codes
    terms: Sequence[Term | None]


@cache
def _properties() -> dict[str, tuple[str, str]]:
    """Return property and kind (term or text) of each characteristic."""
    return {row[0]: (row[1], row[2]) for row in table_rows("mappings/biosample-columns.tsv")}


def biosample_slot(sheet: Sheet, organisms: Sequence[Term], known: Mapping[str, str]) -> Slot[Biosample]:
    """Give each row of a table its biosample.

    Parameters
    ----------
    sheet
        The table.
    organisms
        Organisms of the component; the only one is used where the table has no organism column.
    known
        Term IRIs by words in lower case.
    """
    traits = [trait for column in sheet.columns if (trait := _trait(sheet, column, known))]
    if not any(t.property == IN_TAXON for t in traits) and len(organisms) == 1:
        everywhere = blank(len(sheet)).codes + 1
        traits.append(_Trait(IN_TAXON, BIKG + "organismName", everywhere, [organisms[0]]))
    if not traits:
        return Slot(blank(len(sheet)).codes, [])
    codes, first = combine([trait.codes for trait in traits])
    return Slot(codes, [_biosample(traits, int(row)) for row in first])


def _trait(sheet: Sheet, column: Column, known: Mapping[str, str]) -> _Trait | None:
    """Read a column that says something of the biosample.

    A second organism is what the first one is infected with: one biosample has one host.
    """
    heading = column.heading
    if heading.role != "characteristic":
        return None
    name, kind = _properties().get(heading.name, ("", ""))
    if not name:
        return None
    if name == "organism" and heading.number > 1:
        name = "infectedWith"
    words = BIKG + name + ("Name" if kind == "term" else "")
    property_ = IN_TAXON if name == "organism" else BIKG + name
    if kind == "text":
        good = zip(column.values, sheet.words(column), strict=True)
        return _Trait(property_, words, column.codes, [Term(text) if fine else None for text, fine in good])
    return _Trait(property_, words, column.codes, resolve_termed(sheet, column, known))


def _biosample(traits: Sequence[_Trait], row: int) -> Biosample:
    terms, texts = set(), set()
    for trait in traits:
        code = int(trait.codes[row])
        term = trait.terms[code] if code >= 0 else None
        if term is None:
            continue
        if term.iri:
            terms.add((trait.property, term.iri))
        else:
            texts.add((trait.words, term.label))
    return Biosample(terms=tuple(sorted(terms)), texts=tuple(sorted(texts)))
