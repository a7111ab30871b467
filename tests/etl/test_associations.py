"""What a study says of a gene or a compound: at the level it says it, with its evidence (R1 to R10)."""

import pytest

GENE_CALL = "biolink:GeneToPhenotypicFeatureAssociation"
COMPOUND_CALL = "biolink:ChemicalEntityToDiseaseOrPhenotypicFeatureAssociation"
SGO1, ELKS = "ENSG00000129810", "ENSG00000082805"
RNAI = "Screen Technology Type\tRNAi screen\nScreen Technology Term Accession\tEFO_0007551\n"
PHENOTYPES = (
    "Phenotype Name\tround cells\tlarge and bright\tgrape\n"
    "Phenotype Score Type\tautomatic\tmanual\tautomated then manual\n"
    "Phenotype Term Accession\tCMPO_0000118\tCMPO_0000128\t\n"
    "Phenotype Term Accession\t\tCMPO_0000140\t\n"
)
HEADER = "siRNA Identifier,Gene Identifier,Phenotype 1,Phenotype 2,Phenotype 3,Phenotype Annotation Level"


def wells(mini, *rows, header=HEADER, screen=RNAI, study=""):
    lines = [f"Plate,Well,{header}", *(f"P,A{n},{row}" for n, row in enumerate(rows, start=1))]
    return mini({"annotation.csv": "\n".join(lines) + "\n"}, screen=screen + PHENOTYPES, study=study)


def well(n):
    return f"screenA/plate/P/well/A{n}"


def only(things):
    (thing,) = things
    return thing


def test_a_gene_level_call_is_one_statement_however_many_wells_repeat_it(mini):
    study = wells(mini, *[f"s{n},{SGO1},round cells,,,gene" for n in (1, 2, 2)])
    call = only(study.of(GENE_CALL))
    assert call == f"screenA/association/{SGO1}-1-CMPO_0000118"
    facts = study.facts(call)
    assert [f for f in facts if f[0] not in ("biolink:has_evidence", "prov:wasDerivedFrom")] == [
        ("bikg:annotationLevel", "bikg:GeneLevel"),
        ("bikg:geneRole", "bikg:PerturbationTarget"),
        ("bikg:studyPhenotype", "screenA/phenotype/1"),
        ("biolink:agent_type", "image_processing_agent"),
        ("biolink:knowledge_level", "observation"),
        ("biolink:primary_knowledge_source", "https://w3id.org/bioimg-kg/id/study/idr9999"),
        ("biolink:subject_aspect_qualifier", "expression"),
        ("biolink:subject_direction_qualifier", "decreased"),
        ("dcterms:isPartOf", "screenA"),
        ("rdf:object", "cmpo:CMPO_0000118"),
        ("rdf:predicate", "biolink:has_phenotype"),
        ("rdf:subject", f"ensembl:{SGO1}"),
        ("rdf:type", GENE_CALL),
    ]
    evidence = study.all("biolink:has_evidence", call)
    assert len(evidence) == 2
    treatments = {study.all("bikg:treatment", e)[0] for e in evidence}
    assert treatments == {study.all("bikg:treatment", well(n))[0] for n in (1, 2, 3)}
    assert all(study.all("bikg:outcome", e) == ["bikg:NotScored"] for e in evidence)
    assert study.all("bikg:observedIn") == []
    assert len(study.all("bikg:annotatedWith")) == 3


def test_the_only_reagent_of_a_gene_level_call_is_a_hit(mini):
    study = wells(mini, *[f"s1,{SGO1},round cells,,,gene"] * 2)
    evidence = only(study.all("biolink:has_evidence", only(study.of(GENE_CALL))))
    assert study.all("bikg:outcome", evidence) == ["bikg:Hit"]


@pytest.mark.parametrize(
    ("level", "observed"),
    [
        ("well", True),
        ("image", True),
        ("single replicate of reagent", True),
        ("multiple replicates of reagent", True),
        ("multiple reagents", False),
        ("gene", False),
        ("experimental condition and gene", False),
        ("", False),
    ],
)
def test_only_calls_about_the_record_are_observed_in_it(mini, level, observed):
    study = wells(mini, f"s1,{SGO1},round cells,,,{level}", f"s1,{SGO1},,,,{level}")
    assert [o for _, o in study.all("bikg:observedIn")] == ([well(1)] if observed else [])


