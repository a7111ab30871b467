"""How alike the phenotypes of two genes are, by the terms that they share and how rare these are.

Each gene has its terms and all broader ones. The information content of a term is -ln of the share of genes
that have it, so that sharing a rare phenotype counts for much and sharing "cellular phenotype" for nothing.
The method is described with its sources in ``docs/analysis.md``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Store

from bioimg_kg.analysis.answers import Row, ask
from bioimg_kg.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Similar:
    """A gene and how alike its phenotypes are.

    Attributes
    ----------
    gene, symbol, organism
        IRI, name of today, IRI of the taxon (empty if no table knows the gene).
    simgic
        Information content of the shared terms over that of all terms of both: 0 to 1.
    resnik
        Average information content of the best common term, over the terms of both genes.
    shared
        Labels of the most specific shared terms, the most informative first.
    """

    gene: str
    symbol: str
    organism: str
    simgic: float
    resnik: float
    shared: tuple[str, ...]


class PhenotypeSpace:
    """Genes by terms, with the information content of each term.

    Parameters
    ----------
    pairs
        Rows of ``gene-phenotype-matrix``.
    hierarchy
        Rows of ``phenotype-hierarchy``.

    Attributes
    ----------
    genes, terms
        IRIs, sorted: rows and columns of the matrices.
    information
        -ln of the share of genes that have each term or a narrower one.

    References
    ----------
    Resnik 1995, arXiv:cmp-lg/9511007 (information content); Pesquita et al. 2008,
    doi:10.1186/1471-2105-9-S5-S4 (simGIC, best-match average).

    Examples
    --------
    >>> row = lambda gene, term: {"gene": gene, "symbol": gene.upper(), "organism": "", "term": term}
    >>> space = PhenotypeSpace(
    ...     [row("a", "long"), row("b", "long"), row("c", "round"), row("d", "round")],
    ...     [{"term": term, "label": term, "broader": "shape"} for term in ("long", "round")],
    ... )
    >>> [(one.symbol, one.simgic, one.shared) for one in space.like("a")]
    [('B', 1.0, ('long',)), ('C', 0.0, ('shape',)), ('D', 0.0, ('shape',))]
    """

    def __init__(self, pairs: list[Row], hierarchy: list[Row]) -> None:
        self.genes = sorted({row["gene"] for row in pairs})
        edges = {(row["term"], row["broader"]) for row in hierarchy if row["broader"]}
        self.terms = sorted({row["term"] for row in [*pairs, *hierarchy]} | {broader for _, broader in edges})
        self._facts = {row["gene"]: (row["symbol"], row["organism"]) for row in pairs}
        self._labels = {row["term"]: row["label"] for row in hierarchy}
        place = {term: i for i, term in enumerate(self.terms)}
        self._row = {gene: i for i, gene in enumerate(self.genes)}
        above = np.eye(len(self.terms), dtype=np.float32)
        for term, broader in edges:
            above[place[term], place[broader]] = 1
        self._above = _closure(above)
        self._direct = np.zeros((len(self.genes), len(self.terms)), dtype=bool)
        for row in pairs:
            self._direct[self._row[row["gene"]], place[row["term"]]] = True
        self._closed = (self._direct.astype(np.float32) @ self._above.astype(np.float32)) > 0
        counts = np.maximum(self._closed.sum(axis=0), 1)
        self.information: NDArray[np.float64] = np.abs(np.log(counts / max(len(self.genes), 1)))

    @classmethod
    def of(cls, store: Store) -> "PhenotypeSpace":
        """Read all genes of a release whose loss has a phenotype with a term."""
        return cls(ask(store, "gene-phenotype-matrix"), ask(store, "phenotype-hierarchy"))

    def like(self, gene: str, limit: int | None = None) -> list[Similar]:
        """Return all other genes, the most alike first.

        Parameters
        ----------
        gene
            IRI of a gene.
        limit
            How many; all if not given.

        Raises
        ------
        ConfigError
            The loss of the gene has no phenotype with a term.
        """
        if gene not in self._row:
            message = f"no study reports a phenotype with an ontology term for the loss of {gene}"
            raise ConfigError(message)
        mine = self._row[gene]
        simgic, resnik = self._simgic(mine).tolist(), self._resnik(mine).tolist()
        order = sorted(
            (i for i in range(len(self.genes)) if i != mine),
            key=lambda i: (-round(simgic[i], 12), -round(resnik[i], 12), self.genes[i]),
        )
        return [
            Similar(self.genes[i], *self._facts[self.genes[i]], simgic[i], resnik[i], self._shared(mine, i))
            for i in order[:limit]
        ]

    def _simgic(self, mine: int) -> NDArray[np.float64]:
        """Weighted Jaccard index of the closed sets of terms."""
        shared = (self._closed & self._closed[mine]) @ self.information
        either = (self._closed | self._closed[mine]) @ self.information
        result: NDArray[np.float64] = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
        return result

    def _resnik(self, mine: int) -> NDArray[np.float64]:
        """Best-match average: each term of one gene with its best term of the other, in both directions."""
        terms = np.flatnonzero(self._direct[mine])
        # information content of the best common ancestor of each of my terms with every term
        best = np.array([np.max((self._above & self._above[t]) * self.information, axis=1) for t in terms])
        theirs = self._direct @ best.max(axis=0) / self._direct.sum(axis=1)
        ours = np.mean([np.max(self._direct * row, axis=1) for row in best], axis=0)
        return np.asarray((theirs + ours) / 2)

    def _shared(self, one: int, other: int) -> tuple[str, ...]:
        """Name the most specific of the shared terms."""
        both = self._closed[one] & self._closed[other]
        covered = (self._above[both].sum(axis=0) > 1) & both
        specific = np.flatnonzero(both & ~covered)
        ranked = sorted(specific, key=lambda t: (-self.information[t], self.terms[t]))
        return tuple(self._labels.get(self.terms[t], self.terms[t]) for t in ranked)


def _closure(above: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which term is below which, over any number of steps."""
    while True:
        further = ((above @ above) > 0).astype(np.float32)
        if np.array_equal(further, above):
            return above > 0
        above = further
