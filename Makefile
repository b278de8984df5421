# The whole list of tasks. Each one works from an empty clone; `make up` starts.
.PHONY: up test check changed flaky lint fmt type build release bench docs cluster-up cluster-down cluster-shell

# Where it is set, each of many hundred Python processes compiles its libraries again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
DONE := .venv/done
UV := $(BIN)/uv pip install --python $(BIN)/python
NPM := $(BIN)/python -m scripts.npm
# Continuous integration tests what is shipped: the wheel, out of site-packages.
INSTALLED := $(DONE)/installed-$(if $(filter true,$(CI)),wheel,tests)

JAR := spark_monitor/jars/cygnet-listener.jar
LAB := extensions/cygnet_lab/labextension/package.json
CONFIG := pyproject.toml hatch_build.py extensions/install.json extensions/cygnet_lab.json extensions/nbconvert.json
SCALA := $(wildcard spark_monitor/listener/*.scala)
FRONT := $(wildcard extensions/*.json) $(shell find extensions/src extensions/style extensions/schema -type f 2>/dev/null)
SHIPPED := $(shell find hub extensions/cygnet_lab spark_connector spark_monitor examples -type f -not -path '*/__pycache__/*' -not -path '*/labextension/*' -not -name '*.jar')

up: $(DONE)/installed-service
	@$(BIN)/cygnet up $(ARGS)

test: $(INSTALLED)
	@exec $(BIN)/python -m scripts.run_tests $(ARGS)

check: $(INSTALLED)
	@exec $(BIN)/python -m scripts.run_tests lint type page pure

changed: $(INSTALLED)
	@exec $(BIN)/python -m scripts.changed $(ARGS)

flaky: $(INSTALLED)
	@exec $(BIN)/python -m scripts.flaky $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(NPM) run lint

fmt: $(INSTALLED)
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(NPM) run fmt

type: $(INSTALLED)
	$(BIN)/mypy
	$(NPM) run type

build: $(JAR) $(LAB)
	rm -rf dist
	$(BIN)/uv build

# What is missing or wrong is reported first; then even the tools take minutes.
release:
	@$(PYTHON) scripts/make_venv.py --only-look release
	@$(PYTHON) -m scripts.release.check
	@$(MAKE) --silent $(DONE)/tools $(JAR) $(LAB)
	@$(BIN)/python -m scripts.release.run

bench: $(INSTALLED)
	$(BIN)/python -m bench.run $(ARGS)

docs: $(INSTALLED) $(DONE)/docs-tools
	$(BIN)/python -m scripts.write_settings
	$(BIN)/python -m scripts.write_cli
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# What is missing is reported first; then even the tools take minutes.
cluster-up:
	@$(PYTHON) scripts/make_venv.py --only-look cluster-up
	@$(PYTHON) -m tests.cluster.node.requirement
	@$(PYTHON) -m tests.cluster.node.progress 'installing the tools of the build' $(MAKE) --silent $(DONE)/tools
	@$(BIN)/python -m tests.cluster.node up

cluster-down: $(DONE)/venv
	@$(BIN)/python -m tests.cluster.node down

cluster-shell: $(DONE)/venv
	@$(BIN)/python -m tests.cluster.node shell

$(DONE)/venv: scripts/make_venv.py
	$(PYTHON) scripts/make_venv.py .venv
	@mkdir -p $(DONE) && touch $@

$(DONE)/tools: pyproject.toml $(DONE)/venv
	$(UV) --group build
	@touch $@

$(DONE)/docs-tools: pyproject.toml $(DONE)/venv
	$(UV) --group docs
	@touch $@

$(JAR): scripts/build_jar.py $(SCALA) | $(DONE)/tools
	$(BIN)/python scripts/build_jar.py
	@touch $@

$(LAB): scripts/build_lab.py $(FRONT) | $(DONE)/tools
	$(BIN)/python scripts/build_lab.py
	@touch $@

$(DONE)/installed-service: $(CONFIG) $(JAR) $(LAB) $(DONE)/tools
	$(UV) --reinstall-package cygnet --editable '.[hub,lab]'
	@rm -f $(DONE)/installed-wheel && touch $@

$(DONE)/installed-tests: $(CONFIG) $(JAR) $(LAB) $(DONE)/tools
	$(UV) --reinstall-package cygnet --editable '.[test]'
	@rm -f $(DONE)/installed-wheel && touch $@

$(DONE)/built-wheel: $(CONFIG) $(JAR) $(LAB) $(SHIPPED) $(DONE)/tools
	rm -rf dist
	$(BIN)/uv build --wheel
	@touch $@

$(DONE)/installed-wheel: $(DONE)/built-wheel
	$(UV) --reinstall-package cygnet "$$(echo dist/*.whl)[test]"
	@rm -f $(DONE)/installed-service $(DONE)/installed-tests && touch $@
