"""Every cell that is not blank is in the graph, in the issues or on the list of what stays in the file.

The tables are counted anew here, with the csv module and none of the readers, and compared with what the
graph says of itself; and what it counts as mapped is looked for in the graph.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest

BIKG = "https://w3id.org/bioimg-kg/ontology#"
DCTERMS = "http://purl.org/dc/terms/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
STUDIES = "https://w3id.org/bioimg-kg/id/study/"
NULLS = {"", "na", "n/a", "#n/a", "nan", "null", "not available", "annotation not available"}
COUNTS = ("valueCount", "mappedCount", "issueCount", "unmappedCount")
ABOUT_RECORDS = {
    RDF_TYPE,
    *(
        BIKG + name
        for name in ["annotatedWith", "controlType", "qualityControl", "qualityNote", "channelSet"]
    ),
    *(BIKG + name for name in ["biosample", "treatment", "outcome"]),
}
TABLE = re.compile(r"\.(csv|tsv|txt)(\.gz|\.zip)?$")


@dataclass
class Graph:
    """What the graph of one study says, as far as it is needed here."""

    columns: dict = field(default_factory=lambda: defaultdict(dict))
    owners: list = field(default_factory=list)
    pairs: dict = field(default_factory=lambda: defaultdict(Counter))
    words: set = field(default_factory=set)
    phenotypes: dict = field(default_factory=dict)


@dataclass
class Built:
    """A release beside the sources that it was made of."""

    path: Path
    sources: Path
    graphs: dict
    folded: set
    files: dict
    issues: list

    def folder(self, study):
        return next(p for p in self.sources.iterdir() if p.name.partition("-")[0] == study)


def quads(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            yield subject[1:-1], predicate[1:-1], rest[: rest.rindex(" <")]


def plain(token):
    """Return the text of a literal or the address of an IRI."""
    if token.startswith("<"):
        return token[1:-1]
    body = token[1 : token.rindex('"')]
    return json.loads('"' + body.replace("\\'", "'") + '"') if "\\" in body else body


def read_graph(path):
    graph = Graph()
    for subject, predicate, token in quads(path):
        name = predicate.rpartition("#")[2]
        if predicate in ABOUT_RECORDS and ("/well/" in subject or "/image/" in subject):
            component = subject[len(STUDIES) :].split("/")[1]
            graph.pairs[component, name].update([subject])
            if name in ("annotatedWith", "controlType"):
                graph.pairs[component, name + "="].update([(subject, plain(token))])
        if "/column/" in subject:
            graph.columns[subject][predicate] = plain(token)
        elif name in ("mappedColumn", "unmappedColumn"):
            graph.owners.append((subject, name, plain(token)))
        elif (
            token.startswith('"')
            or name in ("targetGene", "reagent", "mappedTerm")
            or "/biosample/" in subject
        ):
            graph.words.add(token)
        if name == "prefLabel":
            graph.phenotypes[subject] = plain(token)
    return graph


def read_issues(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def read_meta(path):
    """Return path and use of every source file by study."""
    facts = defaultdict(dict)
    for subject, predicate, token in quads(path):
        facts[subject][predicate] = plain(token)
    files = defaultdict(dict)
    for url, fact in facts.items():
        if BIKG + "fileUse" in fact:
            study = fact[DCTERMS + "isPartOf"].rpartition("/")[2]
            files[study][fact[RDFS_LABEL]] = (url, fact[BIKG + "fileUse"])
    return files


@pytest.fixture(scope="module", params=["examples", pytest.param("corpus", marks=pytest.mark.corpus)])
def built(request):
    if request.param == "examples":
        sources = Path(__file__).resolve().parents[2] / "examples" / "studies"
        path = request.getfixturevalue("example_release")
    else:
        sources = request.getfixturevalue("shared") / "idr"
        path = request.getfixturevalue("full_release")
    words = set()
    for name in ("reference", "ontology"):
        for file in sorted((path / "quads" / name).glob("*.nq.gz")):
            words.update(plain(token).casefold() for _, _, token in quads(file) if token.startswith('"'))
    return Built(
        path,
        sources,
        {p.name[:7]: read_graph(p) for p in sorted((path / "quads" / "study").glob("*.nq.gz"))},
        words,
        read_meta(path / "quads" / "meta.nq.gz"),
        read_issues(path / "issues.tsv"),
    )


def table(path):
    """Read a table in the plainest way: stripped headings and the rows, in order."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(archive.namelist()[0])
    text = data.decode("utf-8-sig")
    csv.field_size_limit(1 << 30)
    delimiter = "\t" if "\t" in text.splitlines()[0] else ","
    header, *rows = csv.reader(
        io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter
    )
    return [" ".join(re.sub(r" %%.*", "", h).split()) for h in header], rows


