"""From a statement back to the rows: on the examples, and on a study with a misprint of each kind."""

import gzip
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from pyoxigraph import NamedNode, Store

from bioimg_kg.cli.why import lines
from bioimg_kg.etl.pipeline import BuildOptions, build
from bioimg_kg.release import open_release
from bioimg_kg.store import open_readonly
from bioimg_kg.vocab import BIKG
from bioimg_kg.why import Graph, NotFound, Repairs, Sources, Step, explain, object_term, resource, walk
from bioimg_kg.why.rules import rules
from bioimg_kg.why.tree import Kind

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
REPO = "https://github.com/bioimg-kg/bioimg-kg/blob/main/examples/studies/"
TPX2 = "ENSG00000088325"

STUDY = """Study Title\tMended
Study License\tCC0 1.0
Screen Number\t1
Comment[IDR Screen Name]\tidr9999-doe-cells/screenA
Screen Technology Type\tRNAi screen
Phenotype Name\tin the nucleus\tround cells
Phenotype Term Accession\tCMPO_0005634\tCMPO_0000118
"""
HEADER = (
    "Plate,Well,Characteristics [Organism],Term Source 1 REF,Term Source 1 Accession,Entrez Gene Identifier,"
    "Gene Symbol,Compound Name,Compound PubChem CID,Phenotype Annotation Level,Phenotype 1,Phenotype 2"
)
ROWS = """P,A1,Homo sapiens,NCBITaxon,NCBITaxon_9606,151648,SGOL1,,,gene,in the nucleus,
P,A2,Homo sapiens,NCBITaxon,NCBITaxon_9606,151648,SGOL1,,,gene,in the nucleus,
P,A3,Homo sapiens,NCBITaxon,NCBITaxon_9607,,,paclitaxel,36314\ufb02,well,,round cells
P,A4,Homo sapiens,NCBITaxon,9606,,,paclitaxel,36314\ufb02,well,,round cells
P,A5,Homo sapiens,NCBITaxon,9606,banana,,,,,,
"""
HGNC = """hgnc_id|symbol|status|previous_symbols|alias_symbols|ensembl_gene_id|ncbi_gene_id|uniprot_ids
HGNC:1|OTHER|Approved|||ENSG00000000001|1|
HGNC:25088|SGO1|Approved|SGOL1||ENSG00000129810|151648|Q5FBB7
"""


class Asked:
    """A release that can be asked why."""

    def __init__(self, path, sources):
        self.release = open_release(path)
        self.graph = Graph(open_readonly(self.release.store))
        self.repairs = Repairs.read(self.release.issues)
        self.sources = sources

    def __call__(self, subject, predicate="", obj="", *, cells=False, limit=5):
        about = resource(self.graph, subject)
        by = resource(self.graph, predicate) if predicate else None
        what = object_term(self.graph, about, by, obj) if obj else None
        sources = Sources(self.sources) if cells else None
        return explain(self.graph, self.repairs, about, by, what, sources=sources, limit=limit)


def of(step, kind):
    return [s for s in walk(step) if s.kind == kind]


def fact(step, name):
    return [value for key, value in step.facts if key == name]


def codes(step):
    return {code for repair in of(step, "repair") for code in fact(repair, "code")}


@pytest.fixture(scope="module")
def ask(example_release):
    return Asked(example_release, EXAMPLES / "studies")


@pytest.fixture(scope="module")
def mended(tmp_path_factory):
    home = tmp_path_factory.mktemp("why")
    folder = home / "source" / "idr9999-doe-cells"
    (folder / "screenA").mkdir(parents=True)
    (folder / "idr9999-study.txt").write_text(STUDY, encoding="utf-8")
    table = f"{HEADER}\n{ROWS}"
    (folder / "screenA" / "idr9999-screenA-annotation.csv").write_text(table, encoding="utf-8")
    sources = "study\trepository\tcommit\tpath\nidr9999-doe-cells\thttps://example.org/repo\tabc\t\n"
    (folder.parent / "SOURCES.tsv").write_text(sources)
    tables = home / "reference"
    tables.mkdir()
    with gzip.open(tables / "hgnc.tsv.gz", "wt") as stream:
        stream.write(HGNC.replace("|", "\t"))
    options = BuildOptions(
        sources=[folder.parent],
        data=home / "data",
        reference=tables,
        ontologies=EXAMPLES / "ontologies",
        name="mended",
        jobs=1,
    )
    return Asked(build(options).path, folder.parent)


# ---- derived statements


