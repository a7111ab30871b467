"""The shapes: a build keeps to them, and data that is broken on purpose does not."""

import gzip
from collections import Counter
from pathlib import Path

import pytest
import rdflib
from rdflib import Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, RDFS, SH, SKOS, XSD

from bioimg_kg import vocab

REPO = Path(__file__).resolve().parents[1]
BIKG = rdflib.Namespace(vocab.BIKG)
BIOLINK = rdflib.Namespace(vocab.BIOLINK)
SCHEMA = rdflib.Namespace(vocab.SCHEMA)
OBO = rdflib.Namespace(vocab.OBO)
PROV = rdflib.Namespace(vocab.PROV)
STUDIES = URIRef(vocab.DEFAULT_BASE + "id/study/")
CORPUS = ("idr0002", "idr0008", "idr0018", "idr0028", "idr0036", "idr0054", "idr0130", "idr0134", "idr0154")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pyshacl and what it imports


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield line[: line.rindex(" <")] + " ."


def union(release, *studies):
    """Load studies with what the other graphs say about the things that they point to."""
    text = [line for s in studies for line in lines(release / f"quads/study/{s}.nq.gz")]
    wanted = {line.split(" ", 2)[2][:-2] for line in text}
    for folder in ("reference", "ontology"):
        for path in sorted((release / "quads" / folder).glob("*.nq.gz")):
            text += [line for line in lines(path) if line.split(" ", 1)[0] in wanted]
    return rdflib.Graph().parse(data="\n".join(text), format="nt")


@pytest.fixture(scope="module")
def shapes():
    return rdflib.Graph().parse(REPO / "ontology/shapes.ttl")


@pytest.fixture(scope="module")
def check(shapes):
    """Return a function that validates a graph and gives (severity, message, focus node, value)."""
    import pyshacl

    def function(graph):
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", advanced=False)
        assert isinstance(report, rdflib.Graph), report
        return {
            (
                str(report.value(r, SH.resultSeverity)).rpartition("#")[2],
                str(report.value(r, SH.resultMessage)),
                report.value(r, SH.focusNode),
                report.value(r, SH.value),
            )
            for r in report.subjects(RDF.type, SH.ValidationResult)
        }

    return function


def violations(results):
    return {result[1:] for result in results if result[0] == "Violation"}


# -- form


def test_every_shape_says_what_is_wrong(shapes):
    for shape in shapes.subjects(RDF.type, SH.NodeShape):
        for prop in shapes.objects(shape, SH.property):
            nested = list(shapes.objects(prop, SH.property))
            for said in nested or [prop]:
                message = shapes.value(said, SH.message)
                assert message is not None, (shape, shapes.value(prop, SH.path))
                assert message.endswith(".")
    for rule in shapes.subjects(RDF.type, SH.SPARQLConstraint):
        assert shapes.value(rule, SH.message).endswith(".")


def test_severities_are_used_as_the_header_says(shapes):
    found = Counter(str(o).rpartition("#")[2] for o in shapes.objects(None, SH.severity))
    assert set(found) == {"Warning", "Info"}  # no severity is a Violation
    for rule in shapes.subjects(RDF.type, SH.SPARQLConstraint):
        assert shapes.value(rule, SH.severity) is None


# -- the examples keep to them


@pytest.fixture(scope="module")
def examples(example_release):
    """Load the release of the examples as one graph."""
    graph = rdflib.Graph()
    for path in sorted((example_release / "quads").rglob("*.nq.gz")):
        graph.parse(data="\n".join(lines(path)), format="nt")
    return graph


@pytest.fixture(scope="module")
def found(examples, check):
    return check(examples)


def test_examples_have_no_violations(found):
    assert violations(found) == set()


def test_examples_have_the_gaps_that_are_there_on_purpose(found):
    said = {result[1] for result in found}
    assert "The phenotype is not mapped to an ontology term." in said
    assert "The study does not say what the pool consists of." in said
    assert "The dose could not be turned into micromolar." in said
    gaps = [r for r in found if r[1] == "The study names nobody (REMBI Study.author)."]
    assert {str(focus).removeprefix(STUDIES) for _, _, focus, _ in gaps} >= {"idr9001", "idr9006"}


# -- broken data does not


def one(graph, cls, having=None):
    """Return the first node of a class by its IRI, if given with a property."""
    return min(s for s in graph.subjects(RDF.type, cls) if having is None or (s, having, None) in graph)


