"""The example studies: readable, consistent, true to their sources and copied from none."""

import csv
import gzip
import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pronto
import pytest
import yaml

REPO = Path(__file__).resolve().parents[1]
EXAMPLES = REPO / "examples"
STUDIES = sorted(path for path in (EXAMPLES / "studies").iterdir() if path.is_dir())
OBOS = sorted((EXAMPLES / "ontologies").glob("*.obo"))
TABLES = sorted(
    path
    for path in (EXAMPLES / "studies").rglob("*")
    if re.search(r"-(annotation|library|processed)\.(csv|txt)(\.gz)?$", path.name)
)
SHARED = Path(os.environ.get("BIOIMG_KG_SHARED", REPO.parent / "shared"))

LEGACY = {"idr9004-study.txt": "cp1252"}
DRAG_FILLED = {f"EFO:{number:07d}" for number in range(1186, 1190)}
ACCESSION = re.compile(r"^(CMPO|EFO|FBbi|GO|NCBITaxon|PATO|UBERON)_(\d+)$")
KEY = re.compile(
    r"^(Comment\[IDR (Study Accession|Screen Name|Experiment Name)\]"
    r"|Term Source (Name|URI)|Quality Control Description"
    r"|(Study|Screen|Experiment|Library|Protocol|Phenotype|Processed Data) [A-Z][A-Za-z]*( [A-Z][A-Za-z]*)*)$"
)
GENE_ID = {
    "idr9001": r"SP[ABC][A-Z0-9]+\.\d+c?",
    "idr9002": r"NM_\d{6,9}",
    "idr9003": r"[1-9]\d*",
    "idr9004": r"ENSG\d{11}",
    "idr9005": r"ENSG\d{11}",
    "idr9006": r"ENSMUSG\d{11}",
    "idr9008/experimentA": r"ENSG\d{11}",
    "idr9008/screenB": r"[1-9]\d*",
}
ELONGATED = {  # (study, component): genes whose phenotype is mapped to CMPO:0000077
    "idr9001/screenA": "SPAC13C5.07 SPAC1556.01c SPAC17G8.05 SPAC23H3.05c SPAC5D6.05 SPAC664.03"
    " SPBC21C3.02c SPCC306.04c",
    "idr9002/screenA": "NM_001101 NM_001456 NM_001664 NM_001791 NM_002473 NM_007174 NM_007192 "
    "NM_018685 NM_018890 NM_080651",
    "idr9003/screenA": "10603 2519 5436 63916 6830 723790 79805 8337 85441 9070",
}

Row = dict[str, str]


def table_text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")


@cache
def rows(path: Path) -> list[Row]:
    delimiter = "," if ".csv" in path.name else "\t"
    lines = list(csv.reader(io.StringIO(table_text(path), newline=""), delimiter=delimiter, strict=True))
    header = lines[0]
    assert len(set(header)) == len(header)
    assert {len(line) for line in lines} == {len(header)}
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def study_file(folder: Path) -> Path:
    return folder / f"{folder.name.split('-')[0]}-study.txt"


