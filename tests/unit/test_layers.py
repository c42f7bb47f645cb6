"""Who may import whom: ``streaming`` may import ``producer``, never the other way round, and that knows no Spark."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import producer
import streaming
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words, split_words

_PRODUCER = sorted(Path(producer.__file__).parent.glob("**/*.py"))
_STREAMING = sorted(Path(streaming.__file__).parent.glob("**/*.py"))


def imported(file: Path) -> Iterator[str]:
    """Yield the top package of everything that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("file", _PRODUCER, ids=lambda file: file.stem)
def test_no_module_of_the_producer_imports_spark_or_streaming(file: Path) -> None:
    assert not {"pyspark", "py4j", "streaming"} & set(imported(file))


@pytest.mark.parametrize("file", [*_PRODUCER, *_STREAMING], ids=lambda file: f"{file.parent.name}.{file.stem}")
def test_no_module_imports_the_tests(file: Path) -> None:
    assert not {"tests", "pytest", "hypothesis"} & set(imported(file))


@pytest.mark.parametrize("module", ["producer.cli", "producer.__main__"])
def test_the_producer_starts_without_spark(module: str) -> None:
    assert not {"pyspark", "py4j", "streaming"} & loaded_by(module)


def test_the_public_names_are_what_they_are_elsewhere() -> None:
    assert streaming.count_words is count_words
    assert streaming.split_words is split_words
    assert streaming.count_words_in_windows is count_words_in_windows
    rules = {"LineTime", "Windows", "WordRule"}
    assert set(streaming.__all__) == {"__version__", "count_words", "count_words_in_windows", "split_words"} | rules


def loaded_by(*modules: str) -> set[str]:
    program = f"import sys, {', '.join(modules)}; print('\\n'.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(result.stdout.split())
