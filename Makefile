# Segue. `make run` and `make test` set up everything they need.
.DEFAULT_GOAL := help
.PHONY: help run test test-fast check docs bench bench-quality bench-speed bench-scale setup-run \
	setup-dev lock clean
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: setup-run ## Serve on 127.0.0.1:8000; MUSIC=/path scans a folder, else a demo is composed
	@MUSIC="$(MUSIC)" DATA="$(or $(DATA),data)" PORT="$(or $(PORT),8000)" scripts/run.sh

test: setup-dev ## Run all tests
	$(PYTEST) -n 2 --dist worksteal

test-fast: setup-dev ## Run the tests that take no more than a few seconds each
	$(PYTEST) -n 2 --dist worksteal -m "not slow and not browser"

check: setup-dev ## Lint, types, import floors, lock files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_house.py

docs: setup-dev ## Build the documentation into site/
	$(BIN)/python scripts/make_reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: setup-dev ## Run one benchmark: make bench ID=S4
	@$(BIN)/python -m benchmarks $(ID)

bench-quality bench-speed bench-scale: setup-dev ## Run a group of benchmarks
	@$(BIN)/python -m benchmarks $(@:bench-%=%)

setup-run:
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh dev

lock: setup-dev ## Make the hash-pinned requirement files anew (needs uv)
	requirements/compile.sh

clean: ## Remove the environment and caches; data/ stays
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis site
