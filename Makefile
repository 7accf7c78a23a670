# The commands of this repository. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
ARGS ?=

RUNTIME_LOCKS := requirements/runtime.txt requirements/build.txt
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-build --custom-compile-command 'make lock' $(ARGS)

.PHONY: help setup demo test check lint format types imports size dependencies docs-check docs missing bench chaos wheel lock clean

help: ## list these commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- the environment ----------------------------------------------------------------------------------------------

$(VENV)/.runtime: $(RUNTIME_LOCKS) pyproject.toml tools/setup.sh
	@PYTHON='$(PYTHON)' tools/setup.sh runtime

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@PYTHON='$(PYTHON)' tools/setup.sh dev

$(VENV)/.bench: requirements/bench.txt $(VENV)/.runtime
	@PYTHON='$(PYTHON)' tools/setup.sh bench

setup: $(VENV)/.dev ## make .venv with the locked packages and the project in it

# --- what a user runs ---------------------------------------------------------------------------------------------

demo: $(VENV)/.runtime ## a year of real flights, captured and told, then the API; ARGS=--no-serve returns
	@$(BIN)/stillframe demo $(ARGS)

# --- what everybody checks ----------------------------------------------------------------------------------------

test: check missing ## everything CI checks: the static part, then the tests; ARGS='-k ranking' picks some
	@$(BIN)/python -m pytest -n 2 $(ARGS)

check: lint types imports size dependencies docs-check ## the static part of the checks

lint: $(VENV)/.dev ## ruff: rules and format
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet

format: $(VENV)/.dev ## put the code in the house's format, and mend what can be mended
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

types: $(VENV)/.dev ## mypy --strict
	@$(BIN)/mypy

imports: $(VENV)/.dev ## the rules of movement
	@$(BIN)/lint-imports --no-logo --no-cache > $(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; exit 1; }

size: $(VENV)/.dev ## the size budgets
	@$(BIN)/python tools/size_check.py src/stillframe

dependencies: $(VENV)/.dev ## packages declared and used, code alive
	@$(BIN)/deptry src > $(VENV)/deptry.log 2>&1 || { cat $(VENV)/deptry.log; exit 1; }
	@$(BIN)/vulture

docs-check: $(VENV)/.dev ## the generated reference is up to date
	@$(BIN)/python tools/generate_docs.py --check

missing: $(VENV)/.dev ## install what the tests need and this machine lacks, where that is possible
	@tools/install_missing.sh

# --- what is made -------------------------------------------------------------------------------------------------

docs: $(VENV)/.dev ## write the generated files of docs/reference again
	@$(BIN)/python tools/generate_docs.py

bench: $(VENV)/.bench ## the benchmarks, peers side by side, in one table
	@$(BIN)/python -m bench $(ARGS)

chaos: $(VENV)/.dev missing ## a thousand kills, power cuts and the rest, at full size; ARGS='storm --seed 7' runs one
	@$(BIN)/python -m chaos $(ARGS)

wheel: $(VENV)/.dev ## build the wheel and the source archive into dist/
	@$(BIN)/python -m build --no-isolation

lock: $(VENV)/.dev ## compile requirements/*.txt again; ARGS=--upgrade takes newer versions
	@$(COMPILE) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) requirements/build.in -c requirements/runtime.txt -o requirements/build.txt
	@$(COMPILE) pyproject.toml --extra dev -c requirements/runtime.txt -c requirements/build.txt -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra bench -c requirements/dev.txt -o requirements/bench.txt

clean: ## remove the environment, the caches and what was built
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis tests/npm/node_modules
	@find src tests tools bench chaos examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
