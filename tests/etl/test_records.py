"""Rows become records: keys, biosamples, remarks, channels, and the files they may come from."""

import gzip
import io
import zipfile

import pytest


def wells(mini, header, *rows, **more):
    lines = [f"Plate,Well,{header}", *(f"P,A{n},{row}" for n, row in enumerate(rows, start=1))]
    return mini({"annotation.csv": "\n".join(lines) + "\n"}, **more)


def well(n):
    return f"screenA/plate/P/well/A{n}"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("A1", "A1"),
        ("a01", "A1"),
        ("H012", "H12"),
        ("AF48", "AF48"),
        ("A1-B2-C3", "A1-B2-C3"),
        ("17", "17"),
        ("A0", "A0"),
    ],
)
def test_names_of_wells(mini, written, name):
    study = mini({"annotation.csv": f"Plate,Well\nP 1/x,{written}\n"})
    iri = f"screenA/plate/P%201%2Fx/well/{name}"
    assert study.facts(iri) == [
        ("dcterms:isPartOf", "screenA/plate/P%201%2Fx"),
        (
            "prov:wasDerivedFrom",
            "https://example.org/repo/blob/abc/screenA/idr9999-screenA-annotation.csv#row=2",
        ),
        ("rdf:type", "bikg:Well"),
        ("rdfs:label", name),
    ]
    assert ("well-malformed" in study.codes()) == (name in ("A1-B2-C3", "17", "A0"))


def test_images_of_datasets(mini):
    study = mini({"annotation.csv": "Dataset Name,Image Name\nd,01.tif\nd,\u00e9 [1]\n"})
    assert study.of("bikg:Image") == [
        "screenA/dataset/d/image/%C3%A9%20%5B1%5D",
        "screenA/dataset/d/image/01.tif",
    ]
    assert study.of("bikg:ImageSet") == ["screenA/dataset/d"]


def test_plates_that_look_like_numbers_stay_apart(mini):
    study = mini({"annotation.csv": "Plate,Well\n1.1,A1\n1.10,A1\n007,A1\n"})
    assert [o for s, o in study.all("rdfs:label") if s.count("/") == 2 and "/plate/" in s] == [
        "007",
        "1.1",
        "1.10",
    ]


def test_a_repeated_key_is_one_record_with_the_facts_of_both_rows(mini):
    study = mini({"annotation.csv": "Plate,Well,Control Type\nP,A1,positive\nP,A01,negative\n"})
    assert study.of("bikg:Well") == [well(1)]
    assert study.all("bikg:controlType", well(1)) == ["negative", "positive"]
    assert study.issues == [("record-repeated", 3, "Well", "P, A1", 0)]


def test_a_row_without_its_key_is_reported_cell_by_cell(mini):
    study = mini({"annotation.csv": "Plate,Well,Channels\nP,,GFP\n,A2,GFP\nP,A3,GFP\n"})
    assert study.of("bikg:Well") == [well(3)]
    assert sorted(study.issues) == [
        ("record-without-key", 2, "Channels", "GFP", 2),
        ("record-without-key", 2, "Plate", "P", 1),
        ("record-without-key", 3, "Well", "A2", 1),
    ]
    assert study.counts("Channels") == (3, 1, 2, 0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Negative Control", "negative"),
        ("negative", "negative"),
        ("Positive control", "positive"),
        ("empty well", "empty"),
        ("no siRNA", "no reagent"),
        ("technical control", "technical"),
        ("unknown control", "unknown"),
        ("Neutral Control", "neutral"),
        ("vehicle control", "vehicle"),
    ],
)
def test_control_types(mini, text, kind):
    study = wells(mini, "Control Type", text, "")
    assert study.all("bikg:controlType") == [(well(1), kind)]
    assert study.issues == []


def test_an_unknown_control_type_stays_as_it_is_written(mini):
    study = wells(mini, "Control Type", "Moon phase", "n/a")
    assert study.all("bikg:controlType") == [(well(1), "Moon phase")]
    assert sorted(study.issues) == [
        ("control-type-unknown", 2, "Control Type", "Moon phase", 0),
        ("null-text", 3, "Control Type", "n/a", 1),
    ]


@pytest.mark.parametrize(
    ("text", "verdict", "note"),
    [
        ("pass", "pass", None),
        ("Pass", "pass", None),
        ("fail", "fail", None),
        ("FALSE", "fail", None),
        ("TRUE", "pass", None),
        ("fail, n to low", "fail", "fail, n to low"),
        ("fail not dividing", "fail", "fail not dividing"),
        ("sick cells", None, "sick cells"),
    ],
)
def test_quality(mini, text, verdict, note):
    study = wells(mini, "Quality Control", f'"{text}"', "")
    assert study.all("bikg:qualityControl", well(1)) == ([verdict] if verdict else [])
    assert study.all("bikg:qualityNote", well(1)) == ([note] if note else [])
    assert study.all("bikg:qualityControl", well(2)) == []


def test_channels_are_kept_whole_and_taken_apart(mini):
    study = wells(mini, "Channels", "GFP:tubulin; DAPI:DNA", "GFP:tubulin; DAPI:DNA", "DAPI:DNA")
    assert len(study.of("bikg:ChannelSet")) == 2
    assert study.of("bikg:Channel") == ["screenA/channel/DAPI%3ADNA", "screenA/channel/GFP%3Atubulin"]
    assert len(study.all("bikg:channelSet")) == 3


ORGANISM = "Characteristics [Organism],Term Source 1 REF,Term Source 1 Accession"


