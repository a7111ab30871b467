"""Measure genes for a phenotype with narrower terms by the derived shortcut and by associations, in one run.

Both forms of a question are asked in one run, after one round to warm up that asserts equal answers. The form
over associations is the plain one that a user would write: role, gene that stands for all identifiers, and no
call that could mean another gene.

Examples
--------
  python benchmarks/shortcuts.py --data data --repeat 5
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from pyoxigraph import QuerySolutions, Store

from bioimg_kg.release import current_release
from bioimg_kg.store import open_readonly

_HEAD = """
PREFIX bikg: <https://w3id.org/bioimg-kg/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
_BELOW = "{ SELECT DISTINCT ?below WHERE { ?below rdfs:subClassOf* <%s> } }"
SHORTCUT = _HEAD + "SELECT DISTINCT ?gene WHERE { " + _BELOW + " ?gene bikg:lossOfFunctionPhenotype ?below }"
ASSOCIATION = (
    _HEAD
    + "SELECT DISTINCT ?gene WHERE { "
    + _BELOW
    + """ ?call rdf:object ?below ; bikg:geneRole bikg:PerturbationTarget ; rdf:subject ?used .
    ?used bikg:canonicalGene ?gene .
    MINUS { ?call bikg:targetAmbiguous true } }"""
)
TERMS = (
    _HEAD
    + """SELECT ?term (COUNT(DISTINCT ?gene) AS ?genes) WHERE {
      { SELECT DISTINCT ?below ?term WHERE {
          { SELECT DISTINCT ?below WHERE { ?any bikg:lossOfFunctionPhenotype ?below } }
          ?below rdfs:subClassOf* ?term } }
      ?gene bikg:lossOfFunctionPhenotype ?below
    } GROUP BY ?term ORDER BY DESC(?genes) ?term"""
)


def ask(store: Store, query: str) -> list[str]:
    """Return the first column of an answer."""
    answer = store.query(query, use_default_graph_as_union=True)
    if not isinstance(answer, QuerySolutions):
        message = "the benchmark asks SELECT queries only"
        raise TypeError(message)
    return [str(row[0]) for row in answer]


def chosen(terms: Sequence[str], number: int) -> list[str]:
    """Return terms spread evenly from the broadest to the rarest.

    Examples
    --------
    >>> chosen(["a", "b", "c", "d", "e"], 3)
    ['a', 'c', 'e']
    """
    if len(terms) <= number:
        return list(terms)
    step = (len(terms) - 1) / (number - 1)
    return [terms[round(i * step)] for i in range(number)]


def measure(store: Store, query: str, repeat: int) -> float:
    """Return the median of the seconds that an answer takes."""
    seconds = []
    for _ in range(repeat):
        begin = time.perf_counter()
        ask(store, query)
        seconds.append(time.perf_counter() - begin)
    return median(seconds)


def main(arguments: Sequence[str]) -> None:
    """Measure and print the medians over all terms."""
    made = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    made.add_argument("--data", type=Path, default=Path("data"), help="data folder of the release")
    made.add_argument("--terms", type=int, default=40, help="number of terms, from broad to rare")
    made.add_argument("--repeat", type=int, default=3, help="how often each is asked; the median counts")
    options = made.parse_args(arguments)
    store = open_readonly(current_release(options.data).store)
    terms = [term.strip("<>") for term in chosen(ask(store, TERMS), max(2, options.terms))]
    if not terms:
        message = "this release has no shortcuts: build it anew"
        raise SystemExit(message)
    found = []
    for term in terms:  # the round to warm up
        short, long = sorted(ask(store, SHORTCUT % term)), sorted(ask(store, ASSOCIATION % term))
        if short != long:
            message = f"{term}: {len(short)} genes by the shortcut, {len(long)} by associations"
            raise SystemExit(message)
        found.append(len(short))
    times = [
        (measure(store, SHORTCUT % term, options.repeat), measure(store, ASSOCIATION % term, options.repeat))
        for term in terms
    ]
    short, long = (median(column) * 1000 for column in zip(*times, strict=True))
    ratio = median(slow / fast for fast, slow in times)
    print(f"{len(terms)} terms, {min(found):,} to {max(found):,} genes, answers equal\n")
    print("| form | median ms | slowest ms |\n|---|---:|---:|")
    print(f"| shortcut | {short:.2f} | {max(fast for fast, _ in times) * 1000:.1f} |")
    print(f"| association | {long:.2f} | {max(slow for _, slow in times) * 1000:.1f} |")
    print(f"\nassociation / shortcut: {long / short:.1f} of the medians, {ratio:.1f} the median of each term")


if __name__ == "__main__":
    main(sys.argv[1:])
