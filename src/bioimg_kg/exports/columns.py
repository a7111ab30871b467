"""What is in the tables: each column with its type, its meaning and its property, declared once.

This is the data dictionary: ``docs/tables.md``, ``tables/dictionary.csv`` and the Croissant description say
what stands here.
"""

from typing import Final

from bioimg_kg.exports.model import Column, Table
from bioimg_kg.vocab import (
    AGENT_TYPE,
    ALT_LABEL,
    ANNOTATED_WITH,
    ANNOTATION_LEVEL,
    BIKG,
    CANONICAL_GENE,
    CELL_LINE,
    CHANNEL_SET_OF,
    CONCENTRATION,
    CONTROL_TYPE,
    DCTERMS,
    DERIVED_FROM,
    DOSE_AS_REPORTED,
    EXACT_MATCH,
    GENE_ROLE,
    HAS_EVIDENCE,
    IN_TAXON,
    INCHI_KEY,
    IS_PART_OF,
    LABEL,
    LICENSE,
    MAPPED_TERM,
    OBJECT,
    OBSERVED_IN,
    OUTCOME,
    PREDICATE,
    PREF_LABEL,
    PUBCHEM_CID,
    PUBLICATIONS,
    QUALITY_CONTROL,
    REAGENT_OF,
    REPRESENTATION,
    SMILES,
    SPECIES_CONTEXT,
    STUDY_PHENOTYPE_OF,
    SUBCLASS_OF,
    SUBJECT,
    SUBJECT_ASPECT,
    SUBJECT_DIRECTION,
    SUBJECT_FORM,
    TARGET_AMBIGUOUS,
    TARGET_GENE,
    TREATMENT_OF,
    TYPE,
)

_STUDY: Final = Column("study", "Accession of the study.", "text", IS_PART_OF)
_LICENSE: Final = Column("license", "Licence that the study states; empty if it states none.", "iri", LICENSE)
_COMPONENT: Final = Column("component", "Screen or experiment of the study.", "text", IS_PART_OF)
_ROWS: Final = Column("source_rows", "Rows of the files that say so.", "iri", DERIVED_FROM, many=True)
_STUDIES: Final = Column(
    "studies", "Accessions of the studies that the row is about.", "text", f"{BIKG}studiedIn", many=True
)
_LICENSES: Final = Column(
    "licenses", "Licences that these studies state, each once.", "iri", LICENSE, many=True
)
_ASSOCIATIONS: Final = Column("associations", "Number of rows of the table associations.", "integer")

RECORDS: Final = Table(
    "records",
    "Wells and images",
    "A row for each well of a screen and each image of an experiment: what it holds, and what was seen.",
    (
        Column("record", "The record.", "iri"),
        Column("kind", "well or image.", "text", TYPE),
        _STUDY,
        _LICENSE,
        _COMPONENT,
        Column("container", "Plate or image set.", "text", IS_PART_OF),
        Column("name", "Position of the well, or name of the image.", "text", LABEL),
        Column("organisms", "Organisms of the biosample.", "curie", IN_TAXON, many=True),
        Column("organism_names", "Their names, in the same order.", "text", LABEL, many=True),
        Column(
            "cell_lines", "Cell lines: a term where it is known, else words.", "curie", CELL_LINE, many=True
        ),
        Column("cell_line_names", "Their names, in the same order.", "text", LABEL, many=True),
        Column("treatments", "Kinds of treatments, each once.", "text", TREATMENT_OF, many=True),
        Column("reagents", "Names of their reagents.", "text", REAGENT_OF, many=True),
        Column(
            "perturbed_genes",
            "Genes that a perturbation targets: knockdown, deletion, knockout, mutation, overexpression.",
            "curie",
            TARGET_GENE,
            many=True,
        ),
        Column("perturbed_symbols", "Their symbols, in the same order.", "text", LABEL, many=True),
        Column(
            "seen_genes",
            "Genes whose product is made visible: tagged, stained or hybridized. Nothing was done to them.",
            "curie",
            TARGET_GENE,
            many=True,
        ),
        Column("seen_symbols", "Their symbols, in the same order.", "text", LABEL, many=True),
        Column("other_genes", "Genes that any other treatment names.", "curie", TARGET_GENE, many=True),
        Column("compounds", "Compounds, one for each compound treatment.", "curie", REAGENT_OF, many=True),
        Column("compound_names", "Their names, in the same order.", "text", LABEL, many=True),
        Column(
            "concentrations_micromolar",
            "Their concentrations, in the same order; empty where none is stated.",
            "text",
            CONCENTRATION,
            many=True,
        ),
        Column(
            "doses",
            "Their doses in the words of the study, in the same order.",
            "text",
            DOSE_AS_REPORTED,
            many=True,
        ),
        Column(
            "phenotypes",
            "Phenotypes in the words of the study. They may have been reported for the gene and copied to "
            "all of its wells: see annotation_level.",
            "text",
            ANNOTATED_WITH,
            many=True,
        ),
        Column("phenotype_terms", "Terms that these are mapped to.", "curie", MAPPED_TERM, many=True),
        Column("annotation_level", "How far the annotation reaches.", "text", ANNOTATION_LEVEL, many=True),
        Column("outcome", "NoHit where the study says that nothing was seen.", "text", OUTCOME, many=True),
        Column("control_type", "Kind of control; empty if it is none.", "text", CONTROL_TYPE, many=True),
        Column("quality_control", "Result of quality control.", "text", QUALITY_CONTROL, many=True),
        Column("channels", "Channels in the words of the study.", "text", CHANNEL_SET_OF, many=True),
        Column("image_urls", "Copies of the image as OME-Zarr.", "iri", REPRESENTATION, many=True),
        _ROWS,
    ),
)

