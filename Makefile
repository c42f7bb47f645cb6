# Two commands to begin with: make demo, make test. They need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
# Most tests run in so many processes, a file in one of them.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --durations 20
PARALLEL := --numprocesses $(WORKERS) --dist loadfile

.PHONY: demo test test-quick check format bench clean

demo: .venv/installed
	$(BIN)/wordcount demo

# Those of Kafka run one after another: seven containers next to them let producers say that a broker is slow to answer.
test: .venv/installed-dev
	$(PYTEST) $(PARALLEL) --ignore tests/integration/kafka
	$(PYTEST) tests/integration/kafka

# While you edit: the unit tests and the examples in docstrings, which start no Java, in a minute or two.
test-quick: .venv/installed-dev
	$(PYTEST) $(PARALLEL) tests/unit streaming producer

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
