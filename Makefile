# Two commands to begin with: make demo, make test. They need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
# Most tests run in so many processes, a file in one of them.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --durations 20
PARALLEL := --numprocesses $(WORKERS) --dist loadfile

.PHONY: demo test test-quick chaos check format bench screenshots clean

demo: .venv/installed
	$(BIN)/wordcount demo

# Those that need containers run one after another: seven of them share the machine as it is.
test: .venv/installed-dev
	WORDCOUNT_TEST_BROKER=process $(PYTEST) $(PARALLEL) -m 'not needs_docker'
	$(PYTEST) -m 'needs_docker or both_brokers'

# While you edit: the unit tests and the examples in docstrings, which start no Java, in a minute or two.
test-quick: .venv/installed-dev
	$(PYTEST) $(PARALLEL) tests/unit streaming producer

# As many rounds as you like: make chaos ROUNDS=500 SEED=4711 ONLY=whole
chaos: .venv/installed-dev
	CHAOS_ROUNDS=$(ROUNDS) CHAOS_SEED=$(SEED) $(PYTEST) tests/chaos tests/fuzz $(if $(ONLY),-k $(ONLY)) $(if $(SEED),--hypothesis-seed=$(SEED))

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-dev
	$(BIN)/python -m pip install --quiet --editable '.[peers]'
	$(BIN)/python -m benchmarks

# The pictures of the page and of the live view in docs/, of a stream that runs for nine minutes. Needs Chromium.
screenshots: .venv/installed-dev
	$(BIN)/python -m tests.screenshots $(MINUTES)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --editable '.[dev,bench]'
	touch $@