ASSOCIATIONS: Final = Table(
    "associations",
    "Associations with phenotypes",
    "A row for each statement of a study: this gene, or this compound, has this phenotype.",
    (
        Column("association", "The association.", "iri"),
        Column("kind", "gene or compound.", "text", TYPE),
        _STUDY,
        _LICENSE,
        _COMPONENT,
        Column("subject", "Gene or compound as the study identifies it.", "curie", SUBJECT),
        Column(
            "gene", "The one gene that this identifier means; empty for compounds.", "curie", CANONICAL_GENE
        ),
        Column("subject_name", "Symbol of the gene, or name of the compound.", "text", LABEL),
        Column("predicate", "How subject and object are related.", "curie", PREDICATE),
        Column("object", "Ontology term of the phenotype; empty if it has none.", "curie", OBJECT),
        Column("object_name", "Name of the term.", "text", LABEL),
        Column("phenotype", "The phenotype of the study.", "iri", STUDY_PHENOTYPE_OF),
        Column("phenotype_words", "The phenotype in the words of the study.", "text", PREF_LABEL),
        Column("annotation_level", "How far the statement reaches.", "text", ANNOTATION_LEVEL),
        Column(
            "gene_role",
            "PerturbationTarget: something was done to the gene. LocalizedProduct: its product is there.",
            "text",
            GENE_ROLE,
        ),
        Column("ambiguous", "true: the study means this gene or another.", "boolean", TARGET_AMBIGUOUS),
        Column("treatments", "Kinds of treatments of the evidence.", "text", TREATMENT_OF, many=True),
        Column("reagents", "Names of their reagents.", "text", REAGENT_OF, many=True),
        Column("evidence_lines", "Number of lines of evidence, one per treatment.", "integer", HAS_EVIDENCE),
        Column(
            "records",
            "Number of records in which it was seen; 0 where the study reports above their level.",
            "integer",
            OBSERVED_IN,
        ),
        Column("organisms", "Organisms in which it was observed.", "curie", SPECIES_CONTEXT, many=True),
        Column("aspect", "What of the gene was changed (Biolink).", "text", SUBJECT_ASPECT),
        Column("direction", "In which direction (Biolink).", "text", SUBJECT_DIRECTION),
        Column("form", "Form of the gene (Biolink).", "text", SUBJECT_FORM),
        Column("agent_type", "Who scored: a program, a person, or both (Biolink).", "text", AGENT_TYPE),
        Column("publications", "Papers of the study.", "curie", PUBLICATIONS, many=True),
        _ROWS,
    ),
)

