"""Answers of named queries as plain rows."""

from pyoxigraph import QuerySolutions, Store

from bioimg_kg.errors import ConfigError
from bioimg_kg.queries import Values, get_query

Row = dict[str, str]
"""Values of a row by column; a column without a value is an empty text."""


def ask(store: Store, name: str, values: Values | None = None) -> list[Row]:
    """Return the rows of a named query.

    Parameters
    ----------
    store
        Store of a release.
    name
        Name of the query.
    values
        Its parameters.

    Raises
    ------
    ConfigError
        There is no such query, it is no SELECT query, or a parameter is wrong.

    Examples
    --------
    >>> ask(Store(), "gene-phenotype-matrix")
    []
    """
    answer = store.query(get_query(name).bind(values), use_default_graph_as_union=True)
    if not isinstance(answer, QuerySolutions):
        message = f"query {name!r} is not a SELECT query"
        raise ConfigError(message)
    columns = [variable.value for variable in answer.variables]
    return [{column: _text(solution[column]) for column in columns} for solution in answer]


def _text(term: object) -> str:
    return str(getattr(term, "value", "") or "")
