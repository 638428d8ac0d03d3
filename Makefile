# Everything a contributor runs. Only `make test` may ask for root: for programs of the system, and only while one is missing.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help demo test lint format table reference gallery bench proof autobahn clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.runtime ## set up what is missing, then run the gateway on 127.0.0.1:8080
	@exec $(BIN)/turngate serve --diagnostics

test: .venv/.dev ## set up what is missing, then run every check
	@$(BIN)/python tools/system.py
	@$(BIN)/python tools/checks.py

lint: .venv/.dev ## format check, lint, types and spelling only
	@$(BIN)/python tools/checks.py format lint types spelling

format: .venv/.dev ## format the code and apply the safe lint fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

table: .venv/.dev ## rewrite the golden tables in tests/tables; review the rows that changed
	@$(BIN)/python -m pytest tests/core -m table --update-tables
	@git --no-pager diff --stat -- tests/tables

reference: .venv/.dev ## rewrite the generated pages in docs/reference, and the bars in the README
	@$(BIN)/python -m tools.reference

gallery: .venv/.dev ## run the tests of the page, and renew the pictures in docs/gallery
	@$(BIN)/python tools/checks.py browser
	@$(BIN)/python tools/gallery.py

bench: .venv/.dev ## measure beside other relays, and compare with the bars; about 25 minutes
	@$(BIN)/python bench/run.py
	@$(BIN)/python -m tools.reference >/dev/null

proof: .venv/.dev ## try to refute every claim, at length; under an hour, writes docs/proof.md
	@$(BIN)/python tools/system.py
	@exec $(BIN)/python -m proof.run --long

# The suite wants a Python of its own, which setup.sh puts beside it; Debian on amd64 only.
autobahn: .venv/.dev ## run the Autobahn suite against both legs; the first time sets it up, a minute
	@PYTHON=$(CURDIR)/$(BIN)/python tools/autobahn/setup.sh .autobahn
	@$(BIN)/python tools/autobahn/run.py .autobahn

clean: ## remove the environment and the caches
	rm -rf .venv .mutation .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov build dist
	find src tests tools bench proof -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps lie inside the environment, so that they go when it goes.
.venv/.runtime: pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "[1/2] creating .venv"; \
		python=$$(tools/find-python) && "$$python" -m venv --clear .venv; \
	fi
	@echo "[2/2] installing turngate and its local voice into .venv: about a minute, the first time"
	@$(BIN)/python -m pip install --disable-pip-version-check -e '.[local,talk,examples]'
	@touch $@

# --group came with pip 25.1, and a new environment may hold an older one.
.venv/.dev: pyproject.toml .venv/.runtime
	@echo "installing what the checks need into .venv: a minute or two, the first time"
	@$(BIN)/python -m pip install --disable-pip-version-check 'pip>=25.1'
	@$(BIN)/python -m pip install --disable-pip-version-check --group dev
	@touch $@
