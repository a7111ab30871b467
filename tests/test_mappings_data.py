"""The curated tables in ``mappings/``: their form, and (marked corpus) that they cover the real studies."""

import csv
import gzip
import io
import os
import re
import zipfile
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).resolve().parents[1]
MAPPINGS = REPO / "mappings"

COLUMNS = {
    "component-roles.tsv": ["study", "component", "gene_role", "treatment_class", "reason"],
    "technology-roles.tsv": ["match", "gene_role", "treatment_class"],
    "annotation-levels.tsv": ["spelling", "level"],
    "control-types.tsv": ["spelling", "control_type"],
    "licences.tsv": ["url", "iri", "label", "non_commercial", "no_derivatives"],
    "biosample-columns.tsv": ["characteristic", "property", "kind"],
}
ORDERED_ON_PURPOSE = {"technology-roles.tsv"}  # the first line that matches wins

CLASSES_OF_ROLE = {
    "PerturbationTarget": {"GeneKnockdown", "GeneDeletion", "GeneKnockout", "GeneMutation"},
    "OverexpressionTarget": {"GeneOverexpression"},
    "LocalizedProduct": {"ProteinTagging", "AntibodyStaining", "ProbeHybridization"},
    "CompoundTarget": {"CompoundTreatment"},
    # GeneMutation without a role: one column holds both lost and activated genes.
    "UnstatedRole": {"Treatment", "GeneMutation"},
}
VOCABULARIES = {
    ("annotation-levels.tsv", "level"): {
        *("ImageLevel", "WellLevel", "SingleReplicate", "MultipleReplicates", "MultipleReagents"),
        *(
            "AntibodyLevel",
            "ProteinLevel",
            "GeneLevel",
            "GeneAndCondition",
            "ConditionLevel",
            "CompoundLevel",
        ),
    },
    ("control-types.tsv", "control_type"): {
        *("negative", "positive", "empty", "neutral", "stimulator", "technical", "vehicle", "untreated"),
        *("no reagent", "unknown", "other"),
    },
    ("licences.tsv", "non_commercial"): {"true", "false"},
    ("licences.tsv", "no_derivatives"): {"true", "false"},
    ("biosample-columns.tsv", "kind"): {"term", "text"},
}


def normalised(text):
    return " ".join(text.split()).lower()


def rows(name):
    with (MAPPINGS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_has_its_columns_and_no_stray_blanks(name):
    text = (MAPPINGS / name).read_bytes().decode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n")
    header, *lines = text.removesuffix("\n").split("\n")
    assert header.split("\t") == COLUMNS[name]
    assert lines
    for line in lines:
        cells = line.split("\t")
        assert len(cells) == len(COLUMNS[name]), line
        assert all(cell and cell == " ".join(cell.split()) for cell in cells), line


@pytest.mark.parametrize("name", COLUMNS)
def test_a_key_occurs_once(name):
    width = 2 if name == "component-roles.tsv" else 1
    keys = [tuple(row.values())[:width] for row in rows(name)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", sorted(COLUMNS.keys() - ORDERED_ON_PURPOSE))
def test_lines_are_sorted(name):
    found = [tuple(row.values()) for row in rows(name)]
    assert found == sorted(found)


@pytest.mark.parametrize(("name", "column"), VOCABULARIES)
def test_a_vocabulary_is_closed(name, column):
    assert {row[column] for row in rows(name)} <= VOCABULARIES[name, column]


@pytest.mark.parametrize("name", ["component-roles.tsv", "technology-roles.tsv"])
def test_a_treatment_class_fits_its_role(name):
    for row in rows(name):
        assert row["treatment_class"] in CLASSES_OF_ROLE[row["gene_role"]], row


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("technology-roles.tsv", "match"),
        ("annotation-levels.tsv", "spelling"),
        ("control-types.tsv", "spelling"),
        ("biosample-columns.tsv", "characteristic"),
    ],
)
def test_a_spelling_is_stored_normalised(name, column):
    for row in rows(name):
        assert row[column] == normalised(row[column])


