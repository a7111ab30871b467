"""Which identifiers mean the same gene: small tables in the form of the real ones."""

import gzip

import pytest

from bioimg_kg.errors import ConfigError
from bioimg_kg.identifiers.orthologs import read_orthologs
from bioimg_kg.identifiers.reference import gene_iri, read_reference

TABLES = {
    "hgnc": """
hgnc_id|symbol|name|status|previous_symbols|alias_symbols|ensembl_gene_id|ncbi_gene_id|uniprot_ids|locus_type|mgi_ids
HGNC:25088|SGO1|shugoshin 1|Approved|SGOL1|NY-BR-85|ENSG00000129810|151648|Q5FBB7|gene|
HGNC:1|GONE||Entry Withdrawn||||7|||
""",
    "human_refseq_to_gene": "refseq_accession|ncbi_gene_id|symbol\nNM_138484|151648|SGO1\nNM_1|99|X",
    "human_ncbi_genes": """
ncbi_gene_id|symbol|name|gene_type|ncbi_aliases|ensembl_gene_ids
8|ONE||||ENSG00000000008
9|TWO||||ENSG00000000091,ENSG00000000092
""",
    "human_ensembl_genes": """
ensembl_gene_id|symbol|ncbi_gene_ids|biotype|in_grch37|in_grch38
ENSG00000999999|SGOL1|151648||yes|no
""",
    "yeast_genes": """
systematic_name|sgd_id|symbol|aliases|feature_type|qualifier|ncbi_gene_id
YOR073W|S000005599|SGO1||ORF|Verified|854240
""",
    "fly_genes": """
fbgn|symbol|annotation_id|ncbi_gene_id|ncbi_source|secondary_fbgns|secondary_annotation_ids
FBgn0002917|na|CG1517|45338||FBgn0004144|
""",
    "fly_cg_to_fbgn": """
annotation_id|id_type|fbgn|symbol|ncbi_gene_id|ncbi_source
CG7|secondary|FBgn0002917|na||
""",
    "pombe_genes": "systematic_id|symbol|synonyms|ncbi_gene_id\nSPAC5D6.05|med18|sep11,SPAC5D6.99|2541925",
    "orthologs": """
human_ncbi_gene|human_ensembl|taxon_id|species_ncbi_gene|species_ensembl|supporting_sources
151648|ENSG00000129810|4932|854240|YOR073W|Ensembl,Panther
151648|ENSG00000129810|4932|854240|YOR073W|OMA
151648||4932||YXX000W|OMA
""",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        cells = text.strip().replace("|", "\t").replace(",", "|")
        with gzip.open(tmp_path / f"{name}.tsv.gz", "wt") as stream:
            stream.write(cells + "\n")
    return tmp_path


@pytest.fixture
def genes(folder):
    return read_reference(folder)


@pytest.mark.parametrize(
    "gene",
    [
        ("ensembl", "ENSG00000129810"),
        ("ncbigene", "151648"),
        ("refseq", "NM_138484"),
        ("ensembl", "ENSG00000999999"),  # retired, known by its NCBI gene
    ],
)
def test_every_identifier_of_a_gene_leads_to_it(genes, gene):
    entry = genes.find(gene)
    assert (entry.canonical, entry.symbol) == (("ensembl", "ENSG00000129810"), "SGO1")
    assert entry.other_names == ["SGOL1", "NY-BR-85"]
    assert entry.organism.endswith("NCBITaxon_9606")


def test_a_name_in_two_organisms_is_two_genes(genes):
    yeast = genes.find(("sgd", "YOR073W"))
    assert yeast.symbol == "SGO1"
    assert yeast is not genes.find(("ensembl", "ENSG00000129810"))
    assert genes.find(("ncbigene", "854240")) is yeast


def test_ids_of_other_databases(genes):
    fly = genes.find(("flybase.annotation", "CG1517"))
    assert (fly.canonical, fly.symbol) == (("flybase", "FBgn0002917"), "na")
    assert genes.find(("flybase", "FBgn0004144")) is genes.find(("flybase.annotation", "CG7")) is fly
    pombe = genes.find(("pombase", "SPAC5D6.99"))
    assert (pombe.symbol, pombe.other_names) == ("med18", ["sep11"])


def test_what_is_not_known_or_not_clear_stays_apart(genes):
    assert genes.find(("ncbigene", "7")) is None  # withdrawn
    assert genes.find(("refseq", "NM_1")) is None  # of a gene that no table has
    assert genes.find(("ncbigene", "8")).canonical == ("ensembl", "ENSG00000000008")
    assert genes.find(("ncbigene", "9")).canonical == ("ncbigene", "9")  # two Ensembl genes


def test_orthologues_are_pairs_of_canonical_genes(folder, genes):
    (pair,) = read_orthologs(folder, genes)
    assert (gene_iri(pair.human), gene_iri(pair.other)) == (
        "http://rdf.ebi.ac.uk/resource/ensembl/ENSG00000129810",
        "http://rdf.ebi.ac.uk/resource/ensembl/YOR073W",
    )
    assert pair.sources == ("Ensembl", "OMA", "Panther")


def test_a_folder_without_tables_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"none of hgnc.* is there"):
        read_reference(tmp_path)
    with gzip.open(tmp_path / "hgnc.tsv.gz", "wt") as stream:
        stream.write("a\tb\n1\t2\n")
    with pytest.raises(ConfigError, match="no column 'ensembl_gene_id'"):
        read_reference(tmp_path)
