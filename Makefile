# Everything happens in .venv, made with the system's python3 (or make PYTHON=...);
# PINNED=yes installs the versions of requirements.txt first.
PYTHON ?= python3
VENV := .venv
EXTRAS := test,lint,docs,control,cluster,recordings,inspect
BIN := $(VENV)/bin
READY := $(VENV)/installed
JOBS ?= 2
ROOMS := models plasticity analysis figures
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help figures paper test test-unit test-programs bench lint docs notebooks dist clean
.DELETE_ON_ERROR:

help: ## show this
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

figures: $(READY) ## draw all figures at quick scale into results/figures, and check their claims
	$(BIN)/hedon figures

paper: $(READY) ## all figures at paper scale into results/paper, with a manifest and a page; may be interrupted
	$(BIN)/hedon figures --scale paper --results results/paper --keep-going

test: $(READY) ## all tests, those of the figures' claims at quick scale among them
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal

test-unit: $(READY) ## the unit tests: none of the figures' claims, none that runs something whole
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal -m "not figure and not whole"

test-programs: $(READY) ## the tests of programs that depend most on the version of Brian2
	$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal \
	    $(addprefix tests/program/test_program_,patches.py users.py call.py dense.py identity.py)

bench: $(READY) ## speed of this machine's programs, as ratios measured in one run
	$(BIN)/python tests/bench/run.py

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	@mkdir -p $(VENV)/src && ln -sfn ../.. $(VENV)/src/hedon # mypy wants the package's folder to have its name
	cd $(VENV)/src && ../bin/mypy --config-file ../../pyproject.toml $(addprefix hedon/,$(ROOMS))

docs: $(READY) ## the site of pages into site/, every link in it checked
	@mkdir -p $(VENV)/src && ln -sfn ../.. $(VENV)/src/hedon
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo site/index.html

notebooks: $(READY) ## run the tutorials anew, and keep what they show
	PATH=$(CURDIR)/$(BIN):$$PATH HEDON_RESULTS=results $(BIN)/jupyter execute --inplace docs/tutorials/*.ipynb

dist: $(READY) ## sdist and wheel into dist/, checked by twine
	@$(PIP) --editable ".[dist]"
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

clean: ## remove the environment and all that can be made again, but no results
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml $(BIN)/python
	@command -v g++ >/dev/null || echo "hedon: no C++ compiler found; on Debian: apt-get install g++" >&2
	@echo "installing into $(VENV)"
	@$(if $(PINNED),$(PIP) --require-hashes --requirement requirements.txt)
	@$(PIP) --editable ".[$(EXTRAS)]"
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	    echo "hedon: no $(PYTHON) found; on Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "hedon: Python 3.11 or newer is needed; name one with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	    || { rm -rf $(VENV) && $(PYTHON) -m venv --without-pip $(VENV) \
	         && $(PYTHON) -m pip --python $(VENV)/bin/python install --quiet pip; } 2>/dev/null \
	    || { rm -rf $(VENV); echo "hedon: $(PYTHON) cannot make an environment;" \
	         "on Debian: apt-get install python3-venv" >&2; exit 1; }
