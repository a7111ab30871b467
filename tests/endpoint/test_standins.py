"""Joins with other resources: each cross-reference meets the other's own form of an identifier.

Stand-ins for UniProt, Bgee, Wikidata, PubChemRDF, Rhea and the organism databases hold a few statements
in the forms of those resources. Each is a real Oxigraph server, and runs a query that asks our service
for its part.
"""

import re

import httpx
import pytest

from bioimg_kg.vocab import PREFIXES

pytestmark = pytest.mark.corpus

OTHERS = {
    "up": "http://purl.uniprot.org/core/",
    "uniprot": "http://purl.uniprot.org/uniprot/",
    "geneid": "http://purl.uniprot.org/geneid/",
    "uptaxon": "http://purl.uniprot.org/taxonomy/",
    "lscr": "http://purl.org/lscr#",
    "orth": "http://purl.org/net/orth#",
    "oma": "http://omabrowser.org/ontology/oma#",
    "genex": "http://purl.org/genex#",
    "ensembl": "http://rdf.ebi.ac.uk/resource/ensembl/",
    "wd": "http://www.wikidata.org/entity/",
    "wdt": "http://www.wikidata.org/prop/direct/",
    "compound": "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/",
    "inchikey": "http://rdf.ncbi.nlm.nih.gov/pubchem/inchikey/",
    "sio": "http://semanticscience.org/resource/",
    "rh": "http://rdf.rhea-db.org/",
    "hgnc": "http://identifiers.org/hgnc/",
}
HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in (PREFIXES | OTHERS).items())

UNIPROT = """
uniprot:Q05397 a up:Protein ; up:mnemonic "FAK1_HUMAN" ; up:organism uptaxon:9606 ;
  rdfs:seeAlso geneid:5747 ; up:annotation <http://purl.uniprot.org/uniprot/Q05397#SIP1> .
<http://purl.uniprot.org/uniprot/Q05397#SIP1> a up:Catalytic_Activity_Annotation ;
  up:catalyticActivity <http://purl.uniprot.org/uniprot/Q05397#CA1> .
<http://purl.uniprot.org/uniprot/Q05397#CA1> up:catalyzedReaction rh:10596 .
uniprot:P00352 a up:Protein ; up:mnemonic "AL1A1_HUMAN" ; up:organism uptaxon:9606 ; rdfs:seeAlso geneid:216 .
uptaxon:9606 a up:Taxon ; up:scientificName "Homo sapiens" .
uptaxon:9598 a up:Taxon ; up:scientificName "Pan troglodytes" .
"""
BGEE = """
oma:GENE_ENSG00000169398 a orth:Gene ; lscr:xrefEnsemblGene ensembl:ENSG00000169398 ;
  genex:isExpressedIn obo:UBERON_0000955 .
oma:GENE_ENSG00000165092 a orth:Gene ; lscr:xrefEnsemblGene ensembl:ENSG00000165092 .
"""
WIKIDATA = """
wd:Q1 wdt:P351 "5747" ; wdt:P594 "ENSG00000169398" .
wd:Q2 wdt:P351 "216" ; wdt:P594 "ENSG00000165092" .
wd:Q3 wdt:P662 "31640" ; wdt:P235 "WYCLKVQLVUQKNZ-UHFFFAOYSA-N" .
wd:Q4 wdt:P662 "1" ; wdt:P235 "AAAAAAAAAAAAAA-UHFFFAOYSA-N" .
wd:Q5 wdt:P685 "9606" .
wd:Q6 wdt:P685 "9598" .
"""
PUBCHEM = """
compound:CID31640 sio:SIO_000008 <http://rdf.ncbi.nlm.nih.gov/pubchem/descriptor/CID31640_Molecular_Weight> .
compound:CID702 sio:SIO_000008 <http://rdf.ncbi.nlm.nih.gov/pubchem/descriptor/CID702_Molecular_Weight> .
inchikey:NMKSAYKQLCHXDK-UHFFFAOYSA-N sio:SIO_000011 compound:CID1 .
"""
RHEA = """
rh:10596 rdfs:subClassOf rh:Reaction ; rh:accession "RHEA:10596" .
rh:10000 rdfs:subClassOf rh:Reaction ; rh:accession "RHEA:10000" .
"""
CELLS = """
<https://purl.expasy.org/cellosaurus/rdf/cvcl/CVCL_0030> rdfs:label "HeLa" .
<https://purl.expasy.org/cellosaurus/rdf/cvcl/CVCL_0001> rdfs:label "HEL" .
obo:GO_0005634 rdfs:label "nucleus" ; rdfs:subClassOf obo:GO_0043231 .
"""
ORGANISMS = """
<https://www.pombase.org/gene/SPAC13C5.07> rdfs:label "mre11" .
<https://www.yeastgenome.org/locus/S000005599> rdfs:label "SGO1" .
<https://flybase.org/reports/FBgn0000042> rdfs:label "Act5C" .
hgnc:9611 rdfs:label "PTK2" .
<http://www.informatics.jax.org/accession/MGI:1096574> rdfs:label "Car4" .
"""

