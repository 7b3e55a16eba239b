# Curbside: `make run` starts it, `make test` tests it, `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 7860
DATA ?=
SERVE_FLAGS = --port $(PORT) $(if $(DATA),--data $(DATA))

export OMP_NUM_THREADS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1
# Else each of the hundred processes that tests start would compile Curbside again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-deid bench-loop demo browser clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(VENV)/.run-ready ## start Curbside on http://127.0.0.1:7860 (PORT=, DATA=)
	@$(BIN)/curbside serve $(SERVE_FLAGS)

test: $(VENV)/.dev-ready ## run all tests (under 15 minutes on 2 cores)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev-ready ## ruff, pyright, import-linter, then the tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(MAKE) test

bench: $(VENV)/.dev-ready ## print the figures of the README (needs the development data for most)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-deid: $(VENV)/.dev-ready ## how good and how fast de-identification is, with its worst misses
	@$(BIN)/python -m tests.benchmarks.bench_deid $(ARGS)

bench-loop: $(VENV)/.dev-ready ## what training and same-day examples learn, on public judgements
	@$(BIN)/python -m tests.benchmarks.bench_loop $(ARGS)

demo: $(VENV)/.run-ready ## watch it learn from a simulated clinician, offline (about ten minutes)
	@OMP_NUM_THREADS=1 $(BIN)/curbside demo $(ARGS)

browser: ## install the browser that the browser tests drive (Debian, Ubuntu)
	apt-get install -y chromium

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .ruff_cache build *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Curbside needs Python 3.11 or newer, this is %s; try: make PYTHON=python3.11 run" % sys.version.split()[0])'
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing Curbside (about 2 GB on Linux without a GPU build of PyTorch; a few minutes)"
	@$(BIN)/pip install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev-ready: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing Curbside and what its tests need"
	@$(BIN)/pip install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run-ready