def recount(path):
    headings, rows = table(path)
    found = Counter()
    for row in rows:
        for position, cell in enumerate(row):
            if cell.strip():
                found[headings[position] if position < len(headings) else "(beyond the header)"] += 1
    return found


def read_tables(built, study):
    for path, (_, use) in sorted(built.files[study].items()):
        if use in ("read", "joined") and TABLE.search(path) and "/" in path:
            yield path, use


def columns(built, study):
    """Return the columns of a study: (component, file, heading) to the four counts."""
    graph = built.graphs[study]
    paths = {url: path for path, (url, _) in built.files[study].items()}
    owners = {column: owner[len(STUDIES) :].partition("/")[2] for owner, _, column in graph.owners}
    return {
        (owners[me], paths[facts[DERIVED]], facts[RDFS_LABEL]): tuple(int(facts[BIKG + c]) for c in COUNTS)
        for me, facts in graph.columns.items()
    }


def test_every_table_is_counted_right(built):
    for study in built.graphs:
        there = {(path, h): n for (_, path, h), (n, *_) in columns(built, study).items() if "/" in path}
        here = {
            (path, heading): n
            for path, _ in read_tables(built, study)
            for heading, n in recount(built.folder(study) / path).items()
        }
        assert there == here, study


def test_every_study_text_is_counted_right(built):
    known = Path(__file__).resolve().parents[2] / "mappings" / "study-keys.tsv"
    spellings = {line.split("\t")[0].lower() for line in known.read_text().splitlines()[1:]}
    for study in built.graphs:
        text = (built.folder(study) / f"{study}-study.txt").read_bytes()
        try:
            lines = re.split(r"\r\n|\r|\n", text.decode("utf-8-sig"))
        except UnicodeDecodeError:
            lines = re.split(r"\r\n|\r|\n", text.decode("latin-1"))
        count = 0
        for first, *rest in (line.split("\t") for line in lines if not line.startswith(("#", '"#'))):
            key = " ".join(first.split()).rstrip(":,").lower() in spellings
            count += sum(bool(cell.strip(' "\u00a0')) for cell in (rest if key else [first, *rest]))
        there = [n for (_, path, _), (n, *_) in columns(built, study).items() if "/" not in path]
        assert sum(there) == count, study


def test_the_four_counts_agree(built):
    for study, graph in built.graphs.items():
        assert len(graph.owners) == len({column for *_, column in graph.owners}) == len(graph.columns)
        kinds = {column: kind for _, kind, column in graph.owners}
        for me, facts in graph.columns.items():
            cells, mapped, issues, unmapped = (int(facts[BIKG + c]) for c in COUNTS)
            assert mapped + issues + unmapped == cells > 0, (study, facts)
            assert min(mapped, issues, unmapped) >= 0, (study, facts)
            assert kinds[me] == ("unmappedColumn" if unmapped else "mappedColumn")


def test_the_issues_add_up(built):
    listed = Counter()
    for issue in built.issues:
        if issue["cells"] != "0":
            listed[issue["study"], issue["component"], issue["file"], issue["column"]] += int(issue["cells"])
    stated = {
        (study, *key): issues
        for study in built.graphs
        for key, (_, _, issues, _) in columns(built, study).items()
        if issues
    }
    assert stated == listed


