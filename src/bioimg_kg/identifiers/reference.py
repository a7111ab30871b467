"""Which identifiers mean the same gene, and what the gene is called today.

The tables come from nomenclature committees and model organism databases. They are keyed by identifiers only:
two genes of one name in two organisms never meet here.
"""

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.genes import namespaces
from bioimg_kg.vocab import DEFAULT_BASE, OBO

GeneId = tuple[str, str]
"""Namespace of ``mappings/genes.json``, and identifier."""

Row = dict[str, str]


@dataclass(slots=True)
class GeneEntry:
    """A gene, whatever it is called.

    Attributes
    ----------
    canonical
        The identifier that stands for it: Ensembl's if there is one, else the organism's own.
    taxon
        NCBI Taxonomy number.
    symbol
        Name in use today, as its committee writes it; empty if none is known.
    other_names
        Previous symbols and aliases.
    ids
        All its identifiers, the canonical one first.
    links
        IRIs of pages about it and of its protein.
    same
        Its IRIs elsewhere that follow from none of its identifiers.
    """

    canonical: GeneId
    taxon: str
    symbol: str = ""
    other_names: list[str] = field(default_factory=list)
    ids: list[GeneId] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)

    @property
    def organism(self) -> str:
        """IRI of its taxon."""
        return f"{OBO}NCBITaxon_{self.taxon}"


class GeneReference:
    """Finds the gene of an identifier.

    Examples
    --------
    >>> genes = GeneReference()
    >>> genes.add(("ensembl", "ENSG00000129810"), "9606", "SGO1", ["SGOL1"], [("ncbigene", "151648")])
    >>> genes.find(("ncbigene", "151648")).canonical
    ('ensembl', 'ENSG00000129810')
    >>> genes.find(("sgd", "YOR073W")) is None
    True
    """

    def __init__(self) -> None:
        self._by_id: dict[GeneId, GeneEntry] = {}
        self._sources: dict[GeneId, tuple[str, int]] = {}
        self.place = ("", 0)
        """File and row that is being read."""

    def source(self, gene: GeneId) -> tuple[str, int]:
        """Return file and row that an identifier comes from, the first to claim it."""
        return self._sources.get(gene, ("", 0))

    def find(self, gene: GeneId) -> GeneEntry | None:
        """Return the gene of an identifier, or None if no table has it."""
        return self._by_id.get(gene)

    def add(
        self,
        canonical: GeneId,
        taxon: str,
        symbol: str = "",
        other_names: list[str] | None = None,
        others: list[GeneId] | None = None,
        links: list[str] | None = None,
        same: list[str] | None = None,
    ) -> None:
        """Enter a gene; identifiers that another gene has already stay with that one."""
        entry = GeneEntry(canonical, taxon, symbol, list(other_names or ()))
        entry.links, entry.same = list(links or ()), list(same or ())
        for gene in (canonical, *(others or ())):
            if self._by_id.setdefault(gene, entry) is entry:
                entry.ids.append(gene)
                self._sources[gene] = self.place

    def join(self, gene: GeneId, known: GeneId) -> bool:
        """Enter one more identifier of a known gene; says whether it was free and the gene known."""
        entry = self._by_id.get(known)
        if entry is None or gene in self._by_id:
            return False
        self._by_id[gene] = entry
        self._sources[gene] = self.place
        entry.ids.append(gene)
        return True


def gene_iri(gene: GeneId, base: str = DEFAULT_BASE) -> str:
    """Return the IRI of an identifier.

    Examples
    --------
    >>> gene_iri(("ncbigene", "1025"))
    'https://www.ncbi.nlm.nih.gov/gene/1025'
    """
    return namespaces()[gene[0]].iri.format(id=gene[1], base=base)


def read_reference(folder: Path) -> GeneReference:
    """Read the gene tables of a folder; a table that is not there is left out.

    Parameters
    ----------
    folder
        Holds ``hgnc.tsv.gz``, ``yeast_genes.tsv.gz`` and so on, compressed or not.

    Raises
    ------
    ConfigError
        The folder has none of the tables, or one lacks a column.
    """
    genes = GeneReference()
    found = False
    for name, enter in _TABLES.items():
        path = table(folder, name)
        if path:
            found = True
            try:
                for number, row in enumerate(rows(path), start=2):
                    genes.place = (path.name, number)
                    enter(genes, row)
            except KeyError as error:
                message = f"{path}: no column {error}; fetch the table again"
                raise ConfigError(message) from error
    if not found:
        message = f"{folder}: none of {', '.join(_TABLES)} (.tsv.gz or .tsv) is there; name another folder"
        raise ConfigError(message)
    return genes


def table(folder: Path, name: str) -> Path | None:
    """Return the file of a table, compressed or not; None if it is not there."""
    files = (folder / f"{name}.tsv.gz", folder / f"{name}.tsv")
    return next((path for path in files if path.is_file()), None)


def rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a tab-separated table; ``na`` and ``nan`` are names, nothing is a null."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def listed(cell: str) -> list[str]:
    """Return the values of a cell that are separated by bars."""
    return [value for value in cell.split("|") if value]


def _hgnc(genes: GeneReference, row: Row) -> None:
    ensembl, ncbi = row["ensembl_gene_id"], row["ncbi_gene_id"]
    ids: list[GeneId] = [("ensembl", ensembl)] if ensembl else []
    ids += [("ncbigene", ncbi)] if ncbi else []
    if row["status"] != "Approved" or not ids:
        return
    names = [*listed(row["previous_symbols"]), *listed(row["alias_symbols"])]
    links = [f"http://identifiers.org/hgnc/{row['hgnc_id'].removeprefix('HGNC:')}"]
    links += [f"http://purl.uniprot.org/uniprot/{protein}" for protein in listed(row["uniprot_ids"])]
    genes.add(ids[0], "9606", row["symbol"], names, ids[1:], links)


def _human_ncbi(genes: GeneReference, row: Row) -> None:
    gene = ("ncbigene", row["ncbi_gene_id"])
    ensembl: list[GeneId] = [("ensembl", e) for e in listed(row["ensembl_gene_ids"])]
    if genes.find(gene) or any(genes.join(gene, known) for known in ensembl):
        return
    # several Ensembl genes for one of NCBI do not say which one it is
    canonical = ensembl[0] if len(ensembl) == 1 else gene
    genes.add(canonical, "9606", row["symbol"], listed(row["ncbi_aliases"]), [gene])


def _human_ensembl(genes: GeneReference, row: Row) -> None:
    gene = ("ensembl", row["ensembl_gene_id"])
    ncbi = listed(row["ncbi_gene_ids"])
    if genes.find(gene) or (len(ncbi) == 1 and genes.join(gene, ("ncbigene", ncbi[0]))):
        return
    genes.add(gene, "9606", row["symbol"])


def _human_refseq(genes: GeneReference, row: Row) -> None:
    genes.join(("refseq", row["refseq_accession"]), ("ncbigene", row["ncbi_gene_id"]))


def _mouse(genes: GeneReference, row: Row) -> None:
    ensembl = listed(row["ensembl_gene_id"])
    ncbi: list[GeneId] = [("ncbigene", n) for n in listed(row["ncbi_gene_id"])]
    if ensembl:
        others: list[GeneId] = [*(("ensembl", e) for e in ensembl[1:]), *ncbi]
        links = [f"http://www.informatics.jax.org/accession/{row['mgi_id']}"]
        genes.add(("ensembl", ensembl[0]), "10090", row["symbol"], listed(row["synonyms"]), others, links)


def _yeast(genes: GeneReference, row: Row) -> None:
    ncbi: list[GeneId] = [("ncbigene", n) for n in listed(row["ncbi_gene_id"])]
    same = [f"https://www.yeastgenome.org/locus/{row['sgd_id']}"]
    symbol = row["symbol"] or row["systematic_name"]
    genes.add(("sgd", row["systematic_name"]), "4932", symbol, listed(row["aliases"]), ncbi, same=same)


def _pombe(genes: GeneReference, row: Row) -> None:
    pattern = namespaces()["pombase"].pattern
    names = listed(row["synonyms"])
    others: list[GeneId] = [("pombase", name) for name in names if pattern.match(name)]
    others += [("ncbigene", n) for n in listed(row["ncbi_gene_id"])]
    words = [name for name in names if not pattern.match(name)]
    symbol = row["symbol"] or row["systematic_id"]
    genes.add(("pombase", row["systematic_id"]), "4896", symbol, words, others)


def _fly(genes: GeneReference, row: Row) -> None:
    others: list[GeneId] = [("flybase.annotation", a) for a in listed(row["annotation_id"])]
    others += [("flybase", f) for f in listed(row["secondary_fbgns"])]
    others += [("ncbigene", n) for n in listed(row["ncbi_gene_id"])]
    genes.add(("flybase", row["fbgn"]), "7227", row["symbol"], [], others)


def _fly_annotation(genes: GeneReference, row: Row) -> None:
    genes.join(("flybase.annotation", row["annotation_id"]), ("flybase", row["fbgn"]))


_TABLES: dict[str, Callable[[GeneReference, Row], None]] = {
    "hgnc": _hgnc,
    "human_ncbi_genes": _human_ncbi,
    "human_ensembl_genes": _human_ensembl,
    "human_refseq_to_gene": _human_refseq,
    "mouse_genes": _mouse,
    "yeast_genes": _yeast,
    "pombe_genes": _pombe,
    "fly_genes": _fly,
    "fly_cg_to_fbgn": _fly_annotation,
}
"""Tables in the order in which they are read: the first to claim an identifier has it."""

TABLE_NAMES = tuple(_TABLES)
"""Their names, in that order."""
