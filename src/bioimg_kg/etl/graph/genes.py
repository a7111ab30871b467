"""Quads of genes: as the studies name them, and the one gene that all their names mean."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bioimg_kg.etl.graph.labels import write_labels
from bioimg_kg.etl.model import Names
from bioimg_kg.etl.nquads import GraphFile
from bioimg_kg.etl.tally import GraphCounts
from bioimg_kg.identifiers.genes import GeneNamespace, namespaces
from bioimg_kg.identifiers.iris import Minter
from bioimg_kg.identifiers.reference import GeneEntry, GeneReference, gene_iri
from bioimg_kg.vocab import (
    ALT_LABEL,
    BIKG,
    BIOLINK,
    CANONICAL_GENE,
    DERIVED_FROM,
    EXACT_MATCH,
    IN_TAXON,
    LABEL,
    SCHEMA,
    SEE_ALSO,
    TYPE,
)

_HAS_PRODUCT = BIOLINK + "has_gene_product"
_PROTEIN = "http://purl.uniprot.org/"


@dataclass(frozen=True, slots=True)
class GeneGraph:
    """What the graph ``reference/genes`` holds.

    Attributes
    ----------
    counts
        What is in it.
    canonical
        IRIs of the genes that the tables know.
    unknown
        Identifiers, as ``namespace:id``, that the tables do not know.
    organisms
        IRIs of the organisms of the genes.
    """

    counts: GraphCounts
    canonical: set[str]
    unknown: list[str]
    organisms: set[str]


def write_genes(names: Names, genes: GeneReference | None, quads: Path, minter: Minter) -> GeneGraph:
    """Write the graph ``reference/genes``.

    Every identifier that a study uses is a node; ``bikg:canonicalGene`` leads from it to the node that stands
    for the gene. Without reference tables each identifier stands for itself.

    Parameters
    ----------
    names
        Identifiers in use, and the words beside them.
    genes
        What the reference tables know.
    """
    unknown: list[str] = []
    canonical: dict[str, GeneEntry] = {}
    with GraphFile(quads / "reference" / "genes.nq.gz", minter.graph("reference", "genes")) as out:
        for gene, (namespace, local) in sorted(names.gene_ids.items()):
            entry = genes.find((namespace, local)) if genes else None
            if genes and not entry:
                unknown.append(f"{namespace}:{local}")
            if entry:
                canonical[gene_iri(entry.canonical, minter.base)] = entry
            _used(gene, namespace, local, names.genes.get(gene, Counter()), entry, out, minter)
            if genes and entry:
                _source(gene, genes.source((namespace, local)), out, minter)
        for iri, entry in sorted(canonical.items()):
            _canonical(iri, entry, out, minter)
            if genes:
                _source(iri, genes.source(entry.canonical), out, minter)
    organisms = {entry.organism for entry in canonical.values()}
    return GeneGraph(out.counts, set(canonical), unknown, organisms)


def _used(
    gene: str,
    namespace: str,
    local: str,
    words: Counter[str],
    entry: GeneEntry | None,
    out: GraphFile,
    minter: Minter,
) -> None:
    """Write an identifier as studies use it."""
    record = namespaces()[namespace]
    out.link(gene, TYPE, BIOLINK + record.type)
    _identifier(gene, record, local, out, minter)
    if not entry:
        write_labels(gene, words or Counter({local: 1}), out)
        out.link(gene, CANONICAL_GENE, gene)
        return
    one = gene_iri(entry.canonical, minter.base)
    out.link(gene, CANONICAL_GENE, one)
    out.link(gene, IN_TAXON, entry.organism)
    out.text(gene, LABEL, entry.symbol)
    for word in words:
        if word != entry.symbol:
            out.text(gene, ALT_LABEL, word)
    if gene != one and record.type == "Gene":
        out.link(gene, EXACT_MATCH, one)


def _source(gene: str, place: tuple[str, int], out: GraphFile, minter: Minter) -> None:
    """Write which row of which reference table has an identifier."""
    name, row = place
    if name:
        out.link(gene, DERIVED_FROM, f"{minter.reference(name)}#row={row}")


def _canonical(gene: str, entry: GeneEntry, out: GraphFile, minter: Minter) -> None:
    """Write the node that stands for a gene: today's name, the other names, its identifiers elsewhere."""
    namespace, local = entry.canonical
    record = namespaces()[namespace]
    out.link(gene, TYPE, BIOLINK + record.type)
    out.link(gene, CANONICAL_GENE, gene)
    out.link(gene, IN_TAXON, entry.organism)
    out.text(gene, LABEL, entry.symbol or local)
    for name in entry.other_names:
        out.text(gene, ALT_LABEL, name)
    _identifier(gene, record, local, out, minter)
    for other_namespace, other_id in entry.ids[1:]:
        other = namespaces()[other_namespace]
        if other.type == "Gene" and not other.name.endswith(".annotation"):
            out.link(gene, EXACT_MATCH, gene_iri((other_namespace, other_id), minter.base))
            for template in other.exact_match:
                out.link(gene, EXACT_MATCH, template.format(id=other_id, base=minter.base))
            if other.literal:
                out.text(gene, BIKG + other.literal, other_id)
    for same in entry.same:
        out.link(gene, EXACT_MATCH, same)
    for link in entry.links:
        out.link(gene, _HAS_PRODUCT if link.startswith(_PROTEIN) else SEE_ALSO, link)


def _identifier(gene: str, record: GeneNamespace, local: str, out: GraphFile, minter: Minter) -> None:
    out.text(gene, SCHEMA + "identifier", local)
    if record.literal:
        out.text(gene, BIKG + record.literal, local)
    for predicate, templates in (
        (EXACT_MATCH, record.exact_match),
        (SEE_ALSO, record.see_also),
        (SCHEMA + "url", (record.url,) if record.url else ()),
    ):
        for template in templates:
            out.link(gene, predicate, template.format(id=local, base=minter.base))
