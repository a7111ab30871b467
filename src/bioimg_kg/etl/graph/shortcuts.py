"""Derived statements: one step from a gene to its phenotypes, by the rules in ``ontology/rules``.

They can be dropped and made anew at any time; nothing cites them as a source.
"""

from pathlib import Path

from pyoxigraph import QueryTriples, Store

from bioimg_kg.errors import ConfigError
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.resources import data_path


def write_shortcuts(store: Path, quads: Path, minter: Minter) -> GraphCounts:
    """Apply the rules and write the graph ``inferred/shortcuts``; returns its number of quads.

    Parameters
    ----------
    store
        A store with everything that the rules look at.
    quads
        Folder of the release's N-Quads files.

    Raises
    ------
    ConfigError
        A rule is not a CONSTRUCT query.
    """
    source = Store.read_only(str(store))
    path = quads / "inferred" / "shortcuts.nq.gz"
    with GraphFile(path, minter.graph("inferred", "shortcuts")) as out:
        for rule in sorted(data_path("ontology/rules").glob("*.rq")):
            triples = source.query(rule.read_text(encoding="utf-8"), use_default_graph_as_union=True)
            if not isinstance(triples, QueryTriples):
                message = f"{rule}: a rule must be a CONSTRUCT query"
                raise ConfigError(message)
            for triple in triples:
                # the terms of pyoxigraph are written as they stand in N-Quads
                out.line(str(triple.subject), str(triple.predicate), str(triple.object))
    return out.counts
