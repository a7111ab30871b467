"""Quads that all studies share: compounds, people, papers, and labels of terms."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from bioimg_kg.errors import Issue
from bioimg_kg.etl.graph.labels import write_labels
from bioimg_kg.etl.graph.shared import Shared
from bioimg_kg.etl.model import Names
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.compounds import compound_pages, resolve_inchikey
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.prefixes import compact
from bioimg_kg.vocab import EXACT_MATCH, INCHI_KEY, SCHEMA, SMALL_MOLECULE, TYPE, UNRESOLVED_TERM


def write_reference(
    shared: Shared, known_terms: Mapping[str, str], quads: Path, minter: Minter
) -> tuple[dict[str, GraphCounts], list[Issue]]:
    """Write the reference graphs.

    Parameters
    ----------
    shared
        What all studies have handed on.
    known_terms
        Label of each term that an ontology graph has. A term without one gets the words of the studies.
    quads
        Folder of the release's N-Quads files.

    Returns
    -------
    dict
        Graph name to what is in it.
    list of Issue
        Compounds that could not be joined.
    """
    counts: dict[str, GraphCounts] = {}
    names = shared.names
    issues: list[Issue] = []
    with _graph(quads, "compounds", minter) as out:
        for compound in sorted(names.compounds.keys() | names.compound_facts.keys()):
            _compound(compound, names, out)
        for key, numbers in same_structure(names.compound_facts).items():
            if len(numbers) == 1:
                out.link(key, EXACT_MATCH, numbers[0])
            else:
                issues.append(_ambiguous(key, numbers))
    counts["reference/compounds"] = out.counts
    with _graph(quads, "terms", minter) as out:
        for term, words in sorted(names.terms.items()):
            if term not in known_terms:
                out.link(term, TYPE, UNRESOLVED_TERM)
            if not known_terms.get(term):
                write_labels(term, words, out)
    counts["reference/terms"] = out.counts
    for name, triples in sorted(shared.triples.items()):
        with _graph(quads, name, minter) as out:
            for subject, predicate, token in triples:
                out.add(subject, predicate, token)
        counts[f"reference/{name}"] = out.counts
    return counts, issues


def _compound(compound: str, names: Names, out: GraphFile) -> None:
    out.link(compound, TYPE, SMALL_MOLECULE)
    write_labels(compound, names.compounds.get(compound, Counter()), out)
    for predicate, text in names.compound_facts.get(compound, ()):
        out.text(compound, predicate, text)
    page, match = compound_pages(compound)
    if page:
        out.link(compound, SCHEMA + "url", page)
        out.link(compound, EXACT_MATCH, match)


def same_structure(facts: Mapping[str, Iterable[tuple[str, str]]]) -> dict[str, list[str]]:
    """Find compounds that some studies know by InChIKey only and others by PubChem number too.

    Parameters
    ----------
    facts
        Compound IRI to (property, text).

    Returns
    -------
    dict
        Compound known by InChIKey to the compounds with a number that have this key.
    """
    numbered: dict[str, list[str]] = {}
    keyed: dict[str, str] = {}
    for compound, said in sorted(facts.items()):
        for predicate, text in said:
            if predicate == INCHI_KEY and compound == resolve_inchikey(text).iri:
                keyed[compound] = text
            elif predicate == INCHI_KEY:
                numbered.setdefault(text, []).append(compound)
    return {compound: numbered[key] for compound, key in keyed.items() if key in numbered}


def _ambiguous(compound: str, numbers: list[str]) -> Issue:
    message = f"studies give this key to several compounds ({', '.join(map(compact, numbers))}): not joined"
    return Issue(
        study="",
        file="reference",
        code="compound-inchikey-ambiguous",
        value=compact(compound),
        message=message,
    )


def _graph(quads: Path, name: str, minter: Minter) -> GraphFile:
    return GraphFile(quads / "reference" / f"{name}.nq.gz", minter.graph("reference", name))