LOST = "?gene bikg:lossOfFunctionPhenotype cmpo:CMPO_0000077 ; rdfs:label ?symbol ."

# Name of the case; the stand-in's data; what it asks of itself; what it asks of us; the answer.
CASES = [
    (
        "UniProt by gene", UNIPROT,
        "?answer a up:Protein ; rdfs:seeAlso ?id .", LOST + " ?gene skos:exactMatch ?id .",
        {"http://purl.uniprot.org/uniprot/Q05397"},
    ),
    (
        "UniProt by protein", UNIPROT,
        "?protein up:mnemonic ?answer .", LOST + " ?gene biolink:has_gene_product ?protein .",
        {"FAK1_HUMAN"},
    ),
    (
        "UniProt by taxon", UNIPROT,
        "?id a up:Taxon ; up:scientificName ?answer .",
        "?study a bikg:Study ; obo:RO_0002162 ?taxon . ?taxon skos:exactMatch ?id .",
        {"Homo sapiens"},
    ),
    (
        "Bgee by gene", BGEE,
        "?bgee a orth:Gene ; lscr:xrefEnsemblGene ?gene ; genex:isExpressedIn ?where .",
        LOST + " BIND(?symbol AS ?answer)", {"PTK2"},
    ),
    (
        "Wikidata by NCBI gene", WIKIDATA, "?answer wdt:P351 ?id .", LOST + " ?gene bikg:ncbiGeneId ?id .",
        {"http://www.wikidata.org/entity/Q1"},
    ),
    (
        "Wikidata by Ensembl gene", WIKIDATA, "?answer wdt:P594 ?id .", LOST + " ?gene bikg:ensemblId ?id .",
        {"http://www.wikidata.org/entity/Q1"},
    ),
    (
        "Wikidata by compound", WIKIDATA, "?answer wdt:P662 ?id .",
        "?compound bikg:studiedIn ?study ; bikg:pubchemCid ?id .", {"http://www.wikidata.org/entity/Q3"},
    ),
    (
        "Wikidata by InChIKey", WIKIDATA, "?answer wdt:P235 ?id .",
        "?compound bikg:studiedIn ?study ; bikg:inchiKey ?id .", {"http://www.wikidata.org/entity/Q3"},
    ),
    (
        "Wikidata by taxon", WIKIDATA, "?answer wdt:P685 ?id .",
        "?study a bikg:Study ; obo:RO_0002162 ?taxon . ?taxon bikg:taxonId ?id .",
        {"http://www.wikidata.org/entity/Q5"},
    ),
    (
        "PubChemRDF by compound", PUBCHEM, "?compound sio:SIO_000008 ?descriptor .",
        "?compound bikg:studiedIn ?study ; rdfs:label ?answer .", {"halazepam"},
    ),
    (
        "PubChemRDF by InChIKey", PUBCHEM, "?compound sio:SIO_000011 ?answer .",
        "?compound bikg:inducesPhenotype cmpo:CMPO_0000052 .",
        {"http://rdf.ncbi.nlm.nih.gov/pubchem/compound/CID1"},
    ),
    (
        "PomBase", ORGANISMS, "?id rdfs:label ?answer .",
        "?gene bikg:lossOfFunctionPhenotype cmpo:CMPO_0000077 ; obo:RO_0002162 obo:NCBITaxon_4896 ; "
        "skos:exactMatch ?id .", {"mre11"},
    ),
    (
        "SGD", ORGANISMS, "?id rdfs:label ?answer .",
        "?gene bikg:studiedIn ?study ; obo:RO_0002162 obo:NCBITaxon_4932 ; skos:exactMatch ?id .", {"SGO1"},
    ),
    (
        "FlyBase", ORGANISMS, "?id rdfs:label ?answer .",
        "?gene bikg:studiedIn ?study ; obo:RO_0002162 obo:NCBITaxon_7227 ; skos:exactMatch ?id .", {"Act5C"},
    ),
    ("HGNC", ORGANISMS, "?id rdfs:label ?answer .", LOST + " ?gene rdfs:seeAlso ?id .", {"PTK2"}),
    (
        "MGI", ORGANISMS, "?id rdfs:label ?answer .",
        "?gene bikg:studiedIn ?study ; obo:RO_0002162 obo:NCBITaxon_10090 ; rdfs:seeAlso ?id .", {"Car4"},
    ),
    (
        "Cellosaurus", CELLS, "?id rdfs:label ?answer .",
        "?sample bikg:cellLine ?line . ?line skos:exactMatch ?id .", {"HeLa"},
    ),
    (
        "Gene Ontology", CELLS, "?part rdfs:label ?answer ; rdfs:subClassOf obo:GO_0043231 .",
        "cmpo:CMPO_0000140 bikg:definedByGO ?part .", {"nucleus"},
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def ours(full_release, start_service):
    with start_service(full_release.parents[1], max_result_mb=64) as service:
        yield service


def ask(endpoint, query):
    answer = httpx.get(
        endpoint, params={"query": query}, headers={"accept": "application/sparql-results+json"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return {row["answer"]["value"] for row in answer.json()["results"]["bindings"]}


SURGERY = re.compile(
    r"\b(STR|IRI|URI|REPLACE|CONCAT|SUBSTR|STRAFTER|STRBEFORE|LCASE|UCASE|REGEX|STRSTARTS|STRENDS|CONTAINS)\s*\(",
    re.IGNORECASE,
)


def plain(query):
    """Say whether a query changes no text: only names are joined."""
    return not SURGERY.search(query)


@pytest.mark.parametrize(
    ("turtle", "theirs", "part", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_join_needs_no_string_surgery(turtle, theirs, part, expected, ours, oxigraph):
    with oxigraph(HEAD + turtle) as endpoint:
        query = f"{HEAD}SELECT DISTINCT ?answer {{ {theirs} SERVICE <{ours.sparql}> {{ {part} }} }}"
        assert plain(query)
        assert ask(endpoint, query) == expected


def test_a_gene_leads_through_uniprot_to_the_reactions_of_rhea(ours, oxigraph):
    with oxigraph(HEAD + UNIPROT) as uniprot, oxigraph(HEAD + RHEA) as rhea:
        query = f"""{HEAD}SELECT DISTINCT ?answer {{
          ?protein up:annotation/up:catalyticActivity/up:catalyzedReaction ?reaction .
          SERVICE <{ours.sparql}> {{ {LOST} ?gene biolink:has_gene_product ?protein }}
          SERVICE <{rhea}> {{ ?reaction rdfs:subClassOf rh:Reaction ; rh:accession ?answer }} }}"""
        assert plain(query)
        assert ask(uniprot, query) == {"RHEA:10596"}