def replace(graph, subject, predicate, *objects):
    graph.remove((subject, predicate, None))
    for value in objects:
        graph.add((subject, predicate, value))
    return subject


def study_with_two_titles(g):
    me = STUDIES + "idr9001"
    g.add((me, SCHEMA.name, Literal("Another title")))
    return me


def study_with_a_word_for_its_organism(g):
    me = STUDIES + "idr9001"
    g.add((me, OBO.RO_0002162, URIRef("https://example.org/human")))
    return me


def component_of_no_study(g):
    return replace(g, STUDIES + "idr9002/screenA", DCTERMS.isPartOf)


def component_with_an_open_role(g):
    return replace(g, STUDIES + "idr9002/screenA", BIKG.geneRole, BIKG.Bystander)


def association_with_another_role(g):
    """Give a value to look for, too: these rules hang on the component."""
    me = min(a for a in associations(g) if (a, DCTERMS.isPartOf, STUDIES + "idr9001/screenA") in g)
    replace(g, me, BIKG.geneRole, BIKG.LocalizedProduct)
    return STUDIES + "idr9001/screenA", me


def associations(g):
    return set(g.subjects(RDF.type, BIOLINK.GeneToPhenotypicFeatureAssociation))


def association_with_a_strange_term(g):
    home = STUDIES + "idr9004/screenA"
    me = min(a for a in associations(g) if (a, DCTERMS.isPartOf, home) in g)
    replace(g, me, RDF.object, URIRef("http://www.ebi.ac.uk/cmpo/CMPO_0000001"))
    return home, me


def association_at_two_levels(g):
    me = one(g, BIOLINK.GeneToPhenotypicFeatureAssociation)
    replace(g, me, BIKG.annotationLevel, BIKG.GeneLevel, BIKG.WellLevel)
    return me


def association_without_a_row(g):
    return replace(g, max(associations(g)), PROV.wasDerivedFrom)


def gene_call_that_counts_its_wells(g):
    home = STUDIES + "idr9001/screenA"
    me = min(
        e
        for a in associations(g)
        if (a, DCTERMS.isPartOf, home) in g
        for e in g.objects(a, BIOLINK.has_evidence)
    )
    well = next(
        w
        for w in g.subjects(BIKG.treatment, g.value(me, BIKG.treatment))
        if (w, BIKG.annotatedWith, g.value(me, BIKG.studyPhenotype)) in g
    )
    g.add((me, BIKG.observedIn, well))
    return home, me


def evidence_in_a_well_of_another_treatment(g):
    home = STUDIES + "idr9004/screenA"
    me = min(
        e
        for e in g.subjects(RDF.type, BIKG.EvidenceLine)
        if e.startswith(home) and (e, BIKG.observedIn, None) in g
    )
    other = next(w for w in sorted(g.subjects(BIKG.controlType)) if w.startswith(home))
    g.add((me, BIKG.observedIn, other))
    return home, me


def evidence_without_an_association(g):
    me = STUDIES + "idr9001/screenA/evidence/nobody-1"
    like = min(e for e in g.subjects(RDF.type, BIKG.EvidenceLine) if e.startswith(STUDIES + "idr9001"))
    for predicate, value in list(g.predicate_objects(like)):
        g.add((me, predicate, value))
    return me


def well_with_the_phenotype_of_another_component(g):
    me = one(g, BIKG.Well)
    home = STUDIES + "idr9004/screenA"
    g.add((me, BIKG.annotatedWith, home + "/phenotype/1"))
    return home, me


def well_that_is_annotated_with_words(g):
    me = sorted(g.subjects(RDF.type, BIKG.Well))[1]
    g.add((me, BIKG.annotatedWith, Literal("elongated cells")))
    return me


def well_with_a_padded_name(g):
    me = sorted(g.subjects(RDF.type, BIKG.Well))[2]
    return replace(g, me, RDFS.label, Literal("A01"))


def well_with_two_biosamples(g):
    me = next(w for w in sorted(g.subjects(BIKG.biosample)) if w.startswith(STUDIES + "idr9004"))
    other = next(b for b in sorted(g.subjects(RDF.type, BIKG.Biosample)) if b.startswith(STUDIES + "idr9007"))
    g.add((me, BIKG.biosample, other))
    return me


