"""The phenotypes that a study text declares for a component: one per column."""

from bioimg_kg.etl.idr.reading import SectionReader, TermKeys
from bioimg_kg.etl.rows import StudyPhenotype

_NAME, _TEXT, _SCORE = "Phenotype Name", "Phenotype Description", "Phenotype Score Type"
_TERM = TermKeys("Phenotype Term Name", "Phenotype Term Source REF", "Phenotype Term Accession")


def read_phenotypes(reader: SectionReader) -> list[StudyPhenotype]:
    """Read the declared phenotypes; the position of a column is the key of its phenotype.

    Rows are found by their keys, whatever their order. A second set of the three term rows gives some of
    the columns a second term.
    """
    columns = range(reader.width(_NAME, _TERM.label, _TERM.accession))
    return [found for column in columns if (found := _read_column(reader, column)) is not None]


def _read_column(reader: SectionReader, column: int) -> StudyPhenotype | None:
    sets = range(max(len(reader.section.rows.get(key, ())) for key in (_TERM.label, _TERM.accession)))
    if not reader.peek(_NAME, column):
        for row in sets:
            for key in (_TERM.accession, _TERM.label, _TERM.source):
                message = "a term without a phenotype name in its column: name the phenotype"
                if reader.peek(_TERM.accession, column, row) or reader.peek(_TERM.label, column, row):
                    reader.reject("phenotype-without-name", message, key, column, row)
        return None
    terms = [(row, _term(reader, column, row)) for row in sets]
    return StudyPhenotype(
        key=str(column + 1),
        label=reader.take(_NAME, column),
        description=reader.take(_TEXT, column),
        score_type=reader.take(_SCORE, column),
        terms=tuple(dict.fromkeys(iri for _, iri in terms if iri)),
        rows=(reader.line(_NAME), *sorted({reader.line(_TERM.accession, row) for row, iri in terms if iri})),
    )


def _term(reader: SectionReader, column: int, row: int) -> str | None:
    if not reader.peek(_TERM.accession, column, row):
        message = "a term name without its accession: add the accession"
        reader.reject("term-unresolved", message, _TERM.label, column, row)
        return None
    term = reader.term(_TERM, column, row)
    return term.iri if term else None
