"""Phenotypes that are more frequent in a list of genes than among all genes that were studied.

The hypergeometric test (Fisher's exact test, one-sided) per term, with all narrower terms counted for it, and
the correction for many tests of Benjamini and Hochberg. ``docs/analysis.md`` says what the background is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import Store
from scipy.stats import false_discovery_control, hypergeom

from bioimg_kg.analysis.answers import ask
from bioimg_kg.analysis.genelist import GeneList
from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.prefixes import compact


@dataclass(frozen=True, slots=True)
class Enriched:
    """A phenotype and how frequent it is.

    Attributes
    ----------
    term, label
        IRI and name of the term.
    hits, listed
        Genes of the list that have the term or a narrower one, and genes of the list in the background.
    annotated, background
        Genes of the background that have it, and all of them.
    fold
        The frequency in the list over that in the background.
    p, q
        Probability of so many hits or more by chance; the same, corrected for the number of terms.
    genes
        Symbols of the hits.
    """

    term: str
    label: str
    hits: int
    listed: int
    annotated: int
    background: int
    fold: float
    p: float
    q: float
    genes: str


def p_values(
    hits: Sequence[int], listed: int, annotated: Sequence[int], background: int
) -> tuple[list[float], list[float]]:
    """Return the probabilities of so many hits or more, and the same corrected for the number of tests.

    Parameters
    ----------
    hits, annotated
        For each term: genes of the list with it, genes of the background with it.
    listed, background
        Size of the list and of the background.

    References
    ----------
    Rivals et al. 2007, doi:10.1093/bioinformatics/btl633 (the test); Benjamini and Hochberg 1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x (the correction).

    Examples
    --------
    Two of two genes have a term that three of six genes have: 3/6 * 2/5.

    >>> p, q = p_values([2, 0], 2, [3, 1], 6)
    >>> [round(x, 6) for x in p], [round(x, 6) for x in q]
    ([0.2, 1.0], [0.4, 1.0])
    """
    if not hits:
        return [], []
    tail = hypergeom.sf(np.array(hits) - 1, background, np.array(annotated), listed)
    p = np.clip(tail, 0.0, 1.0)
    return p.tolist(), false_discovery_control(p, method="bh").tolist()


def enriched_phenotypes(store: Store, genes: GeneList, taxon: str) -> list[Enriched]:
    """Return the phenotypes of a list of genes, the least probable first.

    Every term that some gene of the background has is a test and counts for the correction; terms without a
    gene of the list are left out of the result.

    Parameters
    ----------
    store
        Store of a release.
    genes
        The list, of one organism.
    taxon
        IRI of that organism.

    Raises
    ------
    ConfigError
        No gene of the list is in the background.
    """
    studied = [gene.iri for gene in genes.genes if gene.studied]
    rows = ask(store, "phenotypes-of-gene-list", {"genes": studied, "taxon": taxon}) if studied else []
    if not rows or int(rows[0]["listed"]) == 0:
        message = (
            f"no gene of the list is one of {compact(taxon)} whose loss was studied: "
            "`bioimg-kg query --name genes-of-name` shows what is known of a name"
        )
        raise ConfigError(message)
    listed, background = int(rows[0]["listed"]), int(rows[0]["background"])
    hits = [int(row["inList"]) for row in rows]
    annotated = [int(row["withPhenotype"]) for row in rows]
    p, q = p_values(hits, listed, annotated, background)
    found = [
        Enriched(
            row["term"],
            row["label"],
            hits[i],
            listed,
            annotated[i],
            background,
            (hits[i] / listed) / (annotated[i] / background),
            p[i],
            q[i],
            row["genes"],
        )
        for i, row in enumerate(rows)
        if hits[i]
    ]
    return sorted(found, key=lambda one: (one.p, -one.fold, one.term))