def test_equal_sources_are_one_biosample(mini):
    study = wells(
        mini,
        ORGANISM + ",Characteristics [Sex],Characteristics [Age]",
        "Homo sapiens,NCBITaxon,9606,female,007",
        "Homo sapiens,,,female,007",
        "Homo sapiens,,,female,7",
    )
    assert len(study.of("bikg:Biosample")) == 2
    first, second = (study.all("bikg:biosample", well(n))[0] for n in (1, 2))
    assert first == second
    assert study.facts(first) == [
        ("bikg:age", "007"),
        ("bikg:sexName", "female"),
        ("obo:RO_0002162", "obo:NCBITaxon_9606"),
        ("rdf:type", "bikg:Biosample"),
    ]


def test_a_second_organism_is_an_infection(mini):
    study = wells(
        mini,
        "Characteristics [Organism 1],Term Source 1 Accession,"
        "Characteristics [Organism 2],Term Source 2 Accession",
        "Homo sapiens,NCBITaxon_9606,SARS-CoV-2,NCBITaxon_2697049",
    )
    (biosample,) = study.of("bikg:Biosample")
    assert study.facts(biosample) == [
        ("bikg:infectedWith", "obo:NCBITaxon_2697049"),
        ("obo:RO_0002162", "obo:NCBITaxon_9606"),
        ("rdf:type", "bikg:Biosample"),
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Homo sapiens\nStudy Organism Term Accession\tNCBITaxon_9606", ["obo:NCBITaxon_9606"]),
        ("Homo sapiens\tMus musculus\nStudy Organism Term Accession\tNCBITaxon_9606\tNCBITaxon_10090", []),
    ],
)
def test_the_only_organism_of_the_study_holds_for_every_row(mini, words, names):
    study = wells(mini, "x", "1", "2", study=f"Study Organism\t{words}\n")
    assert len(study.all("bikg:biosample")) == 2 * len(names)
    assert [o for s, o in study.all("obo:RO_0002162") if "biosample" in s] == names


def test_a_column_that_nobody_reads_stays_in_the_file(mini):
    study = wells(mini, "Batch,Comment [x]", "1,", "2,", "3,")
    assert study.counts("Batch") == (3, 0, 0, 3)
    left = {(s, study.all("rdfs:label", node)[0]) for s, node in study.all("bikg:unmappedColumn")}
    assert ("screenA", "Batch") in left
    assert all(label != "Comment [x]" for _, label in study.all("rdfs:label"))


def test_columns_of_one_heading_are_counted_together(mini):
    study = wells(mini, "Protocol REF,Protocol REF", "a,b", "a,")
    assert study.counts("Protocol REF") == (3, 0, 0, 3)


def test_cells_beyond_the_header_are_counted(mini):
    study = wells(mini, "x", "1,2,3")
    assert study.counts("(beyond the header)") == (2, 0, 2, 0)


def packed(name, text):
    if name.endswith(".gz"):
        return gzip.compress(text.encode())
    if name.endswith(".zip"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a.csv", text)
        return stream.getvalue()
    return text


@pytest.mark.parametrize(
    "name",
    [
        "annotation.csv",
        "annotations.csv",
        "annotation_2.csv.gz",
        "annotation.csv.gz",
        "annotation.csv.zip",
        "../screenA/run_01/x-annotation.csv",
        "library.txt",
        "library.csv",
    ],
)
def test_tables_are_found_by_the_end_of_their_name(mini, name):
    study = mini({name: packed(name, "Plate,Well\nP,A1\n")})
    assert study.of("bikg:Well") == [well(1)]
    assert study.codes() == []


def test_a_component_without_a_table(mini):
    study = mini({"plates.tsv": "P\t/a/b\n"})
    assert study.codes() == ["table-missing"]
    assert study.result.issues[0].severity == "error"
    assert [(f.path, f.use) for f in study.result.facts.files] == [
        ("idr9999-study.txt", "read"),
        ("screenA/idr9999-screenA-plates.tsv", "listed"),
    ]


def test_a_component_without_a_folder(mini, tmp_path):
    study = mini(screen="Screen Number\t2\nComment[IDR Screen Name]\tidr9999-doe-cells/screenB\n")
    assert [(i.component, i.code) for i in study.result.issues] == [
        ("screenA", "table-missing"),
        ("screenB", "table-missing"),
    ]


@pytest.mark.parametrize("text", ["", "\n", "Plate,Well\n", "x\n1\n"])
def test_tables_that_say_nothing(mini, text):
    study = mini({"annotation.csv": text})
    assert study.of("bikg:Well") == []
    assert study.codes() in ([], ["table-empty"])


def test_the_annotation_table_is_better_than_the_others(mini):
    table = "Plate\tWell\nP\tA1\n"
    study = mini({"annotation.csv": "Plate,Well\nP,A2\n", "library.txt": table, "processed.txt": table})
    assert study.of("bikg:Well") == [well(2)]
    assert {f.path.rpartition("-")[2]: f.use for f in study.result.facts.files} == {
        "study.txt": "read",
        "annotation.csv": "read",
        "library.txt": "superseded",
        "processed.txt": "superseded",
    }


def test_equal_copies_are_read_once(mini):
    table = "Plate,Well\nP,A1\n"
    study = mini({"annotation.csv": table, "../screenA/companions/x-annotation.csv": table})
    assert study.codes() == []
    assert sorted(f.use for f in study.result.facts.files) == ["listed", "read", "read"]


def test_several_tables_of_a_component_are_all_read(mini):
    study = mini({"annotation_1.csv": "Plate,Well\nP,A1\n", "annotation_2.csv": "Plate,Well\nP,A2\n"})
    assert study.of("bikg:Well") == [well(1), well(2)]
