"""What is seen where, side by side: a table of rows and terms, the terms under broader ones."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bioimg_kg.endpoint.views.grid import Shown, shown_study, shown_thing
from bioimg_kg.endpoint.views.model import Row


@dataclass(frozen=True, slots=True)
class Group:
    """A broader term with the columns that stand below it."""

    head: Shown
    columns: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is in a cell; ``weight`` is from 1, little, to 4, the most of the table."""

    text: str
    href: str
    title: str
    weight: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows with a cell for each column of all groups; None where nothing was called."""

    groups: tuple[Group, ...]
    rows: tuple[tuple[Shown, tuple[Mark | None, ...]], ...]
    coarse: "Matrix | None" = None


def matrix(by: str = "study") -> Callable[[Sequence[Row]], Matrix]:
    """Return a function that arranges an answer of ``phenotype-matrix-of-genes``.

    Parameters
    ----------
    by
        What a row is: ``study`` for one gene, ``gene`` for several. A cell counts records; where a study has
        none for its calls, it counts the calls.

    Examples
    --------
    >>> place = "http://example.org/"
    >>> call = {"gene": place + "1", "symbol": "SGO1", "study": "idr0012", "term": place + "round",
    ...         "label": "round cell", "broader": place + "shape", "broaderLabel": "shape", "calls": "1",
    ...         "records": "3"}
    >>> made = matrix()([call])
    >>> made.groups[0].head.text, made.groups[0].columns[0].text, made.rows[0][1][0].text
    ('shape', 'round cell', '3')
    """

    def arrange(rows: Sequence[Row]) -> Matrix:
        home = _homes(rows)
        single = {(row.get("gene"), row.get("study"), row.get("role"), row["term"]): row for row in rows}
        fine = _make(list(single.values()), by, lambda row: (row["term"], row.get("label", "")), home)
        wide = {
            (*key, home[key[-1]][0]): {**row, "broader": home[key[-1]][0], "broaderLabel": home[key[-1]][1]}
            for key, row in single.items()
        }
        coarse = _make(
            list(wide.values()), by, lambda row: (row["broader"], row["broaderLabel"]), {}, counted="terms"
        )
        return Matrix(fine.groups, fine.rows, coarse if len(home) > 1 else None)

    return arrange


def _homes(rows: Sequence[Row]) -> dict[str, tuple[str, str]]:
    """Return for each term one broader term that it stands below: that with the most terms."""
    names = {row["broader"]: row.get("broaderLabel", "") for row in rows if row.get("broader")}
    sizes = Counter(
        broader for _, broader in {(row["term"], row["broader"]) for row in rows if row.get("broader")}
    )
    above: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        above[row["term"]] |= {row["broader"]} if row.get("broader") else set()
    best = {
        term: min(found, key=lambda broader: (-sizes[broader], names[broader], broader)) if found else ""
        for term, found in above.items()
    }
    return {term: (broader, names.get(broader, "other terms")) for term, broader in best.items()}


def _make(
    rows: Sequence[Row],
    by: str,
    column: Callable[[Row], tuple[str, str]],
    home: Mapping[str, tuple[str, str]],
    counted: str = "records",
) -> Matrix:
    columns = sorted({column(row) for row in rows}, key=lambda c: (home.get(c[0], ("", ""))[1], c[1], c[0]))
    heads = sorted({_row(row, by) for row in rows}, key=lambda head: (head.text, head.href or ""))
    cells: dict[tuple[Shown, str], list[Row]] = defaultdict(list)
    for row in rows:
        cells[_row(row, by), column(row)[0]].append(row)
    numbers = {key: _count(found, counted) for key, found in cells.items()}
    top = max(numbers.values(), default=1)
    groups: list[Group] = []
    for name in dict.fromkeys(home.get(term, ("", "")) for term, _ in columns):
        inside = tuple(shown_thing(*c) for c in columns if home.get(c[0], ("", "")) == name)
        groups.append(Group(shown_thing(*name) if name[0] else Shown(name[1]), inside))
    return Matrix(
        tuple(groups),
        tuple(
            (
                head,
                tuple(
                    _mark(cells.get((head, t)), numbers.get((head, t), 0), top, counted, n)
                    for t, n in columns
                ),
            )
            for head in heads
        ),
    )


def _row(row: Row, by: str) -> Shown:
    return shown_study(row["study"]) if by == "study" else shown_thing(row["gene"], row.get("symbol", ""))


def _count(rows: Sequence[Row], counted: str) -> int:
    if counted == "terms":
        return len({row["term"] for row in rows})
    return sum(int(row.get("records", 0)) or int(row.get("calls", 0)) for row in rows)


def _mark(rows: Sequence[Row] | None, number: int, top: int, counted: str, name: str) -> Mark | None:
    if not rows:
        return None
    has_records = any(int(row.get("records", 0)) for row in rows)
    what = counted if counted == "terms" or has_records else "calls, without records"
    asked = {"genes": rows[0]["gene"], "term": ",".join(sorted({row["term"] for row in rows}))}
    title = f"{name}: {number:,} {what}, {', '.join(sorted({row['study'] for row in rows}))}"
    # the root of the number: a study with a thousand wells must not make the others pale
    weight = 1 + min(3, int(4 * (number / top) ** 0.5 - 1e-9))
    return Mark(f"{number:,}", f"/queries/records-of-gene-with-phenotype?{urlencode(asked)}", title, weight)
