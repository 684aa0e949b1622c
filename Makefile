# Needs make and Python 3.11 or newer with venv; everything else is installed into .venv.
# Node.js, Java, Chromium and Debian's PostgreSQL are used where they are there: the tests that
# need them are skipped elsewhere, and say so.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
NPM    := $(shell command -v npm 2>/dev/null)

.PHONY: help install demo test lint check unit contract mutants bench screenshots constraints clean

help:
	@echo "make demo      install, load demo data, serve it"
	@echo "make test      install, then all checks and tests"
	@echo "make lint      formatting, lint, types, layers"
	@echo "make mutants   break each guard on purpose and see the tests fail"
	@echo "make bench     measure"
	@echo "make screenshots   the README's pictures of the Settings pages; needs Chromium"

$(VENV)/run: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/dev: $(VENV)/run
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	touch $@

node_modules/.package-lock.json: package.json package-lock.json
ifneq ($(NPM),)
	npm ci --silent --no-audit --no-fund
else
	@echo "left out: npm is not installed, so the document's npm lint and the TypeScript client are skipped"
endif

install: $(VENV)/dev node_modules/.package-lock.json

demo: $(VENV)/run
	@$(BIN)/gateway demo

test: lint check unit

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: install
	$(BIN)/gateway spec > /dev/null
	$(BIN)/gateway policy check
	$(BIN)/gateway policy test

unit: install benchmarks/peers/node_modules/.package-lock.json
	$(BIN)/pytest -n 2 --dist worksteal --junit-xml=reports/tests.xml

contract: install
	$(BIN)/pytest -n 2 --dist worksteal tests/contract

mutants: install
	$(BIN)/pytest -n 2 --dist worksteal -m mutants tests/mutants

# Needs wrk, from Debian; what it measures against on Node.js is left out where that is missing.
bench: install benchmarks/peers/node_modules/.package-lock.json
	$(BIN)/python -m benchmarks

benchmarks/peers/node_modules/.package-lock.json: benchmarks/peers/package.json benchmarks/peers/package-lock.json
ifneq ($(NPM),)
	npm ci --prefix benchmarks/peers --silent --no-audit --no-fund \
	  || echo "left out: npm cannot install benchmarks/peers (better-sqlite3 needs a compiler)"
else
	@echo "left out: npm is not installed, so the benchmarks' servers on Node.js are skipped"
endif

screenshots: install
	$(BIN)/python tests/browser/screenshots.py docs/screenshots

constraints: install
	{ head -n 1 constraints.txt; $(BIN)/pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

clean:
	rm -rf $(VENV) node_modules reports .mypy_cache .ruff_cache .pytest_cache .hypothesis
