# SPDX-License-Identifier: MIT
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin

# Versions that XNAS runs on; PYTHON=/path/to/python overrides the search.
PYTHONS := python3.11 python3.12 python3.13 python3 python
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

.PHONY: help
help: ## Show this list
	@echo "Usage: make TARGET [PYTHON=/path/to/python3.11]"
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

$(BIN)/python:
	@set -e; \
	for candidate in $${PYTHON:-$(or $(PYTHON),$(PYTHONS))}; do \
	  if $$candidate -c '$(FITS)' 2>/dev/null; then chosen=$$candidate; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
	  echo "make: no Python 3.11 to 3.13 with the venv module found (tried $${PYTHON:-$(or $(PYTHON),$(PYTHONS))}); install one or name it: make PYTHON=/path/to/python3.11" >&2; \
	  exit 2; \
	fi; \
	echo "Making $(VENV) with $$($$chosen --version)"; \
	$$chosen -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what XNAS needs (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt requirements-onnx.txt | $(BIN)/python
	@echo "Installing what XNAS and its tests need (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

.PHONY: venv
venv: $(VENV)/.installed ## Make the virtual environment .venv
	@echo "Ready; activate it with: source $(VENV)/bin/activate"

.PHONY: demo
demo: $(VENV)/.installed ## Search networks for handwritten digits, a minute or two
	@$(BIN)/python deephyper_xnas nas nsga2 \
	  --problem experiments.digits.problem.Problem \
	  --evaluator process --population-size 16 --max-evals 64 --confirm 32 --seed 1

SLURM_LOG := .pytest_cache/slurm.log

# Two files at a time: tests of one file share what takes long to make.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# Tests on a Slurm mostly wait: they run beside the others, and their report comes last.
.PHONY: test
test: $(VENV)/.installed-dev ## Run all tests
	@mkdir -p $(dir $(SLURM_LOG))
	@$(BIN)/python -m pytest -m slurm >$(SLURM_LOG) 2>&1 & slurm=$$!; \
	$(PYTEST) -m "not slurm"; others=$$?; \
	wait $$slurm; on_slurm=$$?; \
	echo "Tests on a Slurm:"; cat $(SLURM_LOG); \
	[ $$others -eq 0 ] && [ $$on_slurm -eq 0 ]

.PHONY: test-fast
test-fast: $(VENV)/.installed-dev ## Run all tests but those that start a Slurm
	@$(PYTEST) -m "not slurm"

.PHONY: lint
lint: $(VENV)/.installed-dev ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.PHONY: docs
docs: $(VENV)/.installed-dev ## Build the documentation in build/docs
	@TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m sphinx -q -W --keep-going -b html docs build/docs
	@echo "Read build/docs/index.html"

.PHONY: dist
dist: $(VENV)/.installed-dev ## Build the wheel and the source distribution in dist
	@rm -rf dist build/lib build/bdist.*
	@$(BIN)/python -m build --no-isolation --outdir dist .

.PHONY: bench
bench: $(VENV)/.installed-dev ## Measure the ratios that docs/benchmarks.md states
	@for name in scoring bookkeeping resuming cluster asynchronous asynchronous_quality memory mnist; do $(BIN)/python -m benchmarks.$$name || exit 1; done

.PHONY: clean
clean: ## Remove the virtual environment and caches (not results)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