def test_components_are_named_as_in_the_studies():
    for row in rows("component-roles.tsv"):
        assert re.fullmatch(r"idr\d{4}", row["study"]), row
        assert re.fullmatch(r"(screen|experiment)[A-Z]", row["component"]), row


def test_a_technology_line_is_not_hidden_by_an_earlier_one():
    earlier: list[str] = []
    for row in rows("technology-roles.tsv"):
        assert not [match for match in earlier if match in row["match"]], row
        earlier.append(row["match"])


def test_licences_are_canonical():
    flags = defaultdict(set)
    for row in rows("licences.tsv"):
        assert row["iri"].startswith("https://"), row
        assert row["iri"].endswith("/") == ("creativecommons.org" in row["iri"]), row
        assert (row["non_commercial"] == "true") == ("-nc" in row["iri"]), row
        assert (row["no_derivatives"] == "true") == ("-nd" in row["iri"]), row
        flags[row["iri"]].add(row["label"])
    assert all(len(labels) == 1 for labels in flags.values())
    known = {row["url"] for row in rows("licences.tsv")}
    assert flags.keys() <= known, "an IRI maps to itself"


def test_a_biosample_property_is_camel_case_and_of_one_kind():
    kinds = defaultdict(set)
    for row in rows("biosample-columns.tsv"):
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", row["property"]), row
        kinds[row["property"]].add(row["kind"])
    assert all(len(found) == 1 for found in kinds.values())


# ---- the real studies ----

TABLE = re.compile(r"(annotations?(_\d+)?\.csv(\.gz|\.zip)?|(library|processed)\.(txt|csv))$")
COMPONENT = re.compile(r"(screen|experiment)[A-Z]")
GENE_COLUMN = re.compile(
    r"\bgene (identifier|symbol)\b(?! synonyms)|\borf identifier\b|\bentrez\b"
    r"|\brefseq (accession|locus|gi|target)|\bgenbank\b|\bensembl (gene|id)",
    re.IGNORECASE,
)
CHARACTERISTIC = re.compile(r"characteri\w+\s*\[\s*(.*?)\s*\d*\]\s*\d*", re.IGNORECASE)
LEVEL_COLUMN = re.compile(r"annotation level$", re.IGNORECASE)
CONTROL_COLUMN = re.compile(r"control type\]?$", re.IGNORECASE)

# Where the default of technology-roles.tsv is wrong, or says nothing (None); component-roles.tsv is right.
EXPERIMENTS_WITHOUT_DEFAULT = [
    *("idr0018A", "idr0040A", "idr0052A", "idr0052B", "idr0052C", "idr0062A", "idr0063A", "idr0073A"),
    *("idr0089B", "idr0095A", "idr0095B", "idr0095C", "idr0100A", "idr0108A", "idr0110A", "idr0111A"),
    *("idr0111B", "idr0115A", "idr0118A", "idr0135A"),
]
NOT_THE_DEFAULT = {
    # alleles that are temperature-sensitive, not deleted
    **{("idr0011", f"screen{letter}"): "GeneDeletion" for letter in "BDE"},
    # fusions, empty columns, degron alleles and mixed columns in studies of protein localisation
    ("idr0041", "experimentA"): "AntibodyStaining",
    ("idr0050", "experimentA"): "AntibodyStaining",
    **{("idr0149", f"experiment{letter}"): "AntibodyStaining" for letter in "ABCDEF"},
    ("idr0120", "screenD"): None,
    **{(name[:7], f"experiment{name[7:]}"): None for name in EXPERIMENTS_WITHOUT_DEFAULT},
}