def test_the_same_phenotype_at_two_levels_is_two_statements(mini):
    study = wells(mini, f"s1,{SGO1},round cells,,,gene", f"s1,{SGO1},round cells,,,well")
    assert study.of(GENE_CALL) == [
        f"screenA/association/{SGO1}-1-CMPO_0000118-{level}" for level in ("GeneLevel", "WellLevel")
    ]


def test_a_phenotype_of_two_terms_is_two_statements_of_one_phenotype(mini):
    study = wells(mini, f"s1,{SGO1},,large and bright,,gene")
    calls = study.of(GENE_CALL)
    assert [study.all("rdf:object", call) for call in calls] == [["cmpo:CMPO_0000128"], ["cmpo:CMPO_0000140"]]
    assert {study.all("bikg:studyPhenotype", call)[0] for call in calls} == {"screenA/phenotype/2"}
    assert {study.all("biolink:agent_type", call)[0] for call in calls} == {"manual_agent"}


def test_a_phenotype_without_a_term_is_a_statement_without_an_object(mini):
    study = wells(mini, f"s1,{SGO1},,,grape,gene")
    call = only(study.of(GENE_CALL))
    assert call.endswith("-3-unmapped")
    assert study.all("rdf:object", call) == []
    assert study.all("biolink:agent_type", call) == ["manual_validation_of_automated_agent"]


def test_every_gene_of_a_cell_gets_the_statement(mini):
    study = wells(mini, f"s1,{SGO1};{ELKS},round cells,,,gene")
    assert sorted(o for _, o in study.all("rdf:subject")) == [f"ensembl:{ELKS}", f"ensembl:{SGO1}"]
    assert len(study.of("bikg:EvidenceLine")) == 1
    assert study.all("bikg:targetAmbiguous") == []


def test_one_of_several_genes_is_flagged_everywhere(mini):
    study = wells(mini, f"s1,{SGO1} OR {ELKS},round cells,,,gene")
    flagged = [s for s, o in study.all("bikg:targetAmbiguous")]
    assert sorted(flagged) == sorted([*study.of(GENE_CALL), *study.of("bikg:GeneKnockdown")])
    assert len(study.of(GENE_CALL)) == 2


def test_a_gene_that_is_also_hit_alone_is_not_ambiguous(mini):
    study = wells(mini, f"s1,{SGO1} OR {ELKS},round cells,,,gene", f"s2,{SGO1},round cells,,,gene")
    flagged = {s for s, _ in study.all("bikg:targetAmbiguous") if "/association/" in s}
    assert flagged == {f"screenA/association/{ELKS}-1-CMPO_0000118"}


def test_blank_is_not_scored_and_no_is_a_miss(mini):
    study = wells(mini, f"s1,{SGO1},,,,,no", f"s2,{SGO1},,,,,", header=HEADER + ",Has Phenotype")
    assert study.of(GENE_CALL) == []
    assert study.all("bikg:outcome") == [(well(1), "bikg:NoHit")]


@pytest.mark.parametrize(
    ("technology", "role", "treatment", "qualifiers"),
    [
        ("RNAi screen", "PerturbationTarget", "GeneKnockdown", ["expression", "decreased"]),
        ("gene deletion screen", "PerturbationTarget", "GeneDeletion", ["loss_of_function_variant_form"]),
        ("CRISPR knockout", "PerturbationTarget", "GeneKnockout", ["loss_of_function_variant_form"]),
        (
            "ORF overexpression screen",
            "OverexpressionTarget",
            "GeneOverexpression",
            ["expression", "increased"],
        ),
        ("protein screen", "LocalizedProduct", "ProteinTagging", []),
        ("something else", "UnstatedRole", "Treatment", []),
    ],
)
def test_the_role_of_the_gene(mini, technology, role, treatment, qualifiers):
    study = wells(mini, f"s1,{SGO1},round cells,,,gene", screen=f"Screen Technology Type\t{technology}\n")
    call = only(study.of(GENE_CALL))
    assert study.all("bikg:geneRole", call) == ["bikg:" + role]
    assert study.all("bikg:geneRole", "screenA") == ["bikg:" + role]
    assert study.of("bikg:" + treatment) == study.all("bikg:treatment", well(1))
    found = [o for p, o in study.facts(call) if p.startswith("biolink:subject_")]
    assert found == qualifiers


