"""Phenotype columns: the authors' words, the terms, the level, and what the archive says of hits."""

import pytest

DECLARED = (
    "Phenotype Name\tround cells\tlarge and bright\tgrape\n"
    "Phenotype Score Type\tautomatic\tmanual\t\n"
    "Phenotype Term Accession\tCMPO_0000118\tCMPO_0000128\t\n"
    "Phenotype Term Accession\t\tCMPO_0000140\t\n"
)


def wells(mini, header, *rows, screen=DECLARED, **more):
    lines = [f"Plate,Well,{header}", *(f"P,A{n},{row}" for n, row in enumerate(rows, start=1))]
    return mini({"annotation.csv": "\n".join(lines) + "\n"}, screen=screen, **more)


def well(n):
    return f"screenA/plate/P/well/A{n}"


def test_every_declared_phenotype_is_there_even_if_no_row_has_it(mini):
    study = wells(mini, "Phenotype 1", "", "")
    assert study.of("bikg:StudyPhenotype") == [f"screenA/phenotype/{n}" for n in (1, 2, 3)]
    assert study.facts("screenA/phenotype/2") == [
        ("bikg:declared", "true"),
        ("bikg:mappedTerm", "cmpo:CMPO_0000128"),
        ("bikg:mappedTerm", "cmpo:CMPO_0000140"),
        ("bikg:scoreType", "manual"),
        ("dcterms:isPartOf", "screenA"),
        *(
            ("prov:wasDerivedFrom", f"https://example.org/repo/blob/abc/idr9999-study.txt#row={n}")
            for n in (5, 7, 8)
        ),
        ("rdf:type", "bikg:StudyPhenotype"),
        ("skos:prefLabel", "large and bright"),
    ]
    assert study.all("bikg:annotatedWith") == []


def test_a_label_finds_its_declaration_whatever_its_column(mini):
    study = wells(mini, "Phenotype 1,Phenotype 7", "Round  Cells ,grape", ",large and bright")
    assert study.all("bikg:annotatedWith") == [
        (well(1), "screenA/phenotype/1"),
        (well(1), "screenA/phenotype/3"),
        (well(2), "screenA/phenotype/2"),
    ]
    assert study.issues == []


def test_of_two_equal_labels_the_column_decides(mini):
    names = "Phenotype Name\tsame\tsame\n"
    study = wells(mini, "Phenotype 1,Phenotype 2,Phenotype 3", "same,,", ",same,", ",,same", screen=names)
    assert [o for _, o in study.all("bikg:annotatedWith")] == [f"screenA/phenotype/{n}" for n in (1, 2, 1)]


def test_a_label_that_is_not_declared_is_used_and_reported(mini):
    study = wells(mini, "Phenotype 1", "primordia", "primordia")
    (phenotype,) = {o for _, o in study.all("bikg:annotatedWith")}
    assert phenotype.startswith("screenA/phenotype/u-")
    assert ("bikg:declared", "false") in study.facts(phenotype)
    assert study.issues == [("phenotype-undeclared", 2, "Phenotype 1", "primordia", 0)]
    assert study.counts("Phenotype 1") == (2, 2, 0, 0)


TERMS = "Phenotype 1,Phenotype 1 Term Name,Phenotype 1 Term Accession"


def test_the_tables_terms_must_agree_with_the_description(mini):
    study = wells(
        mini,
        TERMS,
        "round cells,round cell phenotype,CMPO_0000118",
        "round cells,x,CMPO_0000077",
        ",x,CMPO_0000118",
    )
    assert study.all("bikg:mappedTerm", "screenA/phenotype/1") == ["cmpo:CMPO_0000118"]
    assert sorted(study.issues) == [
        ("phenotype-term-conflict", 3, "Phenotype 1 Term Accession", "CMPO_0000077", 1),
        ("phenotype-term-conflict", 4, "Phenotype 1 Term Accession", "CMPO_0000118", 1),
    ]
    assert study.counts("Phenotype 1 Term Accession") == (3, 1, 2, 0)
    assert study.counts("Phenotype 1 Term Name") == (3, 1, 0, 2)