def test_every_table_of_a_study_folder_is_listed(built):
    for study in built.graphs:
        folder = built.folder(study)
        there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if TABLE.search(p.name)}
        assert there <= set(built.files[study]), study
        assert {use for _, use in built.files[study].values()} <= {"read", "joined", "superseded", "listed"}


def test_issues_stand_one_on_a_line(built):
    lines = (built.path / "issues.tsv").read_text(encoding="utf-8").split("\n")
    assert len(lines) == len(built.issues) + 2
    assert {line.count("\t") for line in lines[:-1]} == {10}


# -- what is counted as mapped is in the graph


def records(headings, rows):
    """Yield the key of each row that has one, with the row as a dict."""
    for names in (("Plate", "Well"), ("Dataset Name", "Image Name")):
        if set(names) <= set(headings):
            for row in rows:
                cells = dict(zip(headings, map(str.strip, row), strict=False))
                container, name = (cells.get(n, "") for n in names)
                if container and name:
                    if names[0] == "Plate":
                        name = re.sub(r"^([A-Za-z]+)0*([1-9]\d?)$", lambda m: m[1].upper() + m[2], name)
                    yield (container, name), cells


def record_tables(built):
    """Yield study, component, its keyed rows, and whether they are joined with another table."""
    for study in built.graphs:
        found = defaultdict(list)
        for path, use in read_tables(built, study):
            if use == "read":
                found[path.partition("/")[0]] += records(*table(built.folder(study) / path))
        for component, rows in found.items():
            joined = any(
                use == "joined" and p.startswith(component + "/") for p, use in read_tables(built, study)
            )
            yield study, component, rows, joined


def test_each_key_is_one_record(built):
    for study, component, rows, _ in record_tables(built):
        keys = {tuple(key) for key, _ in rows}
        found = built.graphs[study].pairs[component, "type"]
        assert len(found) == len(keys), (study, component)
        names = {tuple(unquote(part) for part in iri.split("/")[-3::2]) for iri in found}
        assert names == keys, (study, component)


def test_each_phenotype_cell_is_an_annotation(built):
    cells = triples = 0
    for study, component, rows, joined in record_tables(built):
        if joined:
            continue
        graph = built.graphs[study]
        here = {
            (key, " ".join(value.casefold().split()))
            for key, cells_ in rows
            for heading, value in cells_.items()
            if value and re.fullmatch(r"Phenotype ?\d*", heading)
        }
        cells += len(here)
        triples += len(graph.pairs[component, "annotatedWith="])
        there = {
            (tuple(unquote(p) for p in s.split("/")[-3::2]), " ".join(graph.phenotypes[o].casefold().split()))
            for s, o in graph.pairs[component, "annotatedWith="]
        }
        assert there == here, (study, component)
    assert cells == triples > 0


def joined_tables(built):
    """Yield study, component, and the rows of its library and of its processed table."""
    for study in built.graphs:
        for path, use in read_tables(built, study):
            if use == "joined":
                component = path.partition("/")[0]
                (library,) = (
                    p for p, u in read_tables(built, study) if u == "read" and p.startswith(component)
                )
                folder = built.folder(study)
                both = (table(folder / library), table(folder / path))
                yield (
                    study,
                    component,
                    *([dict(zip(h, map(str.strip, r), strict=False)) for r in t] for h, t in both),
                )


def stated_keys(text):
    """Return what a study text says about the column that links its tables."""
    found = re.findall(
        rb"^Processed Data Column Link To (?:Library|Assay) File\t([^\t\r\n]+)", text, re.MULTILINE
    )
    return dict.fromkeys(key.decode().strip() for key in found)


def key_of(row, name):
    if name in row:
        return row[name]
    parts = [row.get(part, "") for part in name.split("_", 1)]
    return "_".join(parts) if all(parts) else ""