COMPOUNDS = "Screen Technology Type\tcompound screen\n"
DRUG = "Compound PubChem CID,Compound Concentration (uM),Phenotype 1,Phenotype Annotation Level"


def test_a_phenotype_of_a_compound(mini):
    study = wells(mini, "679,1,round cells,well", "679,10,round cells,well", header=DRUG, screen=COMPOUNDS)
    call = only(study.of(COMPOUND_CALL))
    assert study.of(GENE_CALL) == []
    facts = dict(study.facts(call))
    assert facts["rdf:subject"] == "cid:CID679"
    assert facts["rdf:predicate"] == "biolink:associated_with"
    assert "bikg:geneRole" not in facts
    assert len(study.all("biolink:has_evidence", call)) == 2
    assert sorted(o for _, o in study.all("bikg:observedIn")) == [well(1), well(2)]


def test_the_genes_of_a_compound_screen_are_targets_of_the_compound(mini):
    study = wells(
        mini,
        f"679,1,round cells,well,{SGO1}",
        f",,,,{ELKS}",
        header=DRUG + ",Gene Identifier",
        screen=COMPOUNDS,
    )
    assert len(study.of(COMPOUND_CALL)) == 1
    assert study.all("bikg:geneRole", only(study.of(GENE_CALL))) == ["bikg:CompoundTarget"]
    assert sorted(o for _, o in study.all("bikg:targetGene")) == [f"ensembl:{ELKS}", f"ensembl:{SGO1}"]


def test_a_table_of_calls_has_statements_and_no_records(mini):
    study = mini(
        {"processed.txt": f"Gene Identifier\tsiRNA Identifier\tPhenotype 1\n{SGO1}\ts1\tround cells\n"},
        screen=RNAI + PHENOTYPES,
    )
    assert study.of("bikg:Well") == []
    call = only(study.of(GENE_CALL))
    assert study.all("prov:wasDerivedFrom", call)[0].endswith("-processed.txt#row=2")
    evidence = only(study.all("biolink:has_evidence", call))
    assert study.of("bikg:GeneKnockdown") == study.all("bikg:treatment", evidence)


def test_a_call_about_what_is_no_known_gene_is_kept_as_evidence(mini):
    study = mini(
        {"processed.txt": "Gene Symbol\tsiRNA Identifier\tPhenotype 1\nKBTBD3\t38672\tround cells\n"},
        screen=RNAI + PHENOTYPES,
    )
    evidence = only(study.of("bikg:EvidenceLine"))
    assert study.all("bikg:studyPhenotype", evidence) == ["screenA/phenotype/1"]
    assert study.all("bikg:outcome", evidence) == ["bikg:Hit"]
    treatment = only(study.all("bikg:treatment", evidence))
    assert study.all("bikg:targetName", treatment) == ["KBTBD3"]
    assert study.of(GENE_CALL) == []


def test_a_record_about_what_is_no_known_gene_has_its_phenotype_and_no_evidence(mini):
    study = wells(mini, "s1,,round cells,,,gene")
    assert study.all("bikg:annotatedWith") == [(well(1), "screenA/phenotype/1")]
    assert study.of("bikg:EvidenceLine") == []