@pytest.mark.parametrize(
    "header",
    [
        "Phenotype 2,Phenotype 2 Term Accession a,Phenotype 2 Term Accession b",
        "Phenotype 2,Phenotype 2 Term 1 Accession,Phenotype 2 Term 2 Accession",
    ],
)
def test_a_phenotype_may_have_two_terms(mini, header):
    study = wells(mini, header, "large and bright,CMPO_0000128,CMPO_0000140")
    assert study.issues == []


def test_an_undeclared_label_has_the_terms_of_its_table(mini):
    study = wells(
        mini,
        "Phenotype,Phenotype Term Name,Phenotype Term Accession",
        "swarm,immunity,GO_0002443",
        "swarm,immunity,GO_0002443",
        "swarm,immunity,GO_0002444",
    )
    (phenotype,) = {o for _, o in study.all("bikg:annotatedWith")}
    assert study.all("bikg:mappedTerm", phenotype) == ["obo:GO_0002443"]
    assert sorted(i[0] for i in study.issues) == ["phenotype-term-conflict", "phenotype-undeclared"]


def test_columns_of_ten_are_not_those_of_one(mini):
    header = "Phenotype 1,Phenotype 10,Phenotype 10 Term Accession"
    study = wells(mini, header, "round cells,grape,CMPO_0000118")
    assert [i[0] for i in study.issues] == ["phenotype-term-conflict"]
    assert study.result.issues[0].message.startswith("the study's description gives 'grape'")


@pytest.mark.parametrize(("word", "hit"), [("no", True), ("No", True), ("yes", False), ("", False)])
def test_has_phenotype(mini, word, hit):
    study = wells(mini, "Has Phenotype,Phenotype 1", f"{word},{'round cells' if word == 'yes' else ''}")
    assert study.all("bikg:outcome") == ([(well(1), "bikg:NoHit")] if hit else [])
    assert study.issues == []


def test_has_phenotype_that_disagrees_is_reported_and_the_columns_count(mini):
    study = wells(mini, "Has Phenotype,Phenotype 1", "yes,", "no,round cells", "maybe,")
    assert sorted((i[0], i[3], i[4]) for i in study.issues) == [
        ("has-phenotype-disagrees", "no", 0),
        ("has-phenotype-disagrees", "yes", 0),
        ("has-phenotype-unknown", "maybe", 1),
    ]
    assert study.all("bikg:annotatedWith") == [(well(2), "screenA/phenotype/1")]


GENE = "Gene Identifier,Phenotype 1"
ROW = "ENSG00000129810,round cells"


def level(study):
    return sorted({o for _, o in study.all("bikg:annotationLevel")})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("well level", "WellLevel"),
        ("gene", "GeneLevel"),
        ("multiple reagents", "MultipleReagents"),
        ("Single  replicate of reagent", "SingleReplicate"),
        ("", "UnstatedLevel"),
    ],
)
def test_the_level_column(mini, text, name):
    study = wells(mini, GENE + ",Phenoptye Annotation Level", f"{ROW},{text}")
    assert level(study) == ["bikg:" + name]
    assert study.issues == []


def test_a_level_that_is_not_known(mini):
    study = wells(mini, GENE + ",Phenotype Annotation Level", f"{ROW},galaxy", f"{ROW},n/a")
    assert level(study) == ["bikg:UnstatedLevel"]
    assert sorted((i[0], i[3], i[4]) for i in study.issues) == [
        ("level-unknown", "galaxy", 1),
        ("null-text", "n/a", 1),
    ]


def test_the_description_states_the_level_where_the_table_does_not(mini):
    stated = (
        "Processed Data Column Name\tGene Identifier\tPhenotype 1\tPhenotype 2\tPhenotype 3\tScore\n"
        "Processed Data Column Annotation Level\twell\tgene\twell\tgene\twell\n"
    )
    study = wells(
        mini, GENE + ",Phenotype Annotation Level", f"{ROW},", f"{ROW},well", screen=DECLARED + stated
    )
    assert level(study) == ["bikg:GeneLevel", "bikg:WellLevel"]
