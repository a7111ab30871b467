"""Reference tables out of the forms that publishers offer; each sample has the form of one publisher."""

import csv
import gzip
import io
import sqlite3
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bioimg_kg.errors import SourceError
from bioimg_kg.fetch.inputs import read_inputs
from bioimg_kg.fetch.tables import make_table
from bioimg_kg.identifiers.orthologs import read_orthologs
from bioimg_kg.identifiers.reference import read_reference

TABLES = {one.target: one for one in read_inputs().inputs if getattr(one, "table", None)}
ATTRIBUTES = 'gene_id "{}"; gene_version "1"; gene_name "{}"; gene_biotype "protein_coding";'
ENTREZ = (
    "gene_stable_id\ttranscript_stable_id\tprotein_stable_id\txref\tdb_name\tinfo_type\tsource_identity\t"
    "xref_identity\tlinkage_type\n"
)
HGNC = (
    "hgnc_id\tsymbol\tname\tlocus_type\tstatus\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\t"
    "uniprot_ids\tmgd_id\n"
    'HGNC:25088\tSGO1\t"shugoshin 1"\tgene\tApproved\t"SGO|NY-BR-85"\tSGOL1\t151648\tENSG00000129810\t'
    'Q5FBB7\t"MGI:1919665|MGI:1"\n'
)
HCOP_HEAD = (
    "ortholog_species\thuman_entrez_gene\thuman_ensembl_gene\thgnc_id\thuman_name\thuman_symbol\thuman_chr\t"
    "human_assert_ids\tortholog_species_entrez_gene\tortholog_species_ensembl_gene\tortholog_species_db_id\t"
    "ortholog_species_name\tortholog_species_symbol\tortholog_species_chr\tortholog_species_assert_ids\tsupport\n"
)


def hcop(taxon, ncbi, ensembl, symbol, support):
    human = "151648\tENSG00000129810\t-\tn\tSGO1\t3\t-"
    return f"{taxon}\t{human}\t{ncbi}\t{ensembl}\t-\tn\t{symbol}\t1\t-\t{support}\n"


