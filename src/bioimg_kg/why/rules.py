"""The rules of ``ontology/rules``, asked backwards: from a derived statement to what it was derived from."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple, Variable

from bioimg_kg.errors import ConfigError
from bioimg_kg.resources import data_path
from bioimg_kg.why.graph import SCAN, Graph

_PREFIX = re.compile(r"^PREFIX\s+(\w*):\s*<([^>]+)>", re.MULTILINE)
_CONSTRUCT = re.compile(r"CONSTRUCT\s*\{([^}]*)\}\s*WHERE")
_TRIPLE = re.compile(r"\?(\w+)\s+(\w+):(\w+)\s+\?(\w+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes
    ----------
    name
        Its file.
    words
        What it means, from the comment at its top.
    heads
        Variable, predicate IRI and variable of each statement that it makes.
    select
        The query for everything that its conditions hold of.
    """

    name: str
    words: str
    heads: tuple[tuple[str, str, str], ...]
    select: str

    def support(
        self, graph: Graph, subject: NamedNode, predicate: str, obj: NamedNode
    ) -> list[dict[str, str]]:
        """Return the ways in which a statement follows from this rule: IRIs by variable.

        The values are bound to the variables of the parsed rule; they are never part of its text.
        """
        found: dict[tuple[tuple[str, str], ...], None] = {}
        for start, made, end in self.heads:
            if made != predicate:
                continue
            bound: dict[Variable, NamedNode | BlankNode | Literal | Triple] = {
                Variable(start): subject,
                Variable(end): obj,
            }
            answer = graph.store.query(self.select, use_default_graph_as_union=True, substitutions=bound)
            assert isinstance(answer, QuerySolutions), self.name
            names = [v.value for v in answer.variables if v.value not in (start, end)]
            for solution in islice(answer, SCAN):
                nodes = ((n, solution[n]) for n in names)
                found[tuple((n, node.value) for n, node in nodes if isinstance(node, NamedNode))] = None
        return [dict(way) for way in sorted(found)]


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, in the order in which a build applies them.

    Raises
    ------
    ConfigError
        A rule is not written as the others are.
    """
    return tuple(
        _rule(path.name, path.read_text(encoding="utf-8")) for path in sorted(_folder().glob("*.rq"))
    )


def _folder() -> Path:
    return data_path("ontology/rules")


def _rule(name: str, text: str) -> Rule:
    prefixes = dict(_PREFIX.findall(text))
    construct = _CONSTRUCT.search(text)
    if construct is None:
        message = f"ontology/rules/{name}: expected CONSTRUCT {{ ... }} WHERE"
        raise ConfigError(message)
    subject = ""
    heads: list[tuple[str, str, str]] = []
    for part in construct[1].split(";"):
        match = _TRIPLE.search(part if not heads else f"?{subject} {part}")
        if match is None or match[2] not in prefixes:
            message = (
                f"ontology/rules/{name}: cannot read {part.strip()!r} as ?subject prefix:predicate ?object"
            )
            raise ConfigError(message)
        subject = match[1]
        heads.append((subject, prefixes[match[2]] + match[3], match[4]))
    words = " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))
    select = f"{text[: construct.start()]}SELECT * WHERE{text[construct.end() :]}"
    return Rule(name, words, tuple(heads), select)
