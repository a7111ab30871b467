"""Every IRI that the code names: our vocabulary and the terms that we reuse from others.

The definitions are in ``ontology/bioimg-kg.ttl``; a test proves that the two agree, both ways.
"""

BIKG = "https://w3id.org/bioimg-kg/ontology#"
BIOLINK = "https://w3id.org/biolink/vocab/"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
OBO = "http://purl.obolibrary.org/obo/"
OBOINOWL = "http://www.geneontology.org/formats/oboInOwl#"
OWL = "http://www.w3.org/2002/07/owl#"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SCHEMA = "https://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
VOID = "http://rdfs.org/ns/void#"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES = {
    "bikg": BIKG,
    "biolink": BIOLINK,
    "cid": "http://rdf.ncbi.nlm.nih.gov/pubchem/compound/",
    "cmpo": "http://www.ebi.ac.uk/cmpo/",
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "efo": "http://www.ebi.ac.uk/efo/",
    "ensembl": "http://rdf.ebi.ac.uk/resource/ensembl/",
    "foaf": FOAF,
    "ncbigene": "https://www.ncbi.nlm.nih.gov/gene/",
    "obo": OBO,
    "oboInOwl": OBOINOWL,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "skos": SKOS,
    "void": VOID,
    "xsd": XSD,
}
"""Prefixes of queries, Turtle output and pages."""

DEFAULT_BASE = "https://w3id.org/bioimg-kg/"
"""Resources are below ``<base>id/``, graphs below ``<base>graph/``. A build may choose another base."""

# -- classes of ours
STUDY = BIKG + "Study"
SCREEN = BIKG + "Screen"
EXPERIMENT = BIKG + "Experiment"
PLATE = BIKG + "Plate"
IMAGE_SET = BIKG + "ImageSet"
WELL = BIKG + "Well"
IMAGE = BIKG + "Image"
BIOSAMPLE = BIKG + "Biosample"
TREATMENT = BIKG + "Treatment"
REAGENT = BIKG + "Reagent"
STUDY_PHENOTYPE = BIKG + "StudyPhenotype"
EVIDENCE_LINE = BIKG + "EvidenceLine"
CHANNEL_SET = BIKG + "ChannelSet"
CHANNEL = BIKG + "Channel"
PROTOCOL = BIKG + "Protocol"
SOURCE_COLUMN = BIKG + "SourceColumn"
SOURCE_FILE = BIKG + "SourceFile"

# -- classes of others
GENE = BIOLINK + "Gene"
TRANSCRIPT = BIOLINK + "Transcript"
SMALL_MOLECULE = BIOLINK + "SmallMolecule"
GENE_ASSOCIATION = BIOLINK + "GeneToPhenotypicFeatureAssociation"
COMPOUND_ASSOCIATION = BIOLINK + "ChemicalEntityToDiseaseOrPhenotypicFeatureAssociation"
PERSON = SCHEMA + "Person"
OWL_CLASS = OWL + "Class"
VOID_DATASET = VOID + "Dataset"

# -- structure
TYPE = RDF + "type"
LABEL = RDFS + "label"
COMMENT = RDFS + "comment"
SUBCLASS_OF = RDFS + "subClassOf"
SEE_ALSO = RDFS + "seeAlso"
IS_PART_OF = DCTERMS + "isPartOf"
DERIVED_FROM = PROV + "wasDerivedFrom"
PREF_LABEL = SKOS + "prefLabel"
ALT_LABEL = SKOS + "altLabel"
EXACT_MATCH = SKOS + "exactMatch"
EXACT_SYNONYM = OBOINOWL + "hasExactSynonym"
DEPRECATED = OWL + "deprecated"
DEFINITION = SKOS + "definition"
REPLACED_BY = DCTERMS + "isReplacedBy"