def test_a_shortcut_leads_over_rule_and_call_to_the_row_and_its_checksum(ask):
    answer = ask(TPX2, "bikg:lossOfFunctionPhenotype", "CMPO:0000202", cells=True)
    (rule,) = of(answer, "rule")
    assert fact(rule, "rule") == ["ontology/rules/1-loss-of-function.rq"]
    assert "whose loss" in rule.text
    (call,) = of(answer, "association")
    assert dict(call.facts) == {
        "association": "id/study/idr9004/screenA/association/ENSG00000088325-3-CMPO_0000202",
        "subject": "ENSEMBL:ENSG00000088325 (TPX2)",
        "study's words": "delayed or arrested mitosis",
        "term": "CMPO:0000202 (mitosis delayed phenotype)",
        "level": "MultipleReplicates",
        "role": "PerturbationTarget",
        "scored by": "image_processing_agent",
    }
    row = call.steps[0]
    assert row.kind == "row"
    file = "idr9004-example-mitosis/screenA/idr9004-screenA-annotation.csv.gz"
    assert row.iri == f"{REPO}{file}#row=6"
    facts = dict(row.facts)
    assert facts["commit"] == "main"
    assert facts["licence"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert facts["sha256"] == Sources(EXAMPLES).checksum(EXAMPLES / "studies" / file)
    (cells,) = of(row, "cells")
    assert ("Phenotype 2", "delayed or arrested mitosis") in cells.facts or (
        "delayed or arrested mitosis" in dict(cells.facts).values()
    )
    assert {"TPX2", "B5", TPX2} <= set(dict(cells.facts).values())
    assert of(answer, "evidence")
    assert not of(answer, "gap")


def test_every_rule_explains_every_statement_that_it_made(ask, mended):
    made = set()
    for asked in (ask, mended):
        home = NamedNode(f"{asked.graph.base}graph/inferred/shortcuts")
        for quad in asked.graph.store.quads_for_pattern(None, None, None, home):
            made.add(quad.predicate.value)
            answer = explain(asked.graph, asked.repairs, quad.subject, quad.predicate, quad.object, limit=1)
            assert of(answer, "rule"), quad
            assert of(answer, "row"), quad
            assert not of(answer, "gap"), quad
    heads = {head[1] for rule in rules() for head in rule.heads}
    assert heads - made <= {BIKG + "overexpressionPhenotype"}
    assert made <= heads


def test_a_call_on_a_gene_says_that_it_was_copied_to_the_well(mended):
    well = "id/study/idr9999/screenA/plate/P/well/A1"
    for predicate, obj in (
        ("bikg:mayDepictPhenotype", "GO:0005634"),
        ("bikg:annotatedWith", "id/study/idr9999/screenA/phenotype/1"),
    ):
        answer = mended(well, predicate, obj)
        (level,) = of(answer, "level")
        assert level.text.startswith(
            "GeneLevel: SGO1 was called as a whole; the call was copied to this well"
        )
        assert [row.iri.partition("#")[2] for row in of(answer, "row")] == ["row=2", "row=6", "row=7"]


def test_a_call_on_a_well_rests_on_the_well(mended):
    answer = mended("id/study/idr9999/screenA/plate/P/well/A3", "bikg:depictsPhenotype", "CMPO:0000118")
    (call,) = of(answer, "association")
    assert fact(call, "level") == ["WellLevel"]
    (evidence,) = of(answer, "evidence")
    assert evidence.text.endswith("seen in 2 records")
    assert not of(answer, "level")


def test_a_shortcut_of_another_identifier_names_the_table_that_joined_it(mended):
    answer = mended("ENSG00000129810", "bikg:lossOfFunctionPhenotype", "GO:0005634")
    (table,) = of(answer, "reference")
    assert table.text == "row 3 of the reference table hgnc.tsv.gz has NCBIGene:151648"
    assert len(fact(table, "sha256")[0]) == 64


def test_without_its_rule_a_chain_is_broken_and_says_so(ask, monkeypatch):
    monkeypatch.setattr("bioimg_kg.why.sources.rules", tuple)
    answer = ask(TPX2, "bikg:lossOfFunctionPhenotype", "CMPO:0000202")
    (gap,) = of(answer, "gap")
    assert "other rules" in gap.text
    assert any("BROKEN: no rule" in line for line in lines(answer))


# ---- statements of studies


def test_a_record_comes_from_its_row(ask):
    well = "id/study/idr9004/screenA/plate/MIT-EX-1/well/B5"
    answer = ask(well, "bikg:qualityControl", "pass")
    (row,) = of(answer, "row")
    assert fact(row, "row") == ["6"]
    assert fact(row, "file") == ["screenA/idr9004-screenA-annotation.csv.gz"]


def test_a_record_of_two_joined_tables_names_both_rows(ask):
    well = "id/study/idr9003/screenA/plate/MORPH-EX/well/C4"
    answer = ask(well, "bikg:annotatedWith", cells=True)
    places = {row.iri.removeprefix(REPO) for row in of(answer, "row")}
    folder = "idr9003-example-cellmorph/screenA/idr9003-screenA"
    assert {place for place in places if "#row=2" in place} >= {
        f"{folder}-library.txt#row=2",
        f"{folder}-processed.txt#row=2",
    }
    assert not of(answer, "gap")


@pytest.mark.parametrize(
    ("thing", "carrier"),
    [
        ("id/study/idr9004/treatment/2aeff3b42a19b530", "Well"),
        ("id/study/idr9004/biosample/085b8d07ff72bfad", "Well"),
        ("id/study/idr9004/reagent/s22745", "GeneKnockdown"),
        ("id/study/idr9004/screenA/plate/MIT-EX-1", "Well"),
    ],
)
def test_what_records_share_comes_from_their_rows(ask, thing, carrier):
    answer = ask(thing, limit=2)
    assert any(step.text.startswith(carrier) for step in of(answer, "thing"))
    assert of(answer, "row")
    assert not of(answer, "gap")


def test_a_treatment_without_a_record_names_the_row_of_its_call(ask):
    screen = "id/study/idr9005/screenA"
    (first, *_) = ask.graph.links(resource(ask.graph, screen), BIKG + "testedTreatment")
    answer = ask(first.value)
    assert of(answer, "row")
    assert not of(answer, "gap")


def test_a_mapping_comes_from_the_lines_of_the_study_text(ask):
    answer = ask("id/study/idr9004/screenA/phenotype/3", "bikg:mappedTerm", "CMPO:0000338", cells=True)
    text = (EXAMPLES / "studies/idr9004-example-mitosis/idr9004-study.txt").read_bytes().decode("cp1252")
    keys = [text.splitlines()[int(fact(row, "row")[0]) - 1].split("\t")[0] for row in of(answer, "row")]
    assert keys == ["Phenotype Name", "Phenotype Term Accession", "Phenotype Term Accession"]
    shown = [cells.facts for cells in of(answer, "cells")]
    assert (("Phenotype Name", "delayed or arrested mitosis"),) in shown
    assert (("Phenotype Term Accession", "CMPO_0000338"),) in shown


def test_what_is_said_of_a_study_comes_from_its_section(ask):
    title = ask.graph.label(resource(ask.graph, "id/study/idr9001"))
    assert title == "idr9001"
    answer = ask("id/study/idr9001", "schema:name", cells=True)
    (row,) = of(answer, "row")
    assert row.iri.startswith(f"{REPO}idr9001-example-pombeshape/idr9001-study.txt#row=3-28")
    (cells,) = of(row, "cells")
    assert [key for key, _ in cells.facts] == ["Study Title"]


def test_a_column_is_a_file_without_a_row(ask):
    (column, *_) = ask.graph.links(resource(ask.graph, "id/study/idr9004/screenA"), BIKG + "mappedColumn")
    answer = ask(column.value, "bikg:valueCount")
    (file,) = of(answer, "file")
    assert fact(file, "sha256")


# ---- other graphs


def test_an_ontology_statement_names_ontology_and_version(ask):
    answer = ask("CMPO:0000202", "rdfs:subClassOf")
    sources = of(answer, "ontology")
    assert sources
    assert all(step.text.startswith("ontology cmpo, version ") for step in sources)


def test_a_canonical_gene_names_the_row_of_the_table(mended):
    answer = mended("ncbigene:151648", "bikg:canonicalGene", "ENSG00000129810")
    tables = [step.text for step in of(answer, "reference") if "reference table" in step.text]
    assert tables == [
        "row 3 of the reference table hgnc.tsv.gz has NCBIGene:151648",
        "row 3 of the reference table hgnc.tsv.gz has ENSEMBL:ENSG00000129810",
    ]
    assert of(answer, "row")  # of the study that uses it


def test_without_tables_a_gene_stands_for_itself(tmp_path):
    studies = EXAMPLES / "studies"
    options = BuildOptions(sources=[studies], data=tmp_path, studies=["idr9004"], name="bare", jobs=1)
    answer = Asked(build(options).path, studies)(TPX2, "bikg:canonicalGene")
    assert any("stands for itself" in step.text for step in of(answer, "reference"))


def test_every_statement_of_the_examples_has_an_end(ask, mended):
    for asked in (ask, mended):
        seen = set()
        for quad in asked.graph.store:
            kind = (quad.graph_name.value, quad.predicate.value)
            if kind not in seen:
                seen.add(kind)
                answer = explain(
                    asked.graph, asked.repairs, quad.subject, quad.predicate, quad.object, limit=1
                )
                ends = {"row", "file", "ontology", "reference", "build"} & {s.kind for s in walk(answer)}
                assert ends, quad
                assert not of(answer, "gap"), quad


# ---- repairs


def test_a_corrected_term_shows_the_correction(mended):
    answer = mended("id/study/idr9999/screenA/phenotype/1", "bikg:mappedTerm", "GO:0005634", cells=True)
    (repair,) = of(answer, "repair")
    assert fact(repair, "value") == ["CMPO_0005634"]
    assert "mappings/corrections.sssom.tsv" in repair.text
    assert codes(mended("id/study/idr9999/screenA/phenotype/2", "bikg:mappedTerm")) == set()


def test_a_damaged_compound_number_shows_in_every_row_that_has_it(mended):
    for well, rows in (("A3", "4-5"), ("A4", "4-5")):
        answer = mended(f"id/study/idr9999/screenA/plate/P/well/{well}", "bikg:treatment")
        (repair,) = [r for r in of(answer, "repair") if fact(r, "code") == ["compound-cid-repaired"]]
        assert fact(repair, "rows") == [rows]
        assert "read as 36314" in repair.text
        assert repair.text.startswith("repair: Compound PubChem CID: ")
    answer = mended("cid:CID36314", "bikg:pubchemCid", "36314")
    assert "compound-cid-repaired" in codes(answer)


def test_an_accession_that_was_outvoted_shows_in_its_row_only(mended):
    well = "id/study/idr9999/screenA/plate/P/well/"
    assert codes(mended(well + "A3", "bikg:biosample")) >= {"accession-minority"}
    assert codes(mended(well + "A1", "bikg:biosample")) == set()
    assert codes(mended(well + "A4", "bikg:biosample")) == {"term-repaired", "compound-cid-repaired"}
    (lost,) = of(mended(well + "A5", "bikg:biosample"), "repair")[1:] or of(
        mended(well + "A5", "bikg:biosample"), "repair"
    )
    assert lost.text.startswith("issue: Entrez Gene Identifier: 'banana' (gene-unresolved)")
    assert lost.text.endswith("this cell is not in the graph")


def test_a_file_in_another_encoding_says_so_at_each_of_its_rows(ask):
    answer = ask("id/study/idr9004/screenA/phenotype/3")
    assert of(answer, "row")
    assert all("encoding-legacy" in codes(row) for row in of(answer, "row"))


def test_a_mapping_names_its_file(ask):
    answer = ask("CMPO:0005634", "skos:exactMatch", "GO:0005634")
    (file,) = of(answer, "reference")
    assert file.text == "mapping file mappings/corrections.sssom.tsv"
    assert fact(file, "comment")


# ---- rows as they stand


def test_another_revision_of_a_file_is_not_shown(mended, tmp_path):
    folder = tmp_path / "idr9999-doe-cells"
    (folder / "screenA").mkdir(parents=True)
    (folder / "screenA" / "idr9999-screenA-annotation.csv").write_text("Plate,Well\nP,A1\n")
    well = resource(mended.graph, "id/study/idr9999/screenA/plate/P/well/A1")
    answer = explain(mended.graph, mended.repairs, well, sources=Sources(tmp_path))
    file = folder / "screenA" / "idr9999-screenA-annotation.csv"
    (gap,) = of(answer, "gap")
    assert gap.text == f"{file} is not the file that was read: its checksum differs"
    assert not of(answer, "cells")
    answer = explain(mended.graph, mended.repairs, well, sources=Sources(tmp_path / "nothing"))
    assert "cannot be shown" in of(answer, "gap")[0].text


def test_a_path_never_leaves_the_source_folder(tmp_path):
    (tmp_path / "idr9999-x").mkdir()
    (tmp_path / "secret.txt").write_text("x")
    assert Sources(tmp_path).find("idr9999", "../secret.txt") is None


# ---- what is not there


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("CMPO:9999999", "nothing in this release is called <http://www.ebi.ac.uk/cmpo/CMPO_9999999>"),
        ("no such thing", "is no IRI"),
        ("SGOL1", "it is a name of ENSEMBL:ENSG00000129810, NCBIGene:151648"),
        ("https://example.org/a b", "is no IRI"),
        ("<https://example.org/> . }", "is no IRI"),
        ("", "is no IRI"),
    ],
)
def test_an_unknown_name_is_an_error_that_helps(mended, name, says):
    with pytest.raises(NotFound) as error:
        mended(name)
    assert says in str(error.value)


