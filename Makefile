# Six verbs. The first run sets up .venv; later runs start at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export HF_HUB_OFFLINE ?= 1

.PHONY: help demo test check format bench clean

help:
	@echo "make demo    build the sample index, play a conversation on a simulated Discord, serve the chat page"
	@echo "make test    format check, lint, types, and all tests"
	@echo "make check   only format check, lint and types"
	@echo "make format  format the code"
	@echo "make bench   measure what is claimed to be fast (about an hour; python -m benchmarks --help for parts of it)"
	@echo "make clean   remove the environment and everything made by demo and tests"

demo: $(INSTALLED)
	@$(BIN)/vignette demo

# A process for each core, with one thread each: numeric libraries that share cores are slower than one after the other.
test: check
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

check: $(INSTALLED)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(INSTALLED)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks

# torch goes first and by its exact version: a range would let pip pick a build many times the size.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Vignette needs Python 3.11 or newer: make demo PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (a few minutes the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[cpu,demo,dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo-out .demo .benchmarks build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