SAMPLES = {
    "reference/sources/human-entrez.tsv.gz": ENTREZ
    + "ENSG00000000003\tENST1\tENSP1\t7105\tEntrezGene\tDEPENDENT\t-\t-\t-\n" * 2,
    "reference/sources/fly-entrez.tsv.gz": ENTREZ
    + "FBgn0000008\tFBtr1\tFBpp1\t43852\tEntrezGene\tDEPENDENT\t-\t-\t-\n",
    "reference/sources/human-grch37.gtf.gz": "#!genome-build GRCh37\n1\te\tgene\t1\t2\t.\t+\t.\t"
    + ATTRIBUTES.format("ENSG00000999999", "OLD1")
    + "\n",
    "reference/orthologs.tsv.gz": HCOP_HEAD
    + hcop("4896", "3361425", "SPAC15A10.15", "sgo2", "Ensembl,OMA")
    + hcop("4932", "854479", "YOR073W", "SGO1", "OMA,Panther,Ensembl")
    + hcop("10116", "1", "ENSRNOG1", "Sgo1", "OMA")
    + hcop("7227", "-", "FBgn0000008", "a", "OMA"),
    "reference/hgnc.tsv.gz": HGNC,
    "reference/human_ensembl_genes.tsv.gz": "#!genome-build GRCh38\nX\te\tgene\t1\t2\t.\t-\t.\t"
    + ATTRIBUTES.format("ENSG00000000003", "TSPAN6")
    + "\nX\te\texon\t1\t2\t.\t-\t.\t"
    + ATTRIBUTES.format("ENSG00000000003", "TSPAN6")
    + "\n",
    "reference/fly_genes.tsv.gz": "## FlyBase\n\n##gene_symbol\torganism_abbreviation\tprimary_FBgn#\t"
    "secondary_FBgn#(s)\tannotation_ID\tsecondary_annotation_ID(s)\n"
    "a\tDmel\tFBgn0000008\tFBgn0034701,FBgn0034702\tCG6741\tCG13505\nx\tDsim\tFBgn0099999\t\tGD1\t\n",
    "reference/pombe_genes.tsv.gz": "gene_systematic_id\tgene_systematic_id_with_prefix\tgene_name\t"
    "chromosome_id\tgene_product\tuniprot_id\tgene_type\tsynonyms\n"
    "SPAC15A10.15\tPomBase:SPAC15A10.15\tsgo2\tI\tp\tO1\tprotein coding gene\tshugoshin 2,SPAC1.1\n",
}
GENES = """
CREATE TABLE genes (_id INTEGER, gene_id TEXT);
CREATE TABLE gene_info (_id INTEGER, gene_name TEXT, symbol TEXT);
CREATE TABLE alias (_id INTEGER, alias_symbol TEXT);
CREATE TABLE ensembl (_id INTEGER, ensembl_id TEXT);
"""
HUMAN = (
    GENES
    + """
CREATE TABLE refseq (_id INTEGER, accession TEXT);
INSERT INTO genes VALUES (1, '1'), (2, '2');
INSERT INTO gene_info VALUES (1, 'alpha-1-B glycoprotein', 'A1BG'), (2, 'alpha-2-macroglobulin', 'A2M');
INSERT INTO alias VALUES (1, 'A1B'), (1, 'ABG'), (1, 'A1BG');
INSERT INTO ensembl VALUES (1, 'ENSG00000121410');
INSERT INTO refseq VALUES (2, 'NM_000014'), (2, 'NP_000005');
"""
)
MOUSE = (
    GENES
    + """
CREATE TABLE mgi (_id INTEGER, mgi_id TEXT);
INSERT INTO genes VALUES (1, '12631'), (2, '7');
INSERT INTO gene_info VALUES (1, 'cofilin 1', 'Cfl1'), (2, 'x', 'Loc7');
INSERT INTO alias VALUES (1, 'Cof'), (1, 'n-cofilin');
INSERT INTO mgi VALUES (1, 'MGI:MGI:101757');
INSERT INTO ensembl VALUES (1, 'ENSMUSG00000056201');
"""
)
YEAST = """
CREATE TABLE sgd (_id INTEGER PRIMARY KEY, systematic_name TEXT, gene_name TEXT, sgd_id TEXT);
CREATE TABLE gene2alias (_id INTEGER, alias TEXT);
CREATE TABLE genes (_id INTEGER, gene_id TEXT);
INSERT INTO sgd VALUES (1, 'YOR073W', 'SGO1', 'S000005599'), (2, NULL, NULL, 'S000000001');
INSERT INTO genes VALUES (1, '854479');
"""
DATABASES = {
    "reference/human_ncbi_genes.tsv.gz": HUMAN,
    "reference/human_refseq_to_gene.tsv.gz": HUMAN,
    "reference/mouse_genes.tsv.gz": MOUSE,
    "reference/yeast_genes.tsv.gz": YEAST,
}
SAMPLES["reference/fly_cg_to_fbgn.tsv.gz"] = SAMPLES["reference/fly_genes.tsv.gz"]


def packed(archive, member, script):
    """Write a tar archive with a database."""
    with TemporaryDirectory() as place:
        database = Path(place) / "x.sqlite"
        connection = sqlite3.connect(database)
        connection.executescript(script)
        connection.close()
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(database, member)


@pytest.fixture
def folder(tmp_path):
    """The reference tables, made of samples in the form of their sources, by the rules of the list."""
    (tmp_path / "reference" / "sources").mkdir(parents=True)
    for target, text in (SAMPLES | DATABASES).items():
        source = tmp_path / "download"
        source.write_bytes(gzip.compress(text.encode()))
        if target in DATABASES:
            packed(source, TABLES[target].table["database"]["member"], text)
        one = TABLES.get(target)
        if one is None:
            source.rename(tmp_path / target)
        else:
            make_table(source, [tmp_path / m for m in one.more], one.table, tmp_path, tmp_path / target)
    return tmp_path