def test_a_statement_that_is_not_there_comes_with_those_near_it(ask):
    answer = ask(TPX2, "bikg:lossOfFunctionPhenotype", "CMPO:0000077")
    assert answer.text.startswith("not in the graph: ")
    assert ("found", "no") in answer.facts
    (near,) = answer.steps
    assert {"CMPO:0000202" in step.text for step in near.steps} == {True, False}
    assert all("bikg:lossOfFunctionPhenotype" in step.text for step in near.steps)


def test_long_lists_are_cut_and_counted(ask):
    plate = "id/study/idr9004/screenA/plate/MIT-EX-1"
    every = ask(plate, limit=1000)
    short = ask(plate, limit=2)
    whole = len(of(every, "row"))
    assert len(of(short, "row")) == 2
    assert [step.more for step in walk(short) if step.more] == [whole - 2]


def test_a_release_of_nothing_has_gaps_and_no_crash(tmp_path):
    store = Store(str(tmp_path))
    thing, says = NamedNode("https://example.org/a"), NamedNode("https://example.org/says")
    from pyoxigraph import Quad

    store.add(Quad(thing, says, says, NamedNode("https://w3id.org/bioimg-kg/graph/study/x")))
    store.add(Quad(thing, says, thing, NamedNode("https://example.org/graph")))
    answer = explain(Graph(store), Repairs(), thing, says)
    assert len(of(answer, "gap")) == 2