def well_without_a_row(g):
    me = sorted(g.subjects(RDF.type, BIKG.Well))[4]
    return replace(g, me, PROV.wasDerivedFrom)


def hit_that_is_no_hit(g):
    me = next(w for w in sorted(g.subjects(BIKG.annotatedWith)) if w.startswith(STUDIES + "idr9002"))
    g.add((me, BIKG.outcome, BIKG.NoHit))
    return me


def biosample_with_two_hosts(g):
    me = one(g, BIKG.Biosample, OBO.RO_0002162)
    g.add((me, OBO.RO_0002162, OBO.NCBITaxon_11320))
    return me


def biosample_with_words_for_a_term(g):
    me = one(g, BIKG.Biosample, BIKG.cellLine)
    return replace(g, me, BIKG.cellLine, Literal("HeLa"))


def treatment_of_two_classes(g):
    me = one(g, BIKG.GeneKnockdown)
    g.add((me, RDF.type, BIKG.ProteinTagging))
    return me


def treatment_without_content(g):
    me = one(g, BIKG.GeneDeletion)
    return replace(g, me, BIKG.targetGene)


def treatment_of_an_unknown_gene(g):
    me = max(g.subjects(RDF.type, BIKG.GeneKnockdown))
    return replace(g, me, BIKG.targetGene, URIRef("https://www.ncbi.nlm.nih.gov/gene/0"))


def ambiguous_target_that_is_alone(g):
    me = sorted(
        t for t in g.subjects(RDF.type, BIKG.GeneKnockdown) if len(set(g.objects(t, BIKG.targetGene))) == 1
    )[2]
    g.add((me, BIKG.targetAmbiguous, Literal(True)))
    return me


def concentration_below_zero(g):
    me = one(g, BIKG.CompoundTreatment, BIKG.concentrationMicromolar)
    return replace(g, me, BIKG.concentrationMicromolar, Literal("-1", datatype=XSD.decimal))


def concentration_as_a_text(g):
    me = max(g.subjects(BIKG.concentrationMicromolar))
    return replace(g, me, BIKG.concentrationMicromolar, Literal("0.1 uM"))


def condition_without_a_value(g):
    return replace(g, one(g, BIKG.Condition), BIKG.factorValue)


def reagent_that_is_nothing(g):
    me = max(g.subjects(RDF.type, BIKG.SiRNA))
    return replace(g, me, RDFS.label, Literal("Empty"))


def reagent_that_nobody_uses(g):
    me = STUDIES + "idr9003/reagent/spare"
    g.add((me, RDF.type, BIKG.SiRNA))
    g.add((me, RDFS.label, Literal("spare")))
    return me


def phenotype_without_words(g):
    return replace(g, max(g.subjects(RDF.type, BIKG.StudyPhenotype)), SKOS.prefLabel)


def declared_phenotype_without_a_row(g):
    declared = (p for p in g.subjects(RDF.type, BIKG.StudyPhenotype) if (p, PROV.wasDerivedFrom, None) in g)
    return replace(g, min(declared), PROV.wasDerivedFrom)


def joined_file_without_a_row(g):
    me = min(g.subjects(BIKG.joinedRow))
    file = URIRef("https://example.org/processed.txt")
    replace(g, me, BIKG.joinedRow, file)
    return me, file


def column_that_does_not_add_up(g):
    home = STUDIES + "idr9005"
    me = min(g.objects(home, BIKG.mappedColumn))
    replace(g, me, BIKG.valueCount, Literal(99))
    return home, me


def column_on_the_wrong_list(g):
    home = STUDIES + "idr9006"
    me = min(g.objects(home, BIKG.unmappedColumn))
    g.remove((home, BIKG.unmappedColumn, me))
    g.add((home, BIKG.mappedColumn, me))
    return home, me


def mail_in_a_text(g):
    me = max(g.subjects(RDF.type, BIKG.Protocol))
    return replace(g, me, SCHEMA.description, Literal("Write to jo@example.org for cells."))


def gene_that_is_a_transcript(g):
    me = one(g, BIOLINK.Gene)
    g.add((me, RDF.type, BIOLINK.Transcript))
    return me


def compound_with_two_labels(g):
    me = one(g, BIOLINK.SmallMolecule, RDFS.label)
    g.add((me, RDFS.label, Literal("another name")))
    return me


