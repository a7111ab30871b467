"""KGX's own validator reads our files; in an environment of its own, as it brings a hundred packages."""

import gzip
import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

# The Biolink model comes from its package: KGX would fetch it from the web when it is imported.
CHECK = """
import collections, json, pathlib, sys
import biolink_model, bmt.toolkit
root = pathlib.Path(next(iter(biolink_model.__path__)))
mapping = pathlib.Path(sys.argv[1]) / "predicates.yaml"
mapping.write_text("predicate mappings: []\\n")
places = {"biolink-model.yaml": root / "schema/biolink_model.yaml", "predicate_mapping.yaml": mapping}
start = bmt.toolkit.Toolkit.__init__
start.__defaults__ = tuple(
    str(places.get(value.rpartition("/")[2], value)) if isinstance(value, str) else value
    for value in start.__defaults__
)
import kgx.config
context = json.loads((root / "prefixmaps/biolink_model_prefix_map.json").read_text())
kgx.config.get_jsonld_context = lambda name="biolink": context
import kgx.prefix_manager, kgx.validator
kgx.prefix_manager.get_jsonld_context = kgx.validator.get_jsonld_context = kgx.config.get_jsonld_context
from kgx.transformer import Transformer
validator, transformer = kgx.validator.Validator(), Transformer(stream=False)
files = [f"{sys.argv[1]}/{name}.tsv" for name in ("nodes", "edges")]
transformer.transform({"filename": files, "format": "tsv"})
graph = transformer.store.graph
validator.validate(graph)
levels = validator.get_errors().values()
errors = [message for kinds in levels for found in kinds.values() for message in found]
print("\\n" + json.dumps({"nodes": len(graph.nodes()), "edges": len(graph.edges()), "errors": errors}))
"""
UNREGISTERED = re.compile(r".* prefix '(CMPO|bioimgkg)'.* not represented in Biolink Model JSON-LD context")
"""Biolink has no prefix for CMPO, and none for us."""
OWN_QUARREL = "Single-valued node property 'in_taxon' is expected to be of type '<class 'str'>'"
"""KGX itself reads in_taxon as a list, as Biolink has it."""


@pytest.fixture
def validate(tmp_path):
    python = os.environ.get("BIOIMG_KG_KGX", "")
    if not Path(python).is_file():
        pytest.skip("no Python with the package kgx: make corpus installs one (BIOIMG_KG_KGX)")

    def run(nodes, edges):
        for name, text in (("nodes", nodes), ("edges", edges)):
            (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
        command = [python, "-W", "ignore", "-c", CHECK, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        return json.loads(done.stdout.splitlines()[-1])

    return run


@pytest.fixture
def texts(example_release):
    names = ("nodes", "edges")
    return [gzip.decompress((example_release / "kgx" / f"{n}.tsv.gz").read_bytes()).decode() for n in names]


def test_kgx_finds_nothing_but_prefixes_that_biolink_does_not_know(validate, texts):
    found = validate(*texts)
    nodes, edges = (text.splitlines()[1:] for text in texts)
    triples = {tuple(edge.split("\t")[2:5]) for edge in edges}  # KGX joins edges that differ in their id only
    assert (found["nodes"], found["edges"]) == (len(nodes), len(triples))
    assert [e for e in found["errors"] if not UNREGISTERED.fullmatch(e) and e != OWN_QUARREL] == []
    kinds = Counter(UNREGISTERED.fullmatch(e)[1] for e in found["errors"] if e != OWN_QUARREL)
    assert kinds["CMPO"] > 50


def test_the_validator_can_complain(validate, texts):
    nodes, edges = texts
    broken = (
        nodes.replace("biolink:SmallMolecule", "biolink:NoSuchThing"),
        edges.replace("has_phenotype", "hasPart"),
    )
    errors = " ".join(validate(*broken)["errors"])
    assert "NoSuchThing" in errors
    assert "hasPart" in errors
