# Everything runs in .venv, which make makes itself. `make` alone lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
# The package sssom brings an old plugin that changes how rdflib reads JSON-LD: it has an environment of its own.
SSSOM := $(VENV)/sssom
# cffconvert asks for a jsonschema of 2019.
CFF := $(VENV)/cff
PYTEST := $(BIN)/python -m pytest
# The package kgx brings a hundred others.
KGX := $(VENV)/kgx
# roc-validator fixes how rdflib loads documents.
ROC := $(VENV)/roc
# Two processes suit two cores; a file stays in one process, so that it sets up its data once.
PARALLEL ?= -n 2 --dist loadfile

export BIOIMG_KG_SHARED ?= ../shared
export BIOIMG_KG_SSSOM ?= $(CURDIR)/$(SSSOM)/bin/python
export BIOIMG_KG_CFFCONVERT ?= $(CURDIR)/$(CFF)/bin/python
export BIOIMG_KG_KGX ?= $(CURDIR)/$(KGX)/bin/python
export BIOIMG_KG_ROC ?= $(CURDIR)/$(ROC)/bin/python

.DEFAULT_GOAL := help
.PHONY: help install demo clients test browser vendor lint format corpus bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{ printf "  make %-9s %s\n", $$1, $$2 }'

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 ...")'
	@echo "installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

CLIENTS := tests/clients/node_modules/.package-lock.json

$(CLIENTS): tests/clients/package-lock.json
	npm ci --prefix tests/clients --no-audit --no-fund
	@touch $@

$(SSSOM)/installed: $(STAMP)
	@$(PYTHON) -m venv $(SSSOM)
	@$(SSSOM)/bin/python -m pip install --quiet --disable-pip-version-check 'sssom>=0.4.21,<0.5'
	@touch $@

$(CFF)/installed: $(STAMP)
	@$(PYTHON) -m venv $(CFF)
	@$(CFF)/bin/python -m pip install --quiet --disable-pip-version-check 'cffconvert>=2.0,<3' setuptools
	@touch $@

$(KGX)/installed: $(STAMP)
	@$(PYTHON) -m venv $(KGX)
	@$(KGX)/bin/python -m pip install --quiet --disable-pip-version-check 'kgx>=2.6,<3' 'biolink-model>=4.4,<5'
	@touch $@

$(ROC)/installed: $(STAMP)
	@$(PYTHON) -m venv $(ROC)
	@$(ROC)/bin/python -m pip install --quiet --disable-pip-version-check 'roc-validator>=0.13,<0.14'
	@touch $@

install: $(STAMP) ## make .venv and install the package with all that development needs

demo: $(STAMP) ## build the example studies and serve them on http://127.0.0.1:8000, or another PORT=...
	@$(BIN)/bioimg-kg demo $(if $(PORT),--port $(PORT))

clients: $(CLIENTS) ## install the SPARQL clients, axe-core and the RO-Crate context for tests; needs npm

test: $(STAMP) ## run all tests and the examples of the documentation; needs no network and no data
	$(PYTEST) $(PARALLEL)

browser: $(STAMP) $(CLIENTS) ## look at every page in Chromium: other hosts, errors, contrast, phones, no scripts
	$(PYTEST) -m "browser and not corpus"

vendor: $(STAMP) ## compare the files in static/vendor with the npm registry
	$(BIN)/python tools/vendor_assets.py --check

lint: $(STAMP) ## check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## let ruff put the code in order
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

corpus: $(STAMP) $(SSSOM)/installed $(CFF)/installed $(KGX)/installed $(ROC)/installed ## run the tests on the real studies in BIOIMG_KG_SHARED (default ../shared)
	@test -d "$(BIOIMG_KG_SHARED)/idr" || { echo "no folder $(BIOIMG_KG_SHARED)/idr: set BIOIMG_KG_SHARED to the folder that holds idr/" >&2; exit 2; }
	$(PYTEST) tests/mappings/test_sssom.py tests/catalog/test_citing.py tests/exports/test_kgx.py tests/endpoint/test_crates.py
	$(PYTEST) -m corpus --durations=5

bench: $(STAMP) ## measure time and memory of a build of the real studies; see benchmarks/README.md
	$(BIN)/python benchmarks/build.py --source "$(BIOIMG_KG_SHARED)/idr" --ontologies "$(BIOIMG_KG_SHARED)/ontologies"

clean: ## remove .venv and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
