# The two commands of this project, `make barometer` and `make test`, and what they stand on.
# Needs Debian with Python 3.11, make and apt; installs the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# Never the environment's own, even where it is activated: rebuilding it would pull the ground from under it.
OUTSIDE := $(shell echo "$$PATH" | tr ':' '\n' | grep -vxF "$(CURDIR)/$(VENV)/bin" | paste -sd:)
PYTHON := $(or $(shell PATH="$(OUTSIDE)"; command -v python3.11 || command -v python3),python3.11)
EXAMPLE := workspace-example
# Named, so that a draft of next year's edition is no part of the example.
EXAMPLE_EDITIONS := 2023 2024 2025
WORKERS := 2

# Stamps are named after the content of what they installed: the same files, whatever their dates, keep the
# environment, and a changed lock gets a new one.
digest = $(shell sha256sum $(1) | cut -c1-16)
LOCKED := $(VENV)/.locked-$(call digest,requirements.lock)
PROJECT := $(VENV)/.project-$(call digest,pyproject.toml)

# Debian's Python comes without `ensurepip`; no wheel brings Pango, which composes the pages.
VENV_PACKAGE := python3.11-venv
PANGO_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
HAS_PANGO = $(PYTHON) -c 'import ctypes; [ctypes.CDLL(name) for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")]' 2>/dev/null

# $(call apt,packages): install Debian packages, as root or through sudo, or say what to ask for.
define apt
	if [ "$$(id -u)" = 0 ]; then as_root=; \
	elif command -v sudo >/dev/null; then as_root=sudo; \
	else \
		echo "Il manque des paquets Debian, et ni root ni sudo ne sont là pour les installer." >&2; \
		echo "Demandez à l'administrateur : apt-get install $(1)" >&2; \
		echo "Debian packages are missing, and neither root nor sudo is there to install them." >&2; \
		echo "Ask the administrator for: apt-get install $(1)" >&2; \
		exit 1; \
	fi; \
	echo "Installation des paquets Debian : $(1)"; \
	install="$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $(1)"; \
	$$install || { $$as_root apt-get update --quiet && $$install; } || { \
		echo "L'installation de $(1) a échoué (voir ci-dessus). / Installing $(1) failed (see above)." >&2; exit 1; }
endef

.PHONY: help
help: ## this list
	@echo "Usage: make TARGET"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

.PHONY: barometer
barometer: setup ## set up what is missing, then make the example's barometers from simulated answers
	$(BIN)/observatory simulate $(EXAMPLE_EDITIONS) --workspace $(EXAMPLE)
	$(BIN)/observatory run $(EXAMPLE_EDITIONS) --workspace $(EXAMPLE)

.PHONY: test
test: setup ## style, types, the design's import rules, then the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

.PHONY: bench
bench: setup ## the time of a run and of a large import beside their floors, of estimates and weights beside R's
	@missed=0; for bench in bench bench_ingest bench_estimation bench_weights; do \
		echo "python -m tests.$$bench"; $(BIN)/python -m tests.$$bench || missed=1; \
	done; exit $$missed

.PHONY: setup
setup: pango $(PROJECT) ## the environment in .venv, and Pango; nothing when they are there

.PHONY: pango
pango: python
	@$(HAS_PANGO) || { $(call apt,$(PANGO_PACKAGES)); }

$(LOCKED): | python
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call apt,$(VENV_PACKAGE)); }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

$(PROJECT): $(LOCKED)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
		echo "Il faut Python 3.11 : apt-get install python3.11" >&2; \
		echo "Python 3.11 is needed: apt-get install python3.11" >&2; exit 1; }

# pip-tools lives in an environment of its own, thrown away: it is needed here and nowhere else. Versions already
# locked are kept; `make lock UPGRADE=1` takes the newest that pyproject.toml allows.
.PHONY: lock
lock: python ## requirements.lock, from pyproject.toml (UPGRADE=1: newest versions)
	@set -eu; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv "$$folder"; \
	"$$folder/bin/pip" install --quiet --disable-pip-version-check 'pip-tools==7.6.2'; \
	CUSTOM_COMPILE_COMMAND='make lock' "$$folder/bin/pip-compile" --quiet --all-extras --generate-hashes \
		--allow-unsafe --no-strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		$(if $(UPGRADE),--upgrade) --output-file requirements.lock pyproject.toml

.PHONY: schema
schema: setup ## survey_schemas/json-schema, from observatory/editions/model.py
	$(BIN)/python -m observatory.editions.json_schema

.PHONY: locale
locale: setup ## the compiled French words of click, from messages.po
	$(BIN)/pybabel --quiet compile --directory observatory/locale --locale fr
