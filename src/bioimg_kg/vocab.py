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
SEMAPV = "https://w3id.org/semapv/vocab/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SSSOM = "https://w3id.org/sssom/"
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
    "semapv": SEMAPV,
    "skos": SKOS,
    "sssom": SSSOM,
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
UNRESOLVED_TERM = BIKG + "UnresolvedTerm"

# -- classes of others
GENE = BIOLINK + "Gene"
TRANSCRIPT = BIOLINK + "Transcript"
SMALL_MOLECULE = BIOLINK + "SmallMolecule"
GENE_ASSOCIATION = BIOLINK + "GeneToPhenotypicFeatureAssociation"
COMPOUND_ASSOCIATION = BIOLINK + "ChemicalEntityToDiseaseOrPhenotypicFeatureAssociation"
PERSON = SCHEMA + "Person"
OWL_CLASS = OWL + "Class"
MAPPING = OWL + "Axiom"
MAPPING_SET = SSSOM + "MappingSet"
OWL_ONTOLOGY = OWL + "Ontology"
VOID_DATASET = VOID + "Dataset"
LINKSET = VOID + "Linkset"

# -- structure
TYPE = RDF + "type"
LABEL = RDFS + "label"
SOURCE = DCTERMS + "source"
LICENSE = DCTERMS + "license"
COMMENT = RDFS + "comment"
SUBCLASS_OF = RDFS + "subClassOf"
SEE_ALSO = RDFS + "seeAlso"
IS_PART_OF = DCTERMS + "isPartOf"
DERIVED_FROM = PROV + "wasDerivedFrom"
REVISION_OF = PROV + "wasRevisionOf"
PREF_LABEL = SKOS + "prefLabel"
ALT_LABEL = SKOS + "altLabel"
EXACT_MATCH = SKOS + "exactMatch"
BROAD_MATCH = SKOS + "broadMatch"
EXACT_SYNONYM = OBOINOWL + "hasExactSynonym"
DEPRECATED = OWL + "deprecated"
DEFINITION = SKOS + "definition"
REPLACED_BY = OBO + "IAO_0100001"
CONSIDER = OBOINOWL + "consider"
EQUIVALENT_CLASS = OWL + "equivalentClass"
VERSION_INFO = OWL + "versionInfo"
VERSION_IRI = OWL + "versionIRI"
ON_PROPERTY = OWL + "onProperty"
DEFINED_BY = {name: f"{BIKG}definedBy{name}" for name in ("GO", "PATO", "CL", "CHEBI")}

# -- mappings
ANNOTATED_SOURCE = OWL + "annotatedSource"
ANNOTATED_PROPERTY = OWL + "annotatedProperty"
ANNOTATED_TARGET = OWL + "annotatedTarget"

# -- biology
IN_TAXON = OBO + "RO_0002162"
INFECTED_WITH = BIKG + "infectedWith"
CELL_LINE = BIKG + "cellLine"
BIOSAMPLE_OF = BIKG + "biosample"
TREATMENT_OF = BIKG + "treatment"
TESTED_TREATMENT = BIKG + "testedTreatment"
REAGENT_OF = BIKG + "reagent"
CANONICAL_GENE = BIKG + "canonicalGene"
TARGET_GENE = BIKG + "targetGene"
TARGET_NAME = BIKG + "targetName"
TARGET_AMBIGUOUS = BIKG + "targetAmbiguous"
CONCENTRATION = BIKG + "concentrationMicromolar"
DOSE_AS_REPORTED = BIKG + "doseAsReported"
FACTOR = BIKG + "factor"
FACTOR_VALUE = BIKG + "factorValue"
SENSE_SEQUENCE = BIKG + "senseSequence"
ANTISENSE_SEQUENCE = BIKG + "antisenseSequence"
CONDITION = BIKG + "Condition"
COMPOUND_TREATMENT = BIKG + "CompoundTreatment"
SIRNA = BIKG + "SiRNA"
SIRNA_POOL = BIKG + "SiRNAPool"
GUIDE_RNA = BIKG + "GuideRNA"
ANTIBODY = BIKG + "Antibody"
ORF_CLONE = BIKG + "OrfClone"
TAXON_ID = BIKG + "taxonId"
PUBCHEM_CID = BIKG + "pubchemCid"
INCHI_KEY = BIKG + "inchiKey"
SMILES = BIKG + "smiles"
CAS_NUMBER = BIKG + "casNumber"