# Characteristics that say nothing of the untreated source: places, vouchers, identifiers of cells and of
# replicates, second names of the organism, and headings too vague to map for every study.
LEFT_OUT = {
    *("alternative organism name", "gbif taxonomy", "open tree taxonomy", "basis of record"),
    *("voucher specimen", "coordinate precision", "elevation", "geodetic datum", "latitude", "longitude"),
    *("cell id", "cell identifier", "replicate group", "technical replicate", "sample id"),
    *("description", "sample group", "specimen description", "phenotype outcome"),
    *("tissue source", "genomic separation of operators"),
}
BARE_HEADINGS = {"age", "material type", "patient_id", "patientid", "sex"}


def _text(raw):
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sections(path):
    """Yield (component or None, {key: [values, ...]}) for each section of a study.txt."""
    found = [(None, defaultdict(list))]
    for line in _text(path.read_bytes()).split("\n"):
        key, *values = (cell.strip().strip('"').strip() for cell in line.split("\t"))
        if key in {"Screen Number", "Experiment Number"}:
            found.append((None, defaultdict(list)))
        if re.fullmatch(r"Comment\[IDR (Screen|Experiment) Name\]", key):
            found[-1] = (values[0].rpartition("/")[2], found[-1][1])
        found[-1][1][key].append(["" if value.startswith("#") else value for value in values])
    return found


