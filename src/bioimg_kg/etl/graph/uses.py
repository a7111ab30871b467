"""How the things of each class are described: which properties they have, and how often.

A thing may have its class in one graph and a statement in another, so this is counted in the store.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from bioimg_kg.vocab import TYPE

ClassUses = Mapping[str, Mapping[str, int]]
"""Number of triples by class of the subject and by property."""

_QUERY: Final = f"""
SELECT ?class ?property (COUNT(*) AS ?n) WHERE {{ ?thing <{TYPE}> ?class ; ?property ?value }}
GROUP BY ?class ?property ORDER BY ?class ?property"""


def class_uses(store: Path) -> ClassUses:
    """Count the triples of each class and property, in all graphs together.

    Parameters
    ----------
    store
        A store in which no triple is in two graphs.
    """
    rows = Store.read_only(str(store)).query(_QUERY, use_default_graph_as_union=True)
    assert isinstance(rows, QuerySolutions)  # it is a SELECT
    uses: dict[str, dict[str, int]] = {}
    for row in rows:
        kind, name, number = row
        if isinstance(kind, NamedNode) and isinstance(name, NamedNode) and isinstance(number, Literal):
            uses.setdefault(kind.value, {})[name.value] = int(number.value)
    return uses
