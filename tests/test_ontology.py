"""The vocabulary: well formed, complete, consistent, and the same as what the code and the data files say."""

import csv
import gzip
import json
import re
import shutil
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from bioimg_kg import vocab
from bioimg_kg.etl.idr.phenotypes import UNSTATED
from bioimg_kg.etl.idr.study import property_iris

REPO = Path(__file__).resolve().parents[1]
FILE = REPO / "ontology/bioimg-kg.ttl"
BIKG = vocab.BIKG
TERM = re.compile(r"https://w3id\.org/bioimg-kg/ontology#(\w+)")
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual}
HERMIT = [
    pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs java"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of owlready2
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # owlready2 leaves its store open
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
hermit = pytest.mark.parametrize("reasoner", [pytest.param("HermiT", marks=HERMIT)])


@pytest.fixture(scope="module")
def ontology():
    return rdflib.Graph().parse(FILE)


def names(graph, kind):
    """Local names of our terms of a kind."""
    return {str(s)[len(BIKG) :] for s in graph.subjects(RDF.type, kind) if str(s).startswith(BIKG)}


@pytest.fixture(scope="module")
def defined(ontology):
    return set.union(*(names(ontology, kind) for kind in KINDS))


def quads(release):
    for path in sorted((release / "quads").rglob("*.nq.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            yield from stream


def triples(release):
    """Read a release as the union of its graphs."""
    parsed = pyoxigraph.parse("".join(quads(release)).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in parsed}


def table(name):
    with (REPO / "mappings" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


# -- form


def test_both_parsers_read_the_same():
    pyox = list(pyoxigraph.parse(path=FILE, format=pyoxigraph.RdfFormat.TURTLE))
    assert len(pyox) == len(rdflib.Graph().parse(FILE)) > 1000


def test_shapes_parse_and_name_only_defined_terms(defined):
    path = REPO / "ontology/shapes.ttl"
    assert list(pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.TURTLE))
    assert set(re.findall(r"bikg:(\w+)", path.read_text(encoding="utf-8"))) <= defined


def test_the_header_says_version_and_licence(ontology):
    me = rdflib.URIRef(BIKG.removesuffix("#"))
    assert (me, RDF.type, OWL.Ontology) in ontology
    version = str(ontology.value(me, OWL.versionInfo))
    assert str(ontology.value(me, OWL.versionIRI)) == f"{me}/{version}"
    assert "publicdomain/zero" in ontology.value(me, rdflib.DCTERMS.license)


def test_every_subject_of_ours_has_one_kind(ontology, defined):
    subjects = {str(s)[len(BIKG) :] for s in ontology.subjects() if str(s).startswith(BIKG)}
    assert subjects == defined
    assert all(len(KINDS & set(ontology.objects(rdflib.URIRef(BIKG + t), RDF.type))) == 1 for t in defined)


def test_every_term_is_documented(ontology, defined):
    for name in sorted(defined):
        term = rdflib.URIRef(BIKG + name)
        label, definition, example = (
            list(ontology.objects(term, p)) for p in (RDFS.label, SKOS.definition, SKOS.example)
        )
        assert [value.language for value in (*label, *definition)] == ["en", "en"], name
        assert definition[0].endswith("."), name
        assert len(example) == 1, name
        assert ontology.value(term, RDFS.isDefinedBy) == rdflib.URIRef(BIKG.removesuffix("#")), name


def test_no_two_terms_of_a_kind_have_one_label(ontology):
    for kind in KINDS:
        labels = [
            str(ontology.value(rdflib.URIRef(BIKG + name), RDFS.label)) for name in names(ontology, kind)
        ]
        assert len(labels) == len(set(labels))


def test_every_example_is_turtle_and_uses_its_term(ontology, defined):
    head = "".join(f"@prefix {p}: <{i}> .\n" for p, i in vocab.PREFIXES.items())
    for name in sorted(defined):
        text = str(ontology.value(rdflib.URIRef(BIKG + name), SKOS.example))
        graph = rdflib.Graph().parse(data=head + text, format="turtle", publicID=vocab.DEFAULT_BASE)
        assert rdflib.URIRef(BIKG + name) in {node for triple in graph for node in triple}, name
        ours = set(TERM.findall(graph.serialize(format="nt")))
        assert ours <= defined, (name, ours - defined)


def test_nothing_is_inferred_from_domains_and_ranges(ontology):
    assert not list(ontology.subject_objects(RDFS.domain))
    assert not list(ontology.subject_objects(RDFS.range))


def test_domains_and_ranges_are_declared(ontology):
    schema = rdflib.Namespace(vocab.SCHEMA)
    for prop in (schema.domainIncludes, schema.rangeIncludes):
        for value in set(ontology.objects(None, prop)):
            if not str(value).startswith(vocab.XSD) and value != OWL.Class:  # a term of an ontology
                assert (value, RDF.type, OWL.Class) in ontology, value
    for name in names(ontology, OWL.ObjectProperty) | names(ontology, OWL.DatatypeProperty):
        assert list(ontology.objects(rdflib.URIRef(BIKG + name), schema.domainIncludes)), name


def test_terms_of_others_are_only_declared(ontology):
    for subject in set(ontology.subjects()):
        if isinstance(subject, rdflib.URIRef) and not str(subject).startswith(BIKG.removesuffix("#")):
            assert set(ontology.predicates(subject)) == {RDF.type}, subject


def test_hierarchy_of_treatments(ontology):
    def below(name):
        parents = ontology.transitive_objects(rdflib.URIRef(BIKG + name), RDFS.subClassOf)
        return {str(p).removeprefix(BIKG) for p in parents} - {name}

    loss = {"LossOfFunction", "GenePerturbation", "Treatment"}
    assert all(below(name) == loss for name in ("GeneKnockdown", "GeneDeletion", "GeneKnockout"))
    assert below("GeneMutation") == below("GeneOverexpression") == {"GenePerturbation", "Treatment"}
    for name in ("ProteinTagging", "AntibodyStaining", "ProbeHybridization"):
        assert below(name) == {"Treatment"}
        assert (
            rdflib.URIRef(BIKG + name),
            OWL.disjointWith,
            rdflib.URIRef(BIKG + "GenePerturbation"),
        ) in ontology


def test_ranks_order_the_levels(ontology):
    ranks = {
        str(s)[len(BIKG) :]: int(o) for s, o in ontology.subject_objects(rdflib.URIRef(BIKG + "levelRank"))
    }
    assert set(ranks) == members(ontology, "AnnotationLevel") - {UNSTATED}
    assert [ranks[n] for n in ("ImageLevel", "WellLevel", "SingleReplicate", "MultipleReplicates")] == [
        1,
        2,
        3,
        4,
    ]
    assert min(rank for name, rank in ranks.items() if rank > 4) == ranks["MultipleReagents"]
    assert ranks["GeneLevel"] == max(ranks.values())


def members(ontology, name):
    return {str(s)[len(BIKG) :] for s in ontology.subjects(RDF.type, rdflib.URIRef(BIKG + name))}


@pytest.mark.parametrize("name", ["AnnotationLevel", "GeneRole", "Outcome", "PathStatus"])
def test_closed_sets_list_their_members(ontology, name):
    listed = ontology.value(ontology.value(rdflib.URIRef(BIKG + name), OWL.equivalentClass), OWL.oneOf)
    assert {str(m)[len(BIKG) :] for m in rdflib.collection.Collection(ontology, listed)} == members(
        ontology, name
    )


# -- agreement with the code


def constants():
    return {
        text[len(BIKG) :]
        for value in vars(vocab).values()
        for text in (value.values() if isinstance(value, dict) else [value])
        if isinstance(text, str) and text.startswith(BIKG) and text != BIKG
    }


def code_names():
    code = "\n".join(p.read_text(encoding="utf-8") for p in (REPO / "src").rglob("*.py"))
    return set(re.findall(r'\bBIKG \+ "(\w+)"(?! \+)', code))


def data_names():
    """Return the names that the code takes from the data files: the mappings, and the rules."""
    biosamples = [row for row in table("biosample-columns.tsv") if row["property"] != "organism"]
    roles = [row for name in ("component-roles.tsv", "technology-roles.tsv") for row in table(name)]
    genes = json.loads((REPO / "mappings/genes.json").read_text(encoding="utf-8"))
    rules = [path.read_text(encoding="utf-8") for path in (REPO / "ontology/rules").glob("*.rq")]
    made = [re.search(r"CONSTRUCT \{(.*?)\}", rule, re.DOTALL)[1] for rule in rules]
    return {
        *(name for text in made for name in re.findall(r"\bbikg:(\w+)", text)),
        *(row["property"] for row in biosamples),
        *(row["property"] + "Name" for row in biosamples if row["kind"] == "term"),
        *("organismName", "infectedWithName"),
        *(iri[len(BIKG) :] for iri in property_iris()),
        *(row[column] for row in roles for column in ("gene_role", "treatment_class")),
        *(row["level"] for row in table("annotation-levels.tsv")),
        *(record["literal"] for record in genes if "literal" in record),
        *("UnstatedRole", UNSTATED),
    }


def test_every_constant_is_defined(defined):
    assert len(constants()) > 70
    assert constants() <= defined, constants() - defined


def test_every_name_in_the_code_the_data_files_and_the_queries_is_defined(defined):
    found = code_names() | data_names()
    for path in (*(REPO / "queries").glob("*.rq"), REPO / "docs/data-model.md"):
        found |= set(re.findall(r"\bbikg:(\w+)", path.read_text(encoding="utf-8")))
    assert len(found) > 80
    assert found <= defined, found - defined


def test_every_stable_term_is_used(ontology, defined):
    """A term is stable if the code can write it, or if it stands above one that the code can write."""
    status = rdflib.URIRef("http://www.w3.org/2003/06/sw-vocab-status/ns#term_status")
    unstable = {str(s)[len(BIKG) :] for s in ontology.subjects(status)}
    above = {
        str(o)[len(BIKG) :]
        for p in (RDFS.subClassOf, RDF.type)
        for o in ontology.objects(None, p)
        if str(o).startswith(BIKG)
    }
    assert defined - unstable - constants() - code_names() - data_names() - above == {"levelRank"}


def test_properties_of_biosamples_are_defined(ontology):
    objects, texts = names(ontology, OWL.ObjectProperty), names(ontology, OWL.DatatypeProperty)
    for row in table("biosample-columns.tsv"):
        name = row["property"]
        if name == "organism":  # obo:RO_0002162; a second organism is an infection
            assert {"organismName", "infectedWithName"} <= texts
            assert "infectedWith" in objects
        elif row["kind"] == "term":
            assert name in objects
            assert name + "Name" in texts
        else:
            assert name in texts


def test_properties_of_components_are_defined(ontology):
    texts = {BIKG + name for name in names(ontology, OWL.DatatypeProperty)}
    assert set(property_iris()) <= texts


def test_roles_classes_levels_and_literals_of_the_mappings_are_defined(ontology):
    roles = {row["gene_role"] for n in ("component-roles.tsv", "technology-roles.tsv") for row in table(n)}
    classes = {
        row["treatment_class"] for n in ("component-roles.tsv", "technology-roles.tsv") for row in table(n)
    }
    assert roles | {"UnstatedRole"} == members(ontology, "GeneRole")
    assert classes <= names(ontology, OWL.Class)
    assert {row["level"] for row in table("annotation-levels.tsv")} | {UNSTATED} == members(
        ontology, "AnnotationLevel"
    )
    genes = json.loads((REPO / "mappings/genes.json").read_text(encoding="utf-8"))
    literals = {record["literal"] for record in genes if "literal" in record}
    assert literals <= names(ontology, OWL.DatatypeProperty)


def unlike(ontology, release):
    """Terms that a release uses and nobody defines, or uses as another kind than they are."""
    kinds = {kind: {f"<{BIKG}{n}>" for n in names(ontology, kind)} for kind in KINDS}
    whole = {term[1:-1] for terms in kinds.values() for term in terms}
    wrong, used = set(), set()
    for line in quads(release):
        subject, predicate, rest = line.split(" ", 2)
        used.update(BIKG + name for name in TERM.findall(line))
        literal = rest.startswith('"')
        if (
            predicate.startswith("<" + BIKG)
            and predicate not in kinds[OWL.DatatypeProperty if literal else OWL.ObjectProperty]
        ):
            wrong.add((predicate, subject, rest))
        if predicate == f"<{vocab.TYPE}>" and rest.startswith("<" + BIKG):
            term = rest.split(" ", 1)[0]
            if term not in kinds[OWL.Class]:
                wrong.add((term, subject, rest))
    assert len(used) > 70
    return wrong, used - whole


def test_a_build_of_the_examples_uses_defined_terms_as_they_are(ontology, example_release):
    assert unlike(ontology, example_release) == (set(), set())


@pytest.mark.corpus
def test_a_build_of_the_real_studies_uses_defined_terms(ontology, full_release):
    wrong, unknown = unlike(ontology, full_release)
    assert unknown == set()
    assert wrong == set()


# -- agreement with the documentation


def blocks():
    text = (REPO / "docs/data-model.md").read_text(encoding="utf-8")
    return re.findall(r"^```turtle\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_worked_example_stands_in_the_graph(example_release):
    found = triples(example_release)
    head = f"@base <{vocab.DEFAULT_BASE}> .\n"
    head += "".join(f"@prefix {p}: <{i}> .\n" for p, i in vocab.PREFIXES.items())
    stated = [
        (str(t.subject), str(t.predicate), str(t.object))
        for block in blocks()
        for t in pyoxigraph.parse((head + block).encode(), format=pyoxigraph.RdfFormat.TURTLE)
    ]
    assert len(stated) > 30
    assert [triple for triple in stated if triple not in found] == []


# -- consistency


def inconsistent(folder, *extra):
    """Classes that HermiT finds to be empty, given our vocabulary and N-Triples texts."""
    import owlready2

    path = folder / "all.nt"
    text = rdflib.Graph().parse(FILE).serialize(format="nt")
    path.write_text("\n".join([text, *extra]), encoding="utf-8")
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    owlready2.reasoning.JAVA_MEMORY = 1000
    owlready2.sync_reasoner_hermit(world, debug=0)
    found = {c.iri for c in world.inconsistent_classes()} - {vocab.OWL + "Nothing"}
    world.close()
    return found


def slice_of(release, name):
    """Return an ontology graph of a release as N-Triples."""
    with gzip.open(release / f"quads/ontology/{name}.nq.gz", "rt", encoding="utf-8") as stream:
        return "\n".join(line.rsplit(" ", 2)[0] + " ." for line in stream)


@hermit
def test_the_vocabulary_is_consistent_with_the_cmpo_of_the_examples(example_release, tmp_path, reasoner):
    cmpo = slice_of(example_release, "cmpo")
    assert cmpo.count("subClassOf") > 20
    assert inconsistent(tmp_path, cmpo) == set()


@hermit
def test_a_class_that_cannot_be_is_found(tmp_path, reasoner):
    both = "".join(
        f"<{BIKG}Both> <{vocab.SUBCLASS_OF}> <{BIKG}{parent}> .\n"
        for parent in ("ProteinTagging", "GeneDeletion")
    )
    both += f"<{BIKG}Both> <{vocab.TYPE}> <{vocab.OWL_CLASS}> .\n"
    assert inconsistent(tmp_path, both) == {BIKG + "Both"}


@pytest.mark.corpus
@hermit
def test_the_vocabulary_is_consistent_with_cmpo(shared, tmp_path, reasoner):
    cmpo = rdflib.Graph().parse(shared / "ontologies/cmpo-simple.owl", format="xml")
    assert len(set(cmpo.subjects(RDF.type, OWL.Class))) > 390
    assert inconsistent(tmp_path, cmpo.serialize(format="nt")) == set()