def _table(path):
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw = gzip.decompress(raw)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            raw = archive.read(archive.namelist()[0])
    text = _text(raw)
    first = text.partition("\n")[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [heading.strip() for heading in next(records)], records


def _component(path):
    return next((part for part in path.parts if COMPONENT.fullmatch(part)), None)


@pytest.fixture(scope="module")
def corpus():
    """Everything these tests ask of the studies, read once."""
    root = Path(os.environ.get("BIOIMG_KG_SHARED", REPO.parent / "shared")) / "idr"
    if not root.is_dir():
        pytest.skip(f"no studies at {root}: set BIOIMG_KG_SHARED")
    found = {"sections": {}, "tables": {}, "genes": set(), "values": defaultdict(set), "terms": set()}
    csv.field_size_limit(10**8)
    for folder in sorted(root.glob("idr????-*")):
        study = folder.name[:7]
        found["sections"][study] = _sections(next(folder.glob("*study.txt")))
        for path in sorted(path for path in folder.rglob("*") if TABLE.search(path.name)):
            _read_table(found, study, path.relative_to(root), root)
        for path in folder.rglob("*bulkmap-config.yml"):
            columns = yaml.safe_load(path.read_text(encoding="utf-8"))["columns"]
            if any(column.get("group", {}).get("namespace", "").endswith("mapr/gene") for column in columns):
                of_all = [name for name, _ in found["sections"][study] if name]
                component = _component(path.relative_to(root))
                found["genes"] |= {(study, name) for name in ([component] if component else of_all)}
    return found


def _read_table(found, study, path, root):
    header, records = _table(root / path)
    found["tables"][str(path)] = header
    if any(GENE_COLUMN.search(heading) for heading in header):
        found["genes"].add((study, _component(path)))
    for heading, after in zip(header, [*header[1:], ""], strict=True):
        match = CHARACTERISTIC.fullmatch(heading)
        if match and after.startswith("Term Source"):
            found["terms"].add(normalised(match[1]))
    wanted = [
        (index, kind)
        for index, heading in enumerate(header)
        for kind, pattern in (("level", LEVEL_COLUMN), ("control", CONTROL_COLUMN))
        if pattern.search(heading)
    ]
    for record in records if wanted else ():
        for index, kind in wanted:
            if index < len(record):
                found["values"][kind].add(normalised(record[index]))


def _by_default(study_section, section):
    """Apply technology-roles.tsv: exact accession or label fragment, the first line that matches wins."""
    given = [
        normalised(value)
        for source, keys in (
            (section, ("Screen Technology Type", "Screen Technology", "Library Type")),
            (study_section, ("Study Type",)),
        )
        for key in keys
        for ending in ("", " Term Accession")
        for values in source.get(key + ending, [])
        for value in values
        if value
    ]
    given += [value.replace(":", "_") for value in given]
    for row in rows("technology-roles.tsv"):
        accession = re.fullmatch(r"[a-z]+_c?\d+", row["match"])
        if any(row["match"] == value if accession else row["match"] in value for value in given):
            return row["gene_role"], row["treatment_class"]
    return None


@pytest.mark.corpus
def test_every_component_with_genes_has_a_role_and_no_other(corpus):
    curated = {(row["study"], row["component"]) for row in rows("component-roles.tsv")}
    assert {key for key in curated if not key[0].startswith("idr9")} == corpus["genes"]


@pytest.mark.corpus
def test_the_default_rule_agrees_but_for_the_known_components(corpus):
    differing = {}
    for row in rows("component-roles.tsv"):
        if row["study"].startswith("idr9"):
            continue  # an example study of ours
        (_, study_section), *components = corpus["sections"][row["study"]]
        default = _by_default(study_section, dict(components)[row["component"]])
        if default != (row["gene_role"], row["treatment_class"]):
            differing[row["study"], row["component"]] = default and default[1]
    assert differing == NOT_THE_DEFAULT


@pytest.mark.corpus
def test_every_annotation_level_is_known(corpus):
    found = set(corpus["values"]["level"])
    for sections in corpus["sections"].values():
        for _, section in sections:
            names, types = (
                [
                    normalised(value)
                    for values in section[f"Processed Data Column {key}"][:1]
                    for value in values
                ]
                for key in ("Name", "Type")
            )
            for key in ("Processed Data Column Annotation Level", "Processed Data Annotation Level"):
                for levels in section[key]:
                    found |= {
                        normalised(level)
                        for level, name, kind in zip_longest(levels, names, types, fillvalue="")
                        if kind == "phenotype" or "phenotype" in name
                    }
    assert len(found) > 10
    assert found - {""} <= {row["spelling"] for row in rows("annotation-levels.tsv")}


@pytest.mark.corpus
def test_every_control_type_is_known(corpus):
    found = corpus["values"]["control"] - {""}
    assert len(found) > 10
    assert found <= {row["spelling"] for row in rows("control-types.tsv")}


@pytest.mark.corpus
def test_every_licence_is_known(corpus):
    known = {row["url"] for row in rows("licences.tsv")}
    without = set()
    for study, ((_, section), *_) in corpus["sections"].items():
        given = {
            value
            for key in ("Study License URL", "Study License")
            for values in section[key]
            for value in values
            if value
        }
        assert given <= known, study
        if not given:
            without.add(study)
    assert without == {"idr0032"}


@pytest.mark.corpus
def test_every_characteristic_is_mapped_or_left_out(corpus):
    mapped = {row["characteristic"]: row for row in rows("biosample-columns.tsv")}
    headings = {heading for header in corpus["tables"].values() for heading in header}
    bracketed = {normalised(match[1]) for heading in headings if (match := CHARACTERISTIC.fullmatch(heading))}
    assert bracketed - mapped.keys() == LEFT_OUT
    bare = {normalised(heading) for heading in headings} & mapped.keys()
    assert mapped.keys() - bracketed <= bare
    assert {row["property"] for row in mapped.values() if row["kind"] == "term"} >= {
        mapped[name]["property"] for name in corpus["terms"] & mapped.keys()
    } - {"individual"}  # idr0092 gives one term for every number of a mouse


@pytest.mark.corpus
def test_bare_headings_that_look_like_characteristics_are_only_the_known_ones(corpus):
    mapped = {row["characteristic"] for row in rows("biosample-columns.tsv")}
    where = defaultdict(set)
    for path, header in corpus["tables"].items():
        for heading in map(normalised, header):
            if heading in mapped:
                where[heading].add(path[:7])
    # "Cell Type" of idr0022 is no cell type: it says whether the siRNA is single or a pool.
    assert where.pop("cell type") == {"idr0022"}
    assert where.keys() == BARE_HEADINGS
