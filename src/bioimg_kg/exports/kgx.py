"""Associations as a knowledge graph in the form of KGX: a table of nodes and a table of edges.

Each association of the graph is one edge. Source: https://github.com/biolink/kgx/blob/master/specification/kgx-format.md
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bioimg_kg.exports.columns import ASSOCIATIONS
from bioimg_kg.exports.curies import curie
from bioimg_kg.exports.model import joined
from bioimg_kg.exports.names import ENSEMBL_ID, NCBI_GENE_ID, Names
from bioimg_kg.vocab import (
    ALT_LABEL,
    BIOLINK,
    COMPOUND_ASSOCIATION,
    EXACT_MATCH,
    GENE,
    GENE_ASSOCIATION,
    IN_TAXON,
    SMALL_MOLECULE,
    TRANSCRIPT,
    TYPE,
)

EDGES: Final = (
    *("id", "category", "subject", "predicate", "object", "original_subject"),
    *("knowledge_level", "agent_type", "primary_knowledge_source", "publications", "evidence_count"),
    *("species_context_qualifier", "subject_aspect_qualifier", "subject_direction_qualifier"),
    *("subject_form_or_variant_qualifier", "license", "annotation_level", "gene_role", "ambiguous"),
)
NODES: Final = ("id", "category", "name", "in_taxon", "in_taxon_label", "synonym", "xref", "iri")
PHENOTYPE: Final = f"{BIOLINK}PhenotypicFeature"

Node = tuple[str, str, str]
"""Its IRI, its class, and its name if the study gives one."""


def edge(row: Sequence[str], study: str, base: str) -> list[str]:
    """Return the edge of an association.

    Parameters
    ----------
    row
        A row of the table ``associations``.
    study
        IRI of the study.
    base
        Base of our own IRIs.
    """
    said = dict(zip(ASSOCIATIONS.header, row, strict=True))
    is_gene = said["kind"] == "gene"
    subject = said["gene"] if is_gene else said["subject"]
    return [
        curie(said["association"], base),
        _biolink(GENE_ASSOCIATION if is_gene else COMPOUND_ASSOCIATION),
        subject,
        said["predicate"],
        said["object"] or curie(said["phenotype"], base),
        said["subject"] if said["subject"] != subject else "",
        "observation",
        said["agent_type"],
        curie(study, base),
        said["publications"],
        said["evidence_lines"],
        said["organisms"],
        said["aspect"],
        said["direction"],
        said["form"],
        said["license"],
        said["annotation_level"],
        said["gene_role"],
        said["ambiguous"],
    ]


def node_rows(nodes: Mapping[str, Node], names: Names, base: str) -> Iterator[list[str]]:
    """Yield a row for each node that edges lead from or to, by CURIE.

    Parameters
    ----------
    nodes
        CURIE to node.
    names
        What all studies share.
    base
        Base of our own IRIs.
    """
    for name, (iri, category, own) in sorted(nodes.items()):
        organisms = names.values(IN_TAXON, iri)
        same = {curie(match, base) for match in names.values(EXACT_MATCH, iri)}
        same |= {f"ENSEMBL:{number}" for number in names.values(ENSEMBL_ID, iri)}
        same |= {f"NCBIGene:{number}" for number in names.values(NCBI_GENE_ID, iri)}
        yield [
            name,
            _biolink(category),
            own or names.label(iri),
            joined([curie(organism, base) for organism in organisms]),
            joined([names.label(organism) for organism in organisms]),
            joined(names.values(ALT_LABEL, iri)),
            joined(sorted(match for match in same - {name} if "/" not in match)),
            iri,
        ]


def category(iri: str, names: Names) -> str:
    """Return the Biolink class of a gene or compound."""
    kinds = names.values(TYPE, iri)
    return next((kind for kind in (GENE, TRANSCRIPT, SMALL_MOLECULE) if kind in kinds), SMALL_MOLECULE)


def nodes_of(calls: Iterable[tuple[str, str, str, str]], names: Names, base: str) -> dict[str, Node]:
    """Return the nodes of associations.

    Parameters
    ----------
    calls
        Subject IRI, name of the subject, IRI of the phenotype, and its name; a name may be empty.
    """
    nodes: dict[str, Node] = {}
    for subject, name, phenotype, words in calls:
        nodes[curie(subject, base)] = (subject, category(subject, names), name)
        nodes[curie(phenotype, base)] = (phenotype, PHENOTYPE, words)
    return nodes


def _biolink(iri: str) -> str:
    return "biolink:" + iri.removeprefix(BIOLINK)