def test_joined_phenotypes_are_those_of_the_last_row_of_the_key(built):
    """What the library's rows get of the processed table, joined here with dictionaries."""
    done = 0
    for study, component, library, processed in joined_tables(built):
        keys = stated_keys((built.folder(study) / f"{study}-study.txt").read_bytes())
        name = next(
            k for k in keys if any(key_of(r, k) for r in library) and any(key_of(r, k) for r in processed)
        )
        last = {key_of(row, name): row for row in processed if key_of(row, name)}
        here = {
            (row["Plate"], re.sub(r"(?<=[A-Z])0+", "", row["Well"]), " ".join(value.casefold().split()))
            for row in library
            for heading, value in last.get(key_of(row, name), {}).items()
            if value and re.fullmatch(r"Phenotype ?\d*", heading)
        }
        graph = built.graphs[study]
        there = {
            (*(unquote(p) for p in s.split("/")[-3::2]), " ".join(graph.phenotypes[o].casefold().split()))
            for s, o in graph.pairs[component, "annotatedWith="]
        }
        assert there == here, (study, component)
        done += 1
    assert done


@pytest.mark.parametrize(
    ("heading", "predicates"),
    [
        ("Control Type", ("controlType",)),
        ("Quality Control", ("qualityControl", "qualityNote")),
        ("Channels", ("channelSet",)),
    ],
)
def test_each_remark_is_in_the_graph(built, heading, predicates):
    for study, component, rows, joined in record_tables(built):
        if joined:
            continue
        nothing = NULLS if heading != "Channels" else {""}
        here = {key for key, cells in rows if cells.get(heading, "").lower() not in nothing}
        there = {s for p in predicates for s in built.graphs[study].pairs[component, p]}
        assert len(there) == len(here), (study, component)


WORDS = re.compile(
    r"(Comment \[)?Gene (Symbol|Identifier) ?\d*\]? ?\d*|siRNA (Pool )?Identifier ?\d*|(Antis|S)ense Sequence"
    r"|Compound (\d+ )?(Name|SMILES|InChIKey|PubChem CID)|CAS|ORF Identifier|Reagent Identifier"
    r"|(Primary )?Antibody.*Identifier.*|Experimental Condition \[.*\]|Characteristics \[.*\]"
    r"|Channels|Drug|Dose"
)


def test_what_is_counted_as_mapped_can_be_found(built):
    """Every value of a column that is mapped as a whole is a literal or the end of an IRI."""
    missing = Counter()
    mended = {(i["study"], i["file"], i["column"], i["value"]) for i in built.issues}
    for study, graph in built.graphs.items():
        known = {plain(t) for t in graph.words}
        folded = {w.casefold() for w in known}
        tails = {re.split(r"[/#:]", unquote(w))[-1].casefold() for w in known if "://" in w}
        for path, _ in read_tables(built, study):
            counts = {h: c for (_, p, h), c in columns(built, study).items() if p == path}
            whole = {h for h, (n, mapped, *_) in counts.items() if n == mapped and WORDS.fullmatch(h)}
            headings, rows = table(built.folder(study) / path)
            for position, heading in enumerate(headings):
                if heading not in whole or any(
                    h.startswith("Term Source") for h in headings[position + 1 :][:1]
                ):
                    continue  # the words of a term may be those of its ontology
                for value in {row[position].strip() for row in rows if position < len(row)} - {""}:
                    if (study, path, heading, value) in mended:
                        continue
                    if not found(value, folded, tails, built):
                        missing[study, path, heading, value] += 1
    assert not missing, (len(missing), Counter(k[:3] for k in missing).most_common(20), list(missing)[:20])


def found(value, words, tails, built):
    def one(text):
        text = text.casefold()
        return (
            text in words
            or text in tails
            or text in built.folded
            or text.split(".")[0] in tails
            or any(tail.endswith(("cid" + text, "_" + text)) for tail in tails if text.isdigit())
        )

    return one(value) or all(one(p) for p in re.split(r"\s*(?:;|,|/|\+|&|\bOR\b)\s*", value) if p)