BREAKS = {
    study_with_two_titles: "A study has one title.",
    study_with_a_word_for_its_organism: "An organism is a term of NCBI Taxonomy or a species of GBIF.",
    component_of_no_study: "A component is part of one study.",
    component_with_an_open_role: "A component has one gene role of the closed set.",
    association_with_another_role: "An association has another gene role than its component.",
    association_with_a_strange_term: "An association has a term that its study phenotype is not mapped to.",
    association_at_two_levels: "An association has one annotation level of the closed set.",
    association_without_a_row: "An association is derived from a row of a file.",
    gene_call_that_counts_its_wells: "Evidence names records although no association reports at their level: "
    "a call for a gene is not a call for each of its wells.",
    evidence_in_a_well_of_another_treatment: "Evidence names a record that has not its treatment "
    "or not its phenotype.",
    evidence_without_an_association: "Evidence is that of an association.",
    well_with_the_phenotype_of_another_component: "A record is annotated with a phenotype "
    "of another component.",
    well_that_is_annotated_with_words: "A record is annotated with study phenotypes, "
    "not with words or terms.",
    well_with_a_padded_name: "The name of a well is normalised: A1, not a1 or A01.",
    well_with_two_biosamples: "A record has at most one biosample.",
    well_without_a_row: "A well names the row that it comes from.",
    hit_that_is_no_hit: "A record that is no hit has no phenotype.",
    biosample_with_two_hosts: "A biosample has one host, a term of NCBI Taxonomy or a species of GBIF; "
    "what it is infected with is at bikg:infectedWith.",
    biosample_with_words_for_a_term: "A trait of a biosample is an IRI; "
    "words are at its twin that ends in Name.",
    treatment_of_two_classes: "A treatment has one class: the classes exclude each other.",
    treatment_without_content: "A treatment says something: a reagent, a target, a dose or a factor.",
    treatment_of_an_unknown_gene: "A target is a gene or a transcript with a node of its own.",
    ambiguous_target_that_is_alone: "An ambiguous target is one of several.",
    concentration_below_zero: "A concentration in micromolar is one decimal number, not below 0.",
    concentration_as_a_text: "A concentration in micromolar is one decimal number, not below 0.",
    condition_without_a_value: "A condition has one value.",
    reagent_that_is_nothing: "A word for 'nothing' became a reagent.",
    reagent_that_nobody_uses: "A reagent is used by a treatment, or is part of one that is.",
    declared_phenotype_without_a_row: "A declared study phenotype names the rows of the study's text that it "
    "comes from.",
    joined_file_without_a_row: "What is joined to a record is a row of a file.",
    phenotype_without_words: "A study phenotype has one label.",
    column_that_does_not_add_up: "The cells of a column do not add up: "
    "value count is not mapped + issue + unmapped.",
    column_on_the_wrong_list: "A column is on the wrong list: "
    "those with cells that only the file has are unmapped columns.",
    mail_in_a_text: "A text holds an e-mail address: they are not published.",
    gene_that_is_a_transcript: "An id is that of a gene or of a transcript, not of both.",
    compound_with_two_labels: "A compound has one label; other names are alternative labels.",
}
"""Ways to break the examples, and what the shapes say then."""


@pytest.fixture(scope="module")
def broken(examples, check):
    """Break one copy of the examples in all ways at once; return where, and what the shapes say."""
    graph = rdflib.Graph()
    for triple in examples:
        graph.add(triple)
    places = {}
    for spoil in BREAKS:
        where = spoil(graph)
        places[spoil] = where if isinstance(where, tuple) else (where, None)
    return places, violations(check(graph))


@pytest.mark.parametrize("spoil", BREAKS, ids=lambda f: f.__name__)
def test_broken_data_is_found(broken, spoil):
    places, results = broken
    focus, value = places[spoil]
    hits = [(f, v) for message, f, v in results if message == BREAKS[spoil]]
    assert (focus in {f for f, _ in hits}) if value is None else ((focus, value) in hits)


def test_nothing_but_the_breaks_is_found(broken, found):
    places, results = broken
    touched = {node for pair in places.values() for node in pair}
    assert {result for result in results if result[1] not in touched} == violations(found)


# -- real studies


@pytest.mark.corpus
@pytest.mark.parametrize("study", CORPUS)
def test_real_studies_have_no_violations(full_release, check, study):
    results = check(union(full_release, study))
    assert violations(results) == set()
    assert {severity for severity, *_ in results} <= {"Warning", "Info"}
