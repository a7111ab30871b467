"""From the answer of another endpoint to the rows of a VALUES block; the reading is done in a worker process.

What another server sends is parsed where it can do no harm: with a deadline, a memory limit and no sockets.

Source: https://www.w3.org/TR/sparql11-results-json/
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    Triple,
    parse_query_results,
)

from bioimg_kg.endpoint.federation.body import JSON
from bioimg_kg.endpoint.workers.frames import Rows, Table
from bioimg_kg.errors import RemoteError

Term = NamedNode | BlankNode | Literal | Triple
Row = Sequence[tuple[str, Term]]

_NO_ROWS = "it answered with true or false instead of rows"


def read_rows(table: Table) -> Rows:
    r"""Read results and write them as rows of VALUES.

    A variable that was not asked for is left out. A blank node becomes an IRI that begins with
    ``table.blank_prefix``, which :func:`restore` turns into a blank node again.

    Raises
    ------
    RemoteError
        They are not the results of a SELECT query.

    Examples
    --------
    >>> body = b'''{"head": {"vars": ["a"]}, "results": {"bindings": [
    ...   {"a": {"type": "uri", "value": "http://x"}}, {}]}}'''
    >>> read_rows(Table("application/sparql-results+json", ("a",), "urn:blank:", body)).text
    '(<http://x>)\n(UNDEF)\n'
    """
    lines: list[str] = []
    loose: set[str] = set()
    blank: set[str] = set()
    try:
        for row in _from_json(table.body) if table.media_type == JSON else _from_xml(table.body):
            found = dict(row)
            cells = []
            for name in table.variables:
                term = found.get(name)
                if term is None:
                    loose.add(name)
                elif isinstance(term, BlankNode):
                    blank.add(name)
                cells.append(_write(term, table.blank_prefix))
            lines.append(f"({' '.join(cells)})\n")
    except (SyntaxError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        message = f"its answer is not what it says it is, {table.media_type} ({str(error)[:200]})"
        raise RemoteError(message) from error
    return Rows(len(lines), tuple(sorted(loose)), tuple(sorted(blank)), "".join(lines))


def _from_json(body: bytes) -> Iterator[Row]:
    """Yield the rows of SPARQL JSON; pyoxigraph does not read the blank nodes of Virtuoso (nodeID://b1)."""
    content = json.loads(body)
    if "boolean" in content:
        raise RemoteError(_NO_ROWS)
    for binding in content["results"]["bindings"]:
        yield [(name, _term(value)) for name, value in binding.items()]


def _term(value: dict[str, Any]) -> Term:
    text = value["value"]
    match value["type"]:
        case "uri":
            return NamedNode(text)
        case "bnode":
            return BlankNode("b" + text.encode().hex())
        case "literal" | "typed-literal" if "its:dir" not in value:
            if "xml:lang" in value:
                return Literal(text, language=value["xml:lang"])
            return (
                Literal(text, datatype=NamedNode(value["datatype"])) if "datatype" in value else Literal(text)
            )
    message = f"a term of type {value['type']!r}"
    raise ValueError(message)


def _from_xml(body: bytes) -> Iterator[Row]:
    results = parse_query_results(body, QueryResultsFormat.XML)
    if isinstance(results, QueryBoolean):
        raise RemoteError(_NO_ROWS)
    names = [variable.value for variable in results.variables]
    for row in results:
        yield [(name, term) for name, term in zip(names, row, strict=True) if term is not None]


def _write(term: Term | None, blank_prefix: str) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):
        return f"<{blank_prefix}{term.value}>"
    if isinstance(term, Triple):
        message = "a triple term"
        raise TypeError(message)
    return str(term)


def restore(prefix: str, term: Term) -> Term:
    """Return the blank node that an IRI stands for, or the term itself.

    Examples
    --------
    >>> restore("urn:blank:", NamedNode("urn:blank:1-b1")), restore("urn:blank:", NamedNode("http://x"))
    (<BlankNode value=s1-b1>, <NamedNode value=http://x>)
    """
    if isinstance(term, NamedNode) and term.value.startswith(prefix):
        return BlankNode("s" + term.value.removeprefix(prefix))
    return term


def values_block(variables: Sequence[str], rows: Sequence[Rows], function: str) -> str:
    r"""Return the graph pattern whose solutions are some rows.

    Parameters
    ----------
    variables
        Names of the columns.
    rows
        The rows, in any number of parts.
    function
        IRI of the function that restores blank nodes.

    Examples
    --------
    >>> values_block(["a"], [Rows(1, (), (), "(<http://x>)")], "urn:blank:")
    'VALUES (?a) {\n(<http://x>)}'
    >>> values_block(["a"], [Rows(1, (), ("a",), "(<urn:blank:1>)")], "urn:blank:")
    '{ SELECT (<urn:blank:>(?__0) AS ?a) { VALUES (?__0) {\n(<urn:blank:1>)} } }'
    """
    blank = {name for part in rows for name in part.blank}
    apart = "_" * max(map(len, variables), default=0)  # longer than any variable, so none of them
    inner = [f"?{apart}_{n}" if v in blank else f"?{v}" for n, v in enumerate(variables)]
    block = f"VALUES ({' '.join(inner)}) {{\n{''.join(part.text for part in rows)}}}"
    if not blank:
        return block
    shown = [
        f"(<{function}>({name}) AS ?{v})" if v in blank else name
        for name, v in zip(inner, variables, strict=True)
    ]
    return f"{{ SELECT {' '.join(shown)} {{ {block} }} }}"