def rows(folder, name):
    text = gzip.decompress((folder / f"reference/{name}.tsv.gz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_all_rules_have_a_sample():
    assert set(TABLES) <= set(SAMPLES | DATABASES)


def test_the_tables_have_what_their_sources_say(folder):
    assert rows(folder, "orthologs") == [
        {
            "human_symbol": "SGO1",
            "human_ncbi_gene": "151648",
            "human_ensembl": "ENSG00000129810",
            **dict(
                zip(
                    ("taxon_id", "species_symbol", "species_ncbi_gene", "species_ensembl"), found, strict=True
                )
            ),
            "supporting_sources": support,
        }
        for *found, support in (
            ("284812", "sgo2", "3361425", "SPAC15A10.15", "Ensembl|OMA"),
            ("4932", "SGO1", "854479", "YOR073W", "OMA|Panther|Ensembl"),
            ("7227", "a", "", "FBgn0000008", "OMA"),
        )
    ]
    (hgnc,) = rows(folder, "hgnc")
    assert (hgnc["name"], hgnc["alias_symbols"], hgnc["previous_symbols"]) == (
        "shugoshin 1",
        "SGO|NY-BR-85",
        "SGOL1",
    )
    assert hgnc["mgi_ids"] == "MGI:1919665|MGI:1"
    ncbi, _ = rows(folder, "human_ncbi_genes")
    assert (ncbi["ncbi_aliases"], ncbi["ensembl_gene_ids"]) == ("A1B|ABG", "ENSG00000121410")
    assert [list(row.values()) for row in rows(folder, "human_ensembl_genes")] == [
        ["ENSG00000000003", "TSPAN6", "protein_coding", "7105"],
        ["ENSG00000999999", "OLD1", "protein_coding", ""],
    ]
    assert [list(row.values()) for row in rows(folder, "human_refseq_to_gene")] == [["NM_000014", "2", "A2M"]]
    (fly,) = rows(folder, "fly_genes")
    assert (fly["secondary_fbgns"], fly["ncbi_gene_id"]) == ("FBgn0034701|FBgn0034702", "43852")
    assert [row["annotation_id"] for row in rows(folder, "fly_cg_to_fbgn")] == ["CG6741", "CG13505"]
    assert [(r["systematic_name"], r["ncbi_gene_id"]) for r in rows(folder, "yeast_genes")] == [
        ("YOR073W", "854479")
    ]
    (pombe,) = rows(folder, "pombe_genes")
    assert (pombe["synonyms"], pombe["ncbi_gene_id"]) == ("shugoshin 2|SPAC1.1", "3361425")
    assert [list(row.values()) for row in rows(folder, "mouse_genes")] == [
        ["MGI:101757", "Cfl1", "Cof|n-cofilin", "ENSMUSG00000056201", "12631"]
    ]


def test_a_build_reads_the_tables(folder):
    genes = read_reference(folder / "reference")
    sgo1 = genes.find(("ncbigene", "151648"))
    assert (sgo1.canonical, sgo1.other_names) == (
        ("ensembl", "ENSG00000129810"),
        ["SGOL1", "SGO", "NY-BR-85"],
    )
    assert genes.find(("flybase.annotation", "CG13505")).symbol == "a"
    assert genes.find(("refseq", "NM_000014")).symbol == "A2M"
    assert genes.find(("ensembl", "ENSG00000121410")).other_names == ["A1B", "ABG"]
    pairs = {(p.other, p.sources) for p in read_orthologs(folder / "reference", genes)}
    assert pairs == {
        (("pombase", "SPAC15A10.15"), ("Ensembl", "OMA")),
        (("sgd", "YOR073W"), ("Ensembl", "OMA", "Panther")),
        (("flybase", "FBgn0000008"), ("OMA",)),
    }


def test_the_same_source_gives_the_same_bytes(folder, tmp_path):
    one = TABLES["reference/hgnc.tsv.gz"]
    (tmp_path / "plain").write_text(HGNC)
    make_table(tmp_path / "plain", [], one.table, tmp_path, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (folder / "reference/hgnc.tsv.gz").read_bytes()


RULE = {"columns": {"x": "b"}}


@pytest.mark.parametrize(
    ("content", "rule", "said"),
    [
        (b"a\tc\n1\t2\n", RULE, "has no column 'b', it has a, c"),
        (b"a\tb\n1\t2\t3\n", RULE, "line 2: 3 cells, the header has 2"),
        (b"a\tb\n", RULE, "gives no row"),
        (b"", RULE, "gives no row"),
        (b"a\tb\n1\t2\n", {**RULE, "where": {"b": ["9"]}}, "gives no row"),
        (b"a\tb\n1\t2\n", {**RULE, "where": {"z": ["9"]}}, "has no column 'z'"),
        (b"a\tb\n1\t\xff\n", RULE, "not a table in UTF-8"),
        (b'a\tb\n1\t"2', {**RULE, "quoted": True}, "not a table in UTF-8"),
        (gzip.compress(b"a\tb\n1\t2\n" * 999, mtime=0)[:-20], RULE, "compressed file is damaged"),
        (
            gzip.compress(b"a\tb\n1\t2\n" * 999, mtime=0)[:30] + b"junk" * 20,
            RULE,
            "compressed file is damaged",
        ),
    ],
)
def test_a_source_that_cannot_be_read(tmp_path, content, rule, said):
    (tmp_path / "source").write_bytes(content)
    with pytest.raises(SourceError, match=said):
        make_table(tmp_path / "source", [], rule, tmp_path, tmp_path / "target")


def test_cells_left_out_at_the_end_of_a_line_are_empty(tmp_path):
    (tmp_path / "source").write_bytes(b"a\tb\n1\n2\tx\n")
    make_table(tmp_path / "source", [], {"columns": {"a": "a", "x": "b"}}, tmp_path, tmp_path / "target")
    assert gzip.decompress((tmp_path / "target").read_bytes()) == b"a\tx\n1\t\n2\tx\n"


ASKED = {"columns": {"x": "b"}, "database": {"member": "m", "query": "SELECT b FROM t"}}


@pytest.mark.parametrize(
    ("member", "query", "said"),
    [
        ("other", "SELECT b FROM t", "has no file m"),
        ("m", "SELECT b FROM nothing", "m cannot be asked"),
        ("m", "SELECT c FROM t", "m cannot be asked"),
        ("m", "DELETE FROM t", "m cannot be asked"),
        ("m", "ATTACH 'here' AS x", "m cannot be asked"),
        ("m", "SELECT load_extension('x')", "m cannot be asked"),
    ],
)
def test_a_database_that_has_not_what_is_asked_and_a_query_that_may_not(
    tmp_path, monkeypatch, member, query, said
):
    monkeypatch.chdir(tmp_path)
    packed(tmp_path / "source", member, "CREATE TABLE t (b); INSERT INTO t VALUES (1);")
    rule = {**ASKED, "database": {"member": "m", "query": query}}
    with pytest.raises(SourceError, match=said):
        make_table(tmp_path / "source", [], rule, tmp_path, tmp_path / "target")
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize(
    "harm", [lambda b: b[:200], lambda _: b"no archive", lambda b: b[:-200]], ids=["head", "none", "tail"]
)
def test_an_archive_that_is_damaged(tmp_path, harm):
    packed(tmp_path / "source", "m", "CREATE TABLE t (b); INSERT INTO t VALUES (1);")
    (tmp_path / "source").write_bytes(harm((tmp_path / "source").read_bytes()))
    with pytest.raises(SourceError, match=r"damaged|cannot be asked|has no file"):
        make_table(tmp_path / "source", [], ASKED, tmp_path, tmp_path / "target")


def test_a_member_that_is_a_link_out_of_the_archive_is_not_followed(tmp_path):
    with tarfile.open(tmp_path / "source", "w") as tar:
        link = tarfile.TarInfo("m")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(SourceError, match="m is a link to a file that is not in it"):
        make_table(tmp_path / "source", [], ASKED, tmp_path, tmp_path / "target")