# ---- the command


def run(*arguments):
    words = [sys.executable, "-m", "bioimg_kg.cli", "why", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture(scope="module")
def data(mended):
    return mended.release.path.parents[1]


def test_the_command_prints_a_tree(mended, data):
    statement = ("id/study/idr9999/screenA/phenotype/1", "bikg:mappedTerm", "GO:0005634")
    done = run(*statement, "-d", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == lines(mended(*statement))
    text = "https://example.org/repo/blob/abc/idr9999-study.txt"
    shown = [line.strip() for line in done.stdout.splitlines()]
    assert f"{text}#row=6" in shown
    assert f"{text}#row=7" in shown
    assert sum("sha256: " in line for line in shown) == 1


def test_the_command_as_json_is_the_same_tree(mended, data):
    done = run("id/study/idr9999/screenA/plate/P/well/A3", "-d", data, "--json", "--source", mended.sources)
    answer = json.loads(done.stdout)
    assert answer.pop("release") == "mended"
    same = mended("id/study/idr9999/screenA/plate/P/well/A3", cells=True).as_dict()
    assert answer == json.loads(json.dumps(same))
    assert answer["kind"] == "answer"


@pytest.mark.parametrize(
    ("arguments", "code", "where"),
    [
        (["CMPO:9999999"], 2, "stderr"),
        (["id/study/idr9999", "a", "bikg:Well"], 1, "stdout"),
        (["id/study/idr9999", "--source", "/nonexistent"], 2, "stderr"),
        (["id/study/idr9999", "--limit", "0"], 2, "stderr"),
    ],
)
def test_exit_codes(data, arguments, code, where):
    done = run(*arguments, "-d", data)
    assert done.returncode == code
    assert getattr(done, where).strip()


def test_steps_are_plain_data():
    step = Step("answer", "a", steps=(Step("gap", "b"),), more=3, at_least=True)
    assert json.dumps(step.as_dict())
    assert lines(step)[-1] == "  ... and at least 3 more (--all)"


def test_the_example_of_the_documentation_is_what_the_command_prints(example_release):
    page = (EXAMPLES.parent / "docs" / "why.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^bioimg-kg why (ENSG.+)$", page, re.MULTILINE)
    (printed,) = re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    done = run(*shlex.split(command), "-d", example_release.parents[1])
    assert done.stdout == printed


def test_the_documentation_explains_every_kind_of_step():
    page = (EXAMPLES.parent / "docs" / "why.md").read_text(encoding="utf-8")
    kinds = re.findall(r"^\| `(\w+)` \|", page.partition("## What the steps are")[2], re.MULTILINE)
    assert set(kinds) == set(get_args(Kind)) - {"answer"}