def test_the_species_and_the_papers_of_a_statement(mini):
    study = wells(
        mini,
        f"s1,{SGO1},round cells,,,gene,Homo sapiens,NCBITaxon_9606",
        f"s1,{SGO1},round cells,,,gene,Mus musculus,NCBITaxon_10090",
        header=HEADER + ",Characteristics [Organism],Term Source 1 Accession",
        study="Study PubMed ID\t20531400\nStudy DOI\thttps://doi.org/10.1038/msb.2010.25\n",
    )
    facts = study.facts(only(study.of(GENE_CALL)))
    assert [o for p, o in facts if p == "biolink:species_context_qualifier"] == [
        "obo:NCBITaxon_10090",
        "obo:NCBITaxon_9606",
    ]
    assert [o for p, o in facts if p == "biolink:publications"] == [
        "https://pubmed.ncbi.nlm.nih.gov/20531400/"
    ]


def test_a_pool_has_its_parts(mini):
    study = wells(
        mini,
        f"p1,d1&d2,{SGO1}",
        header="siRNA Pool Identifier,siRNA Identifier,Gene Identifier",
    )
    assert study.all("schema:hasPart") == [("reagent/p1", "reagent/d1"), ("reagent/p1", "reagent/d2")]
    assert [o for _, o in study.all("bikg:reagent")] == ["reagent/p1"]
    assert study.of("bikg:SiRNAPool") == ["reagent/p1"]
    assert study.of("bikg:SiRNA") == ["reagent/d1", "reagent/d2"]


@pytest.mark.parametrize(
    ("header", "row", "owner"),
    [
        ("siRNA Identifier", "s1", "reagent/s1"),
        ("siRNA Pool Identifier", "p1", "reagent/p1"),
        ("siRNA Identifier,siRNA Pool Identifier", "s1,p1", "reagent/s1"),
        ("siRNA Identifier,siRNA Catalog Number,siRNA Pool Identifier", "s1,D-1,p1", "reagent/s1"),
    ],
)
def test_a_sequence_belongs_to_its_reagent(mini, header, row, owner):
    study = wells(mini, f"{row},ACGU,UGCA", header=header + ",Sense Sequence,Antisense Sequence")
    assert "ACGU" in study.all("bikg:senseSequence", owner)
    assert "UGCA" in study.all("bikg:antisenseSequence", owner)


def test_a_sequence_alone_is_a_reagent(mini):
    study = wells(mini, "ACGU", header="Sense Sequence")
    assert only(study.of("bikg:SiRNA")).startswith("reagent/sequence-")


def test_antibodies_are_treatments_of_their_own_with_their_gene(mini):
    study = wells(
        mini,
        f"AB_1,{SGO1},HPA2,{ELKS}",
        header="Antibody Identifier 1,Gene Identifier 1,Antibody Identifier 2,Gene Identifier 2",
        screen="Screen Technology Type\tantibody screen\n",
    )
    pairs = {
        only(study.all("bikg:reagent", t)): only(study.all("bikg:targetGene", t))
        for t in study.of("bikg:AntibodyStaining")
    }
    assert pairs == {
        "https://identifiers.org/RRID:AB_1": f"ensembl:{SGO1}",
        "reagent/HPA2": f"ensembl:{ELKS}",
    }


def test_a_condition_is_kept_in_words(mini):
    study = wells(
        mini, "30 C,n/a", header="Experimental Condition [Temperature],Experimental Condition [Time]"
    )
    treatment = only(study.of("bikg:Condition"))
    assert study.facts(treatment) == [
        ("bikg:factor", "temperature"),
        ("bikg:factorValue", "30 C"),
        ("rdf:type", "bikg:Condition"),
    ]
    assert [i[0] for i in study.issues] == ["null-text"]


def test_keys_do_not_depend_on_the_order_of_rows_or_columns(mini, tmp_path):
    rows = [f"s1,{SGO1},round cells,,,gene", f"s2,{ELKS},,large and bright,,gene"]
    first = wells(mini, *rows)
    (tmp_path / "source").rename(tmp_path / "old")
    second = wells(
        mini,
        f"gene,{ELKS},large and bright,s2,",
        f"gene,{SGO1},,s1,round cells",
        header="Phenotype Annotation Level,Gene Identifier,Phenotype 2,siRNA Identifier,Phenotype 1",
    )
    for kind in (GENE_CALL, "bikg:EvidenceLine", "bikg:GeneKnockdown", "bikg:SiRNA"):
        assert first.of(kind) == second.of(kind) != []
