# Two commands on a fresh machine: `make run` and `make test`. Python 3.11 or newer is all they need.
# Another interpreter: make run PYTHON=/path/to/python3.13

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: shots large run test check bench fuzz kills install install-dev format lock i18n clean

run: install
	$(BIN)/picholine serve --demo

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Picholine needs Python 3.11 or newer." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# Side by side on every core; the tests of a file stay together, so that they share what they set up.
# In their order: files with few tests are the long ones here, and must not come last.
test: install-dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m pytest tests/architecture $(PYTEST_ARGS)

bench: install-dev
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

# Mutated files through the real intake; the seed is printed, FUZZ_ARGS="--seed 7" tries the same.
fuzz: install-dev
	$(BIN)/python -m tests.fuzz --files $(or $(FUZZ_FILES),10000) $(FUZZ_ARGS)

# Processes killed at random moments, each followed by a start.
kills: install-dev
	$(BIN)/python -m tests.kills --kills $(or $(KILLS),100) $(KILLS_ARGS)

large: install-dev
	PICHOLINE_LARGE_MB=500 $(BIN)/python -m pytest tests/journeys/test_large_uploads.py -k many_megabytes

shots: install-dev
	mkdir -p shots
	PICHOLINE_SHOTS=$(CURDIR)/shots $(BIN)/python -m pytest tests/journeys/test_pictures.py

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Only this target needs uv.
lock:
	$(UV_LOCK) --extra science --extra build pyproject.toml -o requirements.lock
	$(UV_LOCK) --all-extras pyproject.toml -o requirements-dev.lock

i18n: install-dev
	$(BIN)/python -m tests.catalogue

clean:
	rm -rf $(VENV) build dist *.egg-info