@cache
def study_lines(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode(LEGACY.get(path.name, "utf-8"))
    kept = [line.rstrip("\t") for line in text.splitlines()]
    return [line.split("\t") for line in kept if line and not line.startswith("#")]


def records(path: Path) -> list[list[str]]:
    """Give the records, with continuation lines appended to the record before them."""
    found: list[list[str]] = []
    for cells in study_lines(path):
        if KEY.match(cells[0]):
            found.append(cells)
        else:
            assert len(cells) == 1
            found[-1][-1] += " " + cells[0]
    return [list(record) for record in found]


def component(path: Path) -> str:
    return f"{path.parents[1].name.split('-')[0]}/{path.parent.name}"


@cache
def ontology(path: Path) -> pronto.Ontology:
    return pronto.Ontology(path)


@cache
def terms() -> dict[str, pronto.Term]:
    return {term.id: term for path in OBOS for term in ontology(path).terms()}


def names(term: pronto.Term) -> set[str]:
    exact = {synonym.description for synonym in term.synonyms if synonym.scope == "EXACT"}
    return {name.casefold() for name in exact | {term.name or ""}}


def accessions(row: Row) -> Iterator[tuple[str, str]]:
    """Give (label, accession) for every ontology accession of a row."""
    header = list(row)
    for place, name in enumerate(header):
        value = row[name]
        if not value:
            continue
        if name.startswith("Term Source ") and name.endswith(" Accession"):
            yield row[header[place - 2]], value
        elif " Term Accession" in name:
            yield row[name.replace(" Term Accession", " Term Name")], value


def declared(folder: Path) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Give each component's phenotypes: label -> accessions, by column."""
    name, labels, found = "", [], {}
    for key, *cells in records(study_file(folder)):
        if key in ("Comment[IDR Screen Name]", "Comment[IDR Experiment Name]"):
            if name:
                yield name, found
            name, labels, found = cells[0], [], {}
        elif key == "Phenotype Name":
            labels, found = cells, {label: [] for label in cells}
        elif key == "Phenotype Term Accession":
            for label, cell in zip(labels, cells, strict=False):
                if cell:
                    found[label].append(cell.replace("_", ":"))
    yield name, found


# -- the files can be read ---------------------------------------------------------------------------


@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_a_study_names_itself_its_licence_and_its_components(folder: Path) -> None:
    found = {record[0]: record[1:] for record in records(study_file(folder))}
    accession = folder.name.split("-")[0]
    assert re.fullmatch(r"idr9\d{3}-example-[a-z]+", folder.name)
    assert found["Comment[IDR Study Accession]"] == [accession]
    assert found["Study License"] == ["CC0 1.0"]
    assert found["Study License URL"] == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert "llustrative" in found["Study Description"][0]
    assert all(re.fullmatch(r"\d+", pubmed) for pubmed in found["Study PubMed ID"])
    assert len(found["Study PubMed ID"]) == len(found["Study DOI"]) == len(found["Study Publication Title"])
    components = {path.name for path in folder.iterdir() if path.is_dir()}
    assert {name for name, _ in declared(folder)} == {f"{folder.name}/{name}" for name in components}
    assert "@" not in "".join(map("".join, study_lines(study_file(folder))))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_a_table_is_regular_and_its_keys_are_unique(path: Path) -> None:
    found = rows(path)
    assert path.name.startswith(f"{path.parents[1].name.split('-')[0]}-{path.parent.name}-")
    keys = [key for key in ("Plate", "Well", "Dataset Name", "Image Name") if key in found[0]]
    if "processed" in path.name:
        processed_keys = ("siRNA Identifier", "Plate_Well", "Gene Identifier", "Gene Symbol")
        keys = [next(key for key in processed_keys if key in found[0])]
    assert keys
    assert max(Counter(tuple(row[key] for key in keys) for row in found).values()) == 1
    assert all(row[key] for row in found for key in keys)


def test_the_variety_of_the_format_is_there() -> None:
    raw = {path.name: path.read_bytes() for path in EXAMPLES.rglob("*") if path.is_file()}
    assert raw["idr9002-screenA-annotation.csv"].startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw["idr9002-screenA-annotation.csv"]
    assert b"\r\n" in raw["idr9005-study.txt"]
    assert raw["idr9004-screenA-annotation.csv.gz"].startswith(b"\x1f\x8b")
    with pytest.raises(UnicodeDecodeError):
        raw["idr9004-study.txt"].decode()
    continued = [
        cells for path in STUDIES for cells in study_lines(study_file(path)) if not KEY.match(cells[0])
    ]
    assert continued
    blocks = [
        sum(record[0] == "Phenotype Term Accession" for record in records(study_file(path)))
        for path in STUDIES
    ]
    assert max(blocks) > 1
    assert any(not mapped for path in STUDIES for _, labels in declared(path) for mapped in labels.values())


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*bulkmap-config.yml")), ids=lambda path: path.name)
def test_a_bulkmap_has_the_known_form_and_names_columns_that_exist(path: Path) -> None:
    config = yaml.safe_load(path.read_text())
    assert set(config) == {"name", "version", "defaults", "columns", "advanced"}
    assert config["name"] == f"{path.parents[1].name}/{path.parent.name}"
    assert config["version"] == 2
    named = set()
    for entry in config["columns"]:
        named |= {column["name"] for column in entry.get("group", {"columns": [entry]})["columns"]}
    tables = [table for table in TABLES if table.parent == path.parent]
    present = {column for table in tables for column in rows(table)[0]}
    terms_of_rebuilt = {name for name in named if re.match(r"Phenotype \d+ Term ", name)}
    joined = not any("annotation" in table.name for table in tables)
    assert named - (terms_of_rebuilt if joined else set()) <= present


def test_sources_tsv_lists_every_study() -> None:
    with (EXAMPLES / "studies" / "SOURCES.tsv").open(encoding="utf-8") as handle:
        found = list(csv.DictReader(handle, delimiter="\t"))
    assert [row["study"] for row in found] == [folder.name for folder in STUDIES]
    for row in found:
        assert row["repository"] == "https://github.com/bioimg-kg/bioimg-kg"
        assert row["commit"] == "main"
        assert row["path"] == f"examples/studies/{row['study']}"


# -- the ids are ids ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_gene_ids_have_the_form_of_their_namespace(path: Path) -> None:
    name = component(path)
    pattern = GENE_ID.get(name) or GENE_ID.get(name.split("/")[0])
    for row in rows(path):
        cell = row.get("Gene Identifier") or row.get("Comment [Gene Identifier]") or ""
        assert not cell or pattern is not None
        for value in filter(None, cell.split(";")):
            assert value == "NA" or re.fullmatch(pattern or "", value)
        assert re.fullmatch(r"(ENSG\d{11})?", row.get("Comment [Human Ortholog]", ""))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_compounds_antibodies_and_reagents_have_the_form_of_their_namespace(path: Path) -> None:
    for row in rows(path):
        assert re.fullmatch(r"\d*", row.get("Compound PubChem CID", ""))
        assert re.fullmatch(r"([A-Z]{14}-[A-Z]{10}-[A-Z])?", row.get("Compound InChIKey", ""))
        assert re.fullmatch(r"((s|SI)?\d+(;SI\d+)*)?", row.get("siRNA Identifier", ""))
        for column in ("Primary Antibody Identifier", "Secondary Antibody Identifier"):
            assert re.fullmatch(r"(AB_\d+)?", row.get(column, ""))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_accessions_of_tables_are_in_the_example_ontologies_under_their_label(path: Path) -> None:
    for row in rows(path):
        for label, accession in accessions(row):
            parsed = ACCESSION.match(accession)
            assert parsed, accession
            identifier = f"{parsed[1]}:{parsed[2]}"
            if identifier in DRAG_FILLED:
                assert path.name == "idr9002-screenA-annotation.csv"
                continue
            term = terms()[identifier]
            assert label.casefold() in names(term) or identifier == "UBERON:0005409", (label, term)


def test_the_drag_filled_cell_line_is_a_minority_of_one_table() -> None:
    (path,) = (table for table in TABLES if table.name == "idr9002-screenA-annotation.csv")
    seen = Counter(row["Term Source 2 Accession"] for row in rows(path))
    assert seen.pop("EFO_0001185") > 10
    assert seen == dict.fromkeys((f"EFO_{number:07d}" for number in range(1186, 1190)), 1)


@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_accessions_of_study_files_are_in_the_example_ontologies(folder: Path) -> None:
    for key, *cells in records(study_file(folder)):
        if not key.endswith("Accession") or key.startswith("Comment["):
            continue
        for cell in filter(None, cells):
            bare = key == "Study Organism Term Accession" and cell.isdigit()
            identifier = f"NCBITaxon:{cell}" if bare else cell.replace("_", ":")
            assert identifier in terms(), (key, cell)


@pytest.mark.parametrize("folder", STUDIES, ids=lambda path: path.name)
def test_phenotypes_of_tables_are_declared_with_the_same_terms(folder: Path) -> None:
    for name, labels in declared(folder):
        for path in (table for table in TABLES if table.parent == folder / name.split("/")[1]):
            for row in rows(path):
                for column in (column for column in row if re.fullmatch(r"Phenotype \d+", column)):
                    label = row[column]
                    assert not label or label == list(labels)[int(column.split()[1]) - 1]
                    given = [
                        value for key, value in row.items() if key.startswith(f"{column} Term Accession")
                    ]
                    if label and given:
                        assert [value.replace("_", ":") for value in given] == labels[label]


def test_genes_with_the_elongated_cell_phenotype() -> None:
    found: dict[str, set[str]] = {}
    for folder in STUDIES:
        for name, labels in declared(folder):
            wanted = {label for label, mapped in labels.items() if "CMPO:0000077" in mapped}
            for path in (table for table in TABLES if table.parent == folder / name.split("/")[1]):
                for row in rows(path):
                    if wanted & set(row.values()):
                        found.setdefault(component(path), set()).update(row["Gene Identifier"].split(";"))
    assert found == {name: set(genes.split()) for name, genes in ELONGATED.items()}


# -- the ontologies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", OBOS, ids=lambda path: path.name)
def test_an_ontology_loads_and_no_is_a_dangles(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("format-version: 1.4\ndata-version: bioimg_kg example excerpt\n")
    ids = set(re.findall(r"^id: (\S+)", text, re.MULTILINE))
    assert set(re.findall(r"^is_a: (\S+)", text, re.MULTILINE)) <= ids
    assert "\ndef:" not in text
    loaded = ontology(path)
    assert {term.id for term in loaded.terms()} == ids
    roots = [
        term.id
        for term in loaded.terms()
        if len(list(term.superclasses(distance=1))) == 1 and not term.obsolete
    ]
    assert len(roots) == 1


def test_narrower_terms_matter() -> None:
    elongated = terms()["CMPO:0000077"]
    assert {term.id for term in elongated.subclasses()} == {"CMPO:0000077", "CMPO:0000366"}
    morphology = terms()["CMPO:0000005"]
    assert len(list(morphology.subclasses())) > 15


# -- against the sources, where they are there -------------------------------------------------------


def shared(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no {path}: set BIOIMG_KG_SHARED to the folder of the real studies")
    return path


FACT_KEY = re.compile(
    r"Publication Title|Author List|License URL|Term (Source|Name|Accession)|Protocol (Name|Type)$"
    r"|Processed Data Column (Type|Name|Annotation)"
)


def bones(line: str) -> str:
    """Take a line down to its cells, so that quotes, padding and delimiters hide no copy."""
    return re.sub(r"[\t,\"\s]+", " ", line).strip(" \ufeff")


@pytest.mark.corpus
def test_no_line_of_an_example_occurs_in_a_real_study() -> None:
    ours: dict[str, str] = {}
    for folder in STUDIES:
        path = study_file(folder)
        for line in path.read_bytes().decode(LEGACY.get(path.name, "utf-8")).splitlines():
            key, _, value = line.partition("\t")
            cells = [bones(cell) for cell in value.split("\t")]
            fact = FACT_KEY.search(key) and not line.startswith("#")
            whole = bones(line)
            # a key with a controlled value is the format, not a sentence: its value counts alone
            checked = [whole if not KEY.match(key) else bones(value), *cells]
            ours |= {text: f"{path.name}: {text}" for text in checked if len(text) >= 40 and not fact}
    for path in TABLES:
        ours |= {
            bones(line): f"{path.name}: {line}" for line in table_text(path).splitlines() if line.strip()
        }
    copied = set()
    for path in sorted(shared("idr").rglob("*")):
        if path.suffix not in (".txt", ".csv", ".tsv", ".gz"):
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in data.decode("utf-8", "replace").splitlines():
            texts = [bones(line)]
            if path.name.endswith("study.txt"):
                cells = line.split("\t")
                texts += [bones(cell) for cell in cells] + [bones(" ".join(cells[1:]))]
            copied |= {f"{ours[text]} = {path.name}" for text in texts if text in ours}
    assert not copied


@pytest.mark.corpus
@pytest.mark.filterwarnings("ignore::pronto.utils.warnings.SyntaxWarning")
@pytest.mark.filterwarnings("ignore::pronto.utils.warnings.NotImplementedWarning")
@pytest.mark.parametrize("path", OBOS, ids=lambda path: path.name)
def test_labels_synonyms_and_links_agree_with_the_real_ontology(path: Path) -> None:
    folder = shared("ontologies")
    real = ontology(folder / ("fbbi.owl" if path.stem == "fbbi" else path.name))
    for term in ontology(path).terms():
        source = real[term.id]
        assert term.name == source.name
        assert names(term) == names(source)
        parents = {parent.id for parent in source.superclasses(distance=1)}
        assert {parent.id for parent in term.superclasses(distance=1)} == parents


def reference(name: str, key: str, *labels: str) -> dict[str, set[str]]:
    """Give id -> the symbols that the reference table has for it, now or earlier."""
    found: dict[str, set[str]] = {}
    with gzip.open(shared("reference", f"{name}.tsv.gz"), "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row[key]:
                symbols = {part for label in labels for part in row[label].split("|") if part}
                found.setdefault(row[key], set()).update(symbols)
    return found


@pytest.mark.corpus
def test_gene_ids_and_symbols_agree_with_the_reference() -> None:
    hgnc = ("symbol", "previous_symbols", "alias_symbols")
    ensembl = reference("hgnc", "ensembl_gene_id", *hgnc)
    ncbi = reference("hgnc", "ncbi_gene_id", *hgnc)
    for identifier, symbols in reference(
        "human_ncbi_genes", "ncbi_gene_id", "symbol", "ncbi_aliases"
    ).items():
        ncbi.setdefault(identifier, set()).update(symbols)
    gene_of = reference("human_refseq_to_gene", "refseq_accession", "ncbi_gene_id")
    refseq = {
        accession: set().union(*(ncbi.get(gene, set()) for gene in genes))
        for accession, genes in gene_of.items()
    }
    known = ensembl | ncbi | refseq
    known |= reference("pombe_genes", "systematic_id", "symbol", "synonyms")
    known |= reference("mouse_genes", "ensembl_gene_id", "symbol", "synonyms")
    seen = 0
    for path in TABLES:
        for row in rows(path):
            pairs = [
                (row.get(f"{prefix}Gene Identifier{end}", ""), row.get(f"{prefix}Gene Symbol{end}", ""))
                for prefix, end in (("", ""), ("Comment [", "]"))
            ]
            pairs.append(
                (row.get("Comment [Human Ortholog]", ""), row.get("Comment [Human Ortholog Gene Symbol]", ""))
            )
            for identifiers, symbols in pairs:
                if not identifiers or identifiers == "NA":
                    continue
                split = symbols.split(";") if symbols else [""] * len(identifiers.split(";"))
                for identifier, symbol in zip(identifiers.split(";"), split, strict=True):
                    assert identifier in known
                    assert not symbol or symbol in known[identifier], (path.name, identifier, symbol)
                    seen += 1
    assert seen > 150


@pytest.mark.corpus
def test_orthologues_that_the_demonstration_needs_are_in_the_reference() -> None:
    with gzip.open(shared("reference", "orthologs.tsv.gz"), "rt", encoding="utf-8") as handle:
        pairs = {
            (row["human_symbol"], row["species_ensembl"]) for row in csv.DictReader(handle, delimiter="\t")
        }
    assert pairs >= {
        ("CA4", "ENSMUSG00000000805"),
        ("MED18", "SPAC5D6.05"),
        ("MED20", "SPAC17G8.05"),
        ("PAF1", "SPAC664.03"),
        ("SETD1A", "SPCC306.04c"),
        ("SETD1B", "SPCC306.04c"),
    }
    assert ("SGO1", "SPBP35G2.03c") not in pairs