# -- observation
ANNOTATED_WITH = BIKG + "annotatedWith"
MAPPED_TERM = BIKG + "mappedTerm"
RECORD_COUNT = BIKG + "recordCount"
ROLLED_UP_RECORD_COUNT = BIKG + "rolledUpRecordCount"
STUDY_COUNT = BIKG + "studyCount"
ROLLED_UP_STUDY_COUNT = BIKG + "rolledUpStudyCount"
DECLARED = BIKG + "declared"
SCORE_TYPE = BIKG + "scoreType"
ANNOTATION_LEVEL = BIKG + "annotationLevel"
GENE_ROLE = BIKG + "geneRole"
OUTCOME = BIKG + "outcome"
HIT = BIKG + "Hit"
NO_HIT = BIKG + "NoHit"
NOT_SCORED = BIKG + "NotScored"
RECORD_LEVELS = ("ImageLevel", "WellLevel", "SingleReplicate", "MultipleReplicates")
"""Levels at which the annotated record itself shows the phenotype."""
OBSERVED_IN = BIKG + "observedIn"
STUDY_PHENOTYPE_OF = BIKG + "studyPhenotype"
CONTROL_TYPE = BIKG + "controlType"
QUALITY_CONTROL = BIKG + "qualityControl"
QUALITY_NOTE = BIKG + "qualityNote"
CHANNEL_SET_OF = BIKG + "channelSet"
CHANNEL_OF = BIKG + "channel"
SUBJECT = RDF + "subject"
PREDICATE = RDF + "predicate"
OBJECT = RDF + "object"
HAS_PHENOTYPE = BIOLINK + "has_phenotype"
HAS_EVIDENCE = BIOLINK + "has_evidence"
AGENT_TYPE = BIOLINK + "agent_type"
KNOWLEDGE_LEVEL = BIOLINK + "knowledge_level"
KNOWLEDGE_SOURCE = BIOLINK + "primary_knowledge_source"
PUBLICATIONS = BIOLINK + "publications"
SPECIES_CONTEXT = BIOLINK + "species_context_qualifier"
SUBJECT_ASPECT = BIOLINK + "subject_aspect_qualifier"
SUBJECT_DIRECTION = BIOLINK + "subject_direction_qualifier"
SUBJECT_FORM = BIOLINK + "subject_form_or_variant_qualifier"

# -- provenance of columns and files
JOINED_ROW = BIKG + "joinedRow"
MAPPED_COLUMN = BIKG + "mappedColumn"
UNMAPPED_COLUMN = BIKG + "unmappedColumn"
VALUE_COUNT = BIKG + "valueCount"
MAPPED_COUNT = BIKG + "mappedCount"
ISSUE_COUNT = BIKG + "issueCount"
UNMAPPED_COUNT = BIKG + "unmappedCount"
SHA256 = BIKG + "sha256"
FILE_USE = BIKG + "fileUse"

# -- limits of a service
QUERY_DEADLINE = BIKG + "queryDeadline"
RESULT_BYTES = BIKG + "resultBytes"
QUERY_MEMORY = BIKG + "queryMemory"
QUERY_NESTING = BIKG + "queryNesting"
QUERY_BYTES = BIKG + "queryBytes"
CLIENT_SECONDS = BIKG + "clientSeconds"
CLIENT_RATE = BIKG + "clientSecondsPerMinute"
CLIENT_QUERIES = BIKG + "clientQueries"

# -- images
LICENSE_TEXT = BIKG + "licenseText"
REPRESENTATION = BIKG + "representation"
IMAGE_REPRESENTATION = BIKG + "ImageRepresentation"
IMAGE_PROFILE = BIKG + "ImageProfile"
IMAGE_PROFILE_OF = BIKG + "imageProfile"
PATH_STATUS = BIKG + "pathStatus"
LISTED_PATH = BIKG + "ListedPath"
VERIFIED_PATH = BIKG + "VerifiedPath"
COMPUTED_PATH = BIKG + "ComputedPath"
FIELD_PATH_STATUS = BIKG + "fieldPathStatus"
FIELD_TEMPLATE = BIKG + "fieldTemplate"
FIELD_COUNT = BIKG + "fieldCount"
WELL_COUNT = BIKG + "wellCount"
ACQUISITION_COUNT = BIKG + "acquisitionCount"
LABEL_IMAGE = BIKG + "labelImage"
CHUNK_SHAPE = BIKG + "chunkShape"
SHARD_SHAPE = BIKG + "shardShape"
BYTE_SIZE = DCAT + "byteSize"
REVISION_OF = PROV + "wasRevisionOf"
AXES = BIKG + "axes"
SIZES = {axis: BIKG + "size" + axis.upper() for axis in "tczyx"}
PIXEL_TYPE = BIKG + "pixelType"
LEVELS = BIKG + "levels"
PHYSICAL_SIZES = {axis: BIKG + "physicalSize" + axis.upper() for axis in "zyx"}
PHYSICAL_UNIT = BIKG + "physicalUnit"
UNIT_NAME = BIKG + "physicalUnitName"
SUSPECT_SIZE = BIKG + "suspectPhysicalSize"
CHANNEL_INDEX = BIKG + "channelIndex"
COLOR = BIKG + "color"
WINDOW_START = BIKG + "windowStart"
WINDOW_END = BIKG + "windowEnd"

# -- services
FEDERATES_WITH = BIKG + "federatesWith"
