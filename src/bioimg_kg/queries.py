r"""Named queries: the questions that the graph was built for, one file each in ``queries/``.

A file is SPARQL with a header::

    #+ question: Which genes show this phenotype?
    #+ description: Counts studies and records per gene, the authors' own mapping only.
    #+ tags: gene, phenotype
    #+ param: phenotype term CMPO:0000077 A phenotype of CMPO
    #+ param: label string "mitotic delay" Words of the authors
    #+ param: species term - An organism; the dash says that there is no default
    SELECT ... { VALUES ?phenotype { {{phenotype}} } ... }

Values never become part of a query as text: each is read as its type and written as an RDF term.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.genes import namespaces
from bioimg_kg.identifiers.prefixes import expand
from bioimg_kg.resources import data_path
from bioimg_kg.vocab import DEFAULT_BASE

Values = Mapping[str, str | Sequence[str]]

_HEADER: Final = re.compile(r"#\+\s*(\w+)\s*:\s*(.*)")
_PARAM: Final = re.compile(r'(?P<name>[a-z]\w*)\s+(?P<type>[a-z]+)\s+(?P<default>"[^"]*"|\S+)\s*(?P<text>.*)')
_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NO_DEFAULT: Final = "-"
_NUMBERS: Final = frozenset({"integer", "decimal"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a named query asks its user for.

    Attributes
    ----------
    name
        Name of the parameter, which is also the variable of its VALUES block.
    type
        ``iri``, ``term``, ``gene``, ``string``, ``integer`` or ``decimal``. The first four take a list
        with commas; a string that contains a comma is put in double quotes.
    default
        Value if none is given, as a user would write it; None if one must be given.
    description
        One sentence for a form or a help text.
    """

    name: str
    type: str
    default: str | None
    description: str

    @property
    def example(self) -> str:
        """A value that is right."""
        return self.default or _EXAMPLES[self.type]


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A question with its SPARQL and its parameters.

    Attributes
    ----------
    name
        File name without ``.rq``; part of URLs and of the command line.
    question, description, tags
        What it answers, in the words of a user.
    parameters
        In the order of the file.
    text
        The SPARQL, with ``{{name}}`` where the values go.
    """

    name: str
    question: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str

    def bind(self, values: Values | None = None) -> str:
        """Return the query with values in place; parameters that are not given take their defaults.

        Parameters
        ----------
        values
            Text of each parameter, or a list of texts.

        Raises
        ------
        ConfigError
            A parameter is unknown or missing, or a value is not of its type.

        Examples
        --------
        >>> query = parse_query("demo", '''#+ question: What is it?
        ... #+ param: phenotype term CMPO:0000077 A phenotype
        ... SELECT * { VALUES ?phenotype { {{phenotype}} } }''')
        >>> query.bind({"phenotype": "CMPO:0000118"})
        'SELECT * { VALUES ?phenotype { <http://www.ebi.ac.uk/cmpo/CMPO_0000118> } }'
        """
        given = dict(values or {})
        known = [parameter.name for parameter in self.parameters]
        if unknown := sorted(set(given) - set(known)):
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            message = f"query {self.name!r} has no parameter {', '.join(map(repr, unknown))}: {takes}"
            raise ConfigError(message)
        terms = {
            parameter.name: self._terms(parameter, given.get(parameter.name)) for parameter in self.parameters
        }
        return _PLACE.sub(lambda place: terms[place[1]], self.text)

    def _terms(self, parameter: Parameter, value: str | Sequence[str] | None) -> str:
        if value is None or not any(part.strip() for part in ([value] if isinstance(value, str) else value)):
            value = parameter.default
        if value is None:
            message = (
                f"query {self.name!r} needs the parameter {parameter.name!r}, for example {parameter.example}"
            )
            raise ConfigError(message)
        texts = _split(parameter, value) if isinstance(value, str) else list(value)
        if len(texts) > 1 and parameter.type in _NUMBERS:
            message = f"parameter {parameter.name!r} takes one value, not {len(texts)}"
            raise ConfigError(message)
        return " ".join(_term(parameter, text) for text in texts)


def load_queries(folder: Path | None = None) -> tuple[NamedQuery, ...]:
    """Read the named queries, in the order of their names.

    Parameters
    ----------
    folder
        Folder with ``.rq`` files; that of the package if not given.

    Raises
    ------
    ConfigError
        A file is not a named query; the message names the file and what is wrong.
    """
    return _load(folder or data_path("queries"))


def get_query(name: str, folder: Path | None = None) -> NamedQuery:
    """Return the query of a name.

    Raises
    ------
    ConfigError
        There is none; the message lists the names.
    """
    queries = {query.name: query for query in load_queries(folder)}
    if name not in queries:
        message = f"no query is named {name!r}; there are: {', '.join(queries) or 'none'}"
        raise ConfigError(message)
    return queries[name]


def parse_query(name: str, content: str) -> NamedQuery:
    """Read one file.

    Parameters
    ----------
    name
        Name of the query.
    content
        Content of the file.

    Raises
    ------
    ConfigError
        A header line cannot be read, or the parameters and the places for them differ.
    """
    fields: dict[str, str] = {}
    parameters: list[Parameter] = []
    body: list[str] = []
    for line in content.splitlines():
        match = _HEADER.fullmatch(line.strip())
        if match is None:
            body.append(line)
        elif match[1] == "param":
            parameters.append(_parameter(name, match[2]))
        elif match[1] in {"question", "description", "tags"}:
            fields[match[1]] = f"{fields.get(match[1], '')} {match[2]}".strip()
        else:
            message = (
                f"queries/{name}.rq: unknown header {match[1]!r}: write question, description, tags, param"
            )
            raise ConfigError(message)
    text = "\n".join(body).strip()
    if not fields.get("question"):
        message = f"queries/{name}.rq: the line '#+ question: ...' is missing"
        raise ConfigError(message)
    declared, used = {p.name for p in parameters}, set(_PLACE.findall(text))
    if declared != used:
        odd = ", ".join(sorted(declared ^ used))
        message = (
            f"queries/{name}.rq: {odd}: every '#+ param' needs a {{{{name}}}} in the query, and the reverse"
        )
        raise ConfigError(message)
    tags = tuple(tag.strip() for tag in fields.get("tags", "").split(",") if tag.strip())
    return NamedQuery(name, fields["question"], fields.get("description", ""), tags, tuple(parameters), text)


@cache
def _load(folder: Path) -> tuple[NamedQuery, ...]:
    return tuple(
        parse_query(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq"))
    )


def _parameter(query: str, text: str) -> Parameter:
    match = _PARAM.fullmatch(text)
    if match is None or match["type"] not in _EXAMPLES:
        message = (
            f"queries/{query}.rq: cannot read '#+ param: {text}': write name, type "
            f"({', '.join(_EXAMPLES)}), default (or -) and description"
        )
        raise ConfigError(message)
    default = None if match["default"] == _NO_DEFAULT else match["default"].strip('"')
    return Parameter(match["name"], match["type"], default, match["text"])


def _split(parameter: Parameter, value: str) -> list[str]:
    """Cut a list at its commas, where the type allows lists."""
    if parameter.type in _NUMBERS:
        return [value]
    if parameter.type != "string":
        return [part for part in (piece.strip() for piece in value.split(",")) if part]
    try:
        rows = list(csv.reader([value], skipinitialspace=True, strict=True))
    except csv.Error:
        return [value]
    return [part.strip() for part in rows[0] if part.strip()]


def _term(parameter: Parameter, text: str) -> str:
    try:
        return _WRITERS[parameter.type](text.strip())
    except (ConfigError, ValueError) as error:
        message = (
            f"parameter {parameter.name!r}: {text.strip()!r} is not of type {parameter.type} "
            f"({error}); write for example {parameter.example}"
        )
        raise ConfigError(message) from error


def _iri(text: str) -> str:
    bare = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    return str(NamedNode(bare if "://" in bare or bare.startswith("urn:") else expand(bare)))


def _gene(text: str) -> str:
    """Write a gene; an identifier that only one namespace has is known without a prefix."""
    for namespace in namespaces().values():
        local = None if namespace.ambiguous else namespace.clean(text)
        if local is not None:
            return _iri(namespace.iri.format(id=local, base=DEFAULT_BASE))
    return _iri(text)


def _string(text: str) -> str:
    return str(Literal(text))


def _integer(text: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        message = "not a whole number"
        raise ValueError(message)
    return str(int(text))


def _decimal(text: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", text):
        message = "not a number like 0.05"
        raise ValueError(message)
    return text if "." in text else f"{text}.0"


_WRITERS: Final[Mapping[str, Callable[[str], str]]] = {
    "iri": _iri,
    "term": _iri,
    "gene": _gene,
    "string": _string,
    "integer": _integer,
    "decimal": _decimal,
}
_EXAMPLES: Final = {
    "iri": "https://w3id.org/bioimg-kg/id/idr/idr0012",
    "term": "CMPO:0000077",
    "gene": "ENSEMBL:ENSG00000123374",
    "string": '"mitotic delay"',
    "integer": "10",
    "decimal": "0.05",
}