GENES: Final = Table(
    "genes",
    "Genes",
    "A row for each gene that a treatment of a study targets, with or without an effect.",
    (
        Column("gene", "The gene; identifiers of one gene are joined.", "curie", CANONICAL_GENE),
        Column("iri", "The same as an IRI.", "iri", CANONICAL_GENE),
        Column("symbol", "Its symbol.", "text", LABEL),
        Column("synonyms", "Other names.", "text", ALT_LABEL, many=True),
        Column("organism", "Its organism.", "curie", IN_TAXON),
        Column("organism_name", "Name of the organism.", "text", LABEL),
        Column("reported_as", "Identifiers that studies use for it.", "curie", CANONICAL_GENE, many=True),
        Column("ensembl_id", "Identifiers of Ensembl.", "text", f"{BIKG}ensemblId", many=True),
        Column("ncbi_gene_id", "Identifiers of NCBI Gene.", "text", f"{BIKG}ncbiGeneId", many=True),
        _STUDIES,
        _LICENSES,
        Column("records", "Number of records that have a treatment with this target.", "integer"),
        _ASSOCIATIONS,
        Column(
            "perturbation_terms",
            "Phenotypes that a perturbation of the gene has, without ambiguous targets.",
            "curie",
            OBJECT,
            many=True,
        ),
        Column(
            "localization_terms",
            "Where its product is seen; no effect of the gene.",
            "curie",
            f"{BIKG}localizationPhenotype",
            many=True,
        ),
    ),
)

PHENOTYPES: Final = Table(
    "phenotypes",
    "Phenotypes",
    "A row for each ontology term that studies map phenotypes to, and one for each phenotype without a term.",
    (
        Column("phenotype", "The term; a phenotype without a term stands for itself.", "curie"),
        Column("kind", "term or words.", "text"),
        Column("name", "Name of the term, or the words of the study.", "text", LABEL),
        Column("words", "What the studies call it.", "text", PREF_LABEL, many=True),
        Column("parents", "Terms right above it.", "curie", SUBCLASS_OF, many=True),
        _STUDIES,
        _LICENSES,
        Column("records", "Number of records that are annotated with it.", "integer", ANNOTATED_WITH),
        _ASSOCIATIONS,
        Column(
            "genes",
            "Number of genes whose perturbation has it, without ambiguous targets.",
            "integer",
        ),
    ),
)

COMPOUNDS: Final = Table(
    "compounds",
    "Compounds",
    "A row for each compound that a treatment of a study uses.",
    (
        Column("compound", "The compound.", "curie", REAGENT_OF),
        Column("iri", "The same as an IRI.", "iri", REAGENT_OF),
        Column("name", "Its name.", "text", LABEL),
        Column("synonyms", "Other names.", "text", ALT_LABEL, many=True),
        Column("pubchem_cid", "Number in PubChem.", "text", PUBCHEM_CID, many=True),
        Column("inchikey", "Hash of the structure.", "text", INCHI_KEY, many=True),
        Column("smiles", "The structure as studies write it.", "text", SMILES, many=True),
        Column("same_as", "The same compound elsewhere.", "iri", EXACT_MATCH, many=True),
        _STUDIES,
        _LICENSES,
        Column("records", "Number of records that have a treatment with it.", "integer"),
        _ASSOCIATIONS,
    ),
)

DICTIONARY: Final = Table(
    "dictionary",
    "Data dictionary",
    "A row for each column of each table.",
    (
        Column("table", "Name of the table."),
        Column("column", "Heading of the column."),
        Column("type", "text, curie, iri, integer or boolean."),
        Column("many", "true: a cell may have several values, with | between them.", "boolean"),
        Column("property", "Property of the graph that the values are of.", "iri"),
        Column("description", "What a cell says.", "text", f"{DCTERMS}description"),
    ),
)

TABLES: Final = (RECORDS, ASSOCIATIONS, GENES, PHENOTYPES, COMPOUNDS)


def dictionary_rows() -> list[list[str]]:
    """Return the data dictionary, one row per column.

    Examples
    --------
    >>> dictionary_rows()[2]
    ['records', 'study', 'text', 'false', 'http://purl.org/dc/terms/isPartOf', 'Accession of the study.']
    """
    return [
        [t.name, c.name, c.kind, str(c.many).lower(), c.property, c.description]
        for t in TABLES
        for c in t.columns
    ]
