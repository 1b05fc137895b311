# What can be done here? `make help` tells. Needs make and Python 3.11 or newer; everything else comes by itself.

VENV := .venv
PY := $(VENV)/bin/python
PAGE := web/page
SITE := src/signalbox/pages/site/index.html
MODULES := $(PAGE)/node_modules/.package-lock.json
NPM := $(CURDIR)/$(PY) $(CURDIR)/tools/node.py npm

# Stamps: empty files that are newer than what they were made from.
RUNNABLE := $(VENV)/.runnable
COMPLETE := $(VENV)/.complete
# Once everything is installed, what runs is kept up with everything: the small set never goes over the complete one.
INSTALLED := $(if $(wildcard $(COMPLETE)),$(COMPLETE),$(RUNNABLE))
LOCKS_RUN := requirements/base.txt requirements/build.txt
LOCKS_DEV := requirements/dev.txt
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/.nuxt/*' -not -path '*/.output/*' \
	-not -path '*/test/*' -not -path '*/test-results/*' -not -name '*.md' 2>/dev/null)

CONFIG ?= signalbox.example.yaml
ARGS ?=
PYTEST ?= -n 2 --dist worksteal
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run setup web test promises check format bench screenshots generate lock clean prepare

help: ## Tell what can be done here.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: $(INSTALLED) $(SITE) ## Watch the example manifest and show its page (CONFIG=file for another, ARGS for flags).
	@exec $(VENV)/bin/signalbox up --config $(CONFIG) $(ARGS)

setup: $(COMPLETE) $(SITE) ## Make .venv with every extra and tool, and build the web page.

web: $(SITE) ## Build the web page, if its sources changed.

test: $(COMPLETE) $(SITE) prepare ## Run all tests, with real servers and a real browser (PYTEST=… to choose).
	cd $(PAGE) && $(NPM) test
	$(PY) -m pytest $(PYTEST)

promises: $(COMPLETE) $(SITE) prepare ## Keep each promise for as long as it is made: the long versions, about an hour.
	SIGNALBOX_TEST_LONG=1 $(PY) -m pytest -n 0 tests/promises

check: $(COMPLETE) $(MODULES) ## Format, lint, types, layers, generated files; Python and web.
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tools.generate --check
	cd $(PAGE) && $(NPM) run generate -- --check
	cd $(PAGE) && $(NPM) run lint
	cd $(PAGE) && $(NPM) run typecheck

format: $(COMPLETE) $(MODULES) ## Rewrite the sources as `make check` wants them.
	$(VENV)/bin/ruff format
	$(VENV)/bin/ruff check --fix
	cd $(PAGE) && $(NPM) run format

bench: $(COMPLETE) $(SITE) prepare ## Measure checks/s, CPU per check, rows/s and requests/s on this machine.
	$(PY) -m bench $(ARGS)

screenshots: $(COMPLETE) $(SITE) prepare ## Draw the README's pictures anew, from a real run.
	$(PY) -m tools.pictures

generate: $(COMPLETE) $(MODULES) ## Write what is derived from the models: OpenAPI, TypeScript types, schema, reference.
	$(PY) -m tools.generate
	cd $(PAGE) && $(NPM) run generate

lock: .cache/uv/bin/uv ## Resolve the dependencies again (ARGS=--upgrade to take newer ones).
	tools/lock.sh .cache/uv/bin/uv $(ARGS)

clean: ## Remove what was built or cached here (not .venv, not data).
	rm -rf .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .schemathesis build dist
	rm -rf src/signalbox/pages/site $(PAGE)/node_modules $(PAGE)/.nuxt $(PAGE)/.output
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

prepare: $(COMPLETE)
	@$(PY) -m tools.prepare

$(RUNNABLE): $(LOCKS_RUN) pyproject.toml tools/venv.sh
	@tools/venv.sh $(VENV) $(LOCKS_RUN)
	@touch $@

$(COMPLETE): $(LOCKS_DEV) pyproject.toml tools/venv.sh
	@tools/venv.sh $(VENV) $(LOCKS_DEV)
	@touch $@

# `npm install --no-save` keeps to package-lock.json and its hashes as `npm ci` does, but takes a lock that was made where
# not every platform's parts could be had.
$(MODULES): $(PAGE)/package-lock.json | $(INSTALLED)
	@echo "Installing the web page's libraries."
	@cd $(PAGE) && $(NPM) install --no-save --no-progress --loglevel=error
	@touch $@

$(SITE): $(MODULES) $(WEB_SOURCES)
	@echo "Building the web page."
	@mkdir -p .cache
	@cd $(PAGE) && $(NPM) run build >$(CURDIR)/.cache/web.log 2>&1 || { cat $(CURDIR)/.cache/web.log; exit 1; }
	@touch $@

.cache/uv/bin/uv: | $(COMPLETE)
	$(PY) -m venv .cache/uv
	.cache/uv/bin/python -m pip install --quiet uv==$(UV_VERSION)
