"""Which package may import which: the table below is the architecture, and any other import fails here."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import streaming
from streaming.counting.windows import count_words_in_windows
from streaming.counting.words import count_words, split_words

_ROOT = Path(__file__).parents[2]
_FILES, _FILE_LINES, _FUNCTION_LINES = 9, 250, 60

#: Each package, or top-level module, and what it may import of the others.
_ALLOWED: Mapping[str, str] = {
    "producer": "",
    "producer.common": "",
    "producer.content": "",
    "producer.lines": "",
    "producer.text": "producer.common producer.lines",
    "producer.log_names": "",
    "streaming.counting": "producer.common streaming.repeating",
    "streaming.repeating": "",
    "streaming.java_errors": "",
    "streaming.errors": "producer.common streaming.java_errors",
    "producer.rate_limit": "producer.lines",
    "producer.positions": "producer.common producer.log_names",
    "streaming": "producer streaming.counting",
    "streaming.spark": "producer.common streaming.errors streaming.repeating",
    "producer.discovery": "producer.common producer.log_names producer.positions",
    "producer.kafka": "producer.common producer.positions",
    "streaming.windows": "streaming.counting streaming.spark",
    "streaming.live_counts": "streaming.spark",
    "streaming.live_view": "producer.common streaming.live_counts",
    "streaming.serving": "producer producer.common streaming.errors streaming.live_counts streaming.running_stream",
    "streaming.running_stream": "producer.common",
    "producer.reading": "producer.content producer.discovery producer.log_names producer.positions producer.text",
    "producer.rotation": ("producer.content producer.discovery producer.log_names producer.positions producer.reading"),
    "producer.targets": "producer.common producer.content producer.kafka producer.lines producer.positions",
    "streaming.kafka": "producer.common producer.kafka streaming.spark",
    "producer.chunk_publisher": "producer.lines producer.positions producer.reading producer.targets",
    "producer.stdin": (
        "producer.common producer.content producer.lines producer.positions producer.targets producer.text"
    ),
    "streaming.sources": "producer.text streaming.kafka streaming.spark",
    "producer.follower": (
        "producer.chunk_publisher producer.content producer.discovery producer.positions producer.reading "
        "producer.rotation producer.targets producer.text"
    ),
    "streaming.state": (
        "producer.common producer.positions streaming.counting streaming.errors streaming.kafka "
        "streaming.sources streaming.spark"
    ),
    "producer.publish_job": (
        "producer.common producer.content producer.discovery producer.follower producer.lines producer.rate_limit "
        "producer.stdin producer.targets producer.text"
    ),
    "producer.cli": (
        "producer producer.common producer.follower producer.kafka producer.publish_job producer.rate_limit "
        "producer.targets producer.text"
    ),
    "streaming.sinks": "producer.common streaming.counting streaming.kafka streaming.spark streaming.state",
    "producer.__main__": "producer.cli producer.common",
    "streaming.losses": "producer.common streaming.errors streaming.java_errors streaming.kafka streaming.state",
    "streaming.realtime": (
        "producer.common streaming.counting streaming.java_errors streaming.kafka streaming.sinks streaming.sources "
        "streaming.spark streaming.state"
    ),
    "streaming.query": (
        "producer.common producer.discovery producer.follower producer.lines producer.positions "
        "producer.stdin producer.targets producer.text streaming.counting streaming.errors streaming.kafka "
        "streaming.live_counts "
        "streaming.live_view streaming.losses streaming.realtime streaming.running_stream streaming.serving "
        "streaming.sinks streaming.sources streaming.spark streaming.state streaming.windows"
    ),
    "streaming.batch_inputs": "producer.common producer.discovery producer.kafka streaming.sources",
    "streaming.batch_files": (
        "producer.common producer.content producer.discovery producer.lines producer.targets producer.text "
        "streaming.batch_inputs streaming.errors streaming.sources streaming.spark"
    ),
    "streaming.batch_job": (
        "streaming.repeating "
        "producer.common producer.discovery producer.text streaming.batch_files streaming.batch_inputs "
        "streaming.counting "
        "streaming.sinks streaming.spark streaming.windows"
    ),
    "streaming.stream_job": "producer.common streaming.query streaming.sinks streaming.spark streaming.state",
    "streaming.cli": (
        "producer producer.common producer.kafka producer.text streaming.batch_files streaming.batch_inputs "
        "streaming.batch_job "
        "streaming.counting streaming.errors "
        "streaming.kafka streaming.query streaming.running_stream streaming.serving streaming.sinks "
        "streaming.sources streaming.spark streaming.state streaming.stream_job"
    ),
    "streaming.__main__": "producer.common streaming.cli streaming.errors",
}


def modules() -> dict[str, ast.Module]:
    """Return the syntax trees of all modules of both programs, by name."""
    files = [file for top in ("producer", "streaming") for file in sorted((_ROOT / top).glob("**/*.py"))]
    return {_name(file): ast.parse(file.read_bytes()) for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


_MODULES = modules()


def imported(module: str) -> Iterator[str]:
    """Yield what a module imports anywhere in it: our own by module, all else by top package."""
    for node in ast.walk(_MODULES[module]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            own = next((part for part in (name, name.rpartition(".")[0]) if part in _MODULES), None)
            yield own or name.partition(".")[0]


def package_of(module: str) -> str:
    """Return the package that a module belongs to, such as ``producer.kafka``; a top-level module is its own."""
    return ".".join(module.split(".")[:2])


def edges() -> dict[str, set[str]]:
    """Return for each package the others of ours that it imports."""
    found: dict[str, set[str]] = {package_of(module): set() for module in _MODULES}
    for module in _MODULES:
        found[package_of(module)] |= {package_of(name) for name in imported(module) if name in _MODULES}
    return {package: targets - {package} for package, targets in found.items()}


def test_packages_import_only_what_the_table_allows() -> None:
    allowed = {package: set(targets.split()) for package, targets in _ALLOWED.items()}

    assert edges() == allowed


@pytest.mark.parametrize("graph", ["modules", "packages"])
def test_there_is_no_import_cycle(graph: str) -> None:
    by_module = {module: {name for name in imported(module) if name in _MODULES} for module in _MODULES}
    _check_no_cycle(by_module if graph == "modules" else edges())


def _check_no_cycle(graph: Mapping[str, AbstractSet[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("module", [module for module in _MODULES if module.startswith("producer")])
def test_the_producer_knows_neither_spark_nor_the_stream(module: str) -> None:
    assert not {"pyspark", "py4j", "streaming"} & {name.partition(".")[0] for name in imported(module)}


@pytest.mark.parametrize("module", _MODULES)
def test_no_module_imports_the_tests(module: str) -> None:
    assert not {"tests", "pytest", "hypothesis"} & set(imported(module))


@pytest.mark.parametrize("module", ["producer.cli", "producer.__main__"])
def test_the_producer_starts_without_spark(module: str) -> None:
    assert not {"pyspark", "py4j", "streaming"} & loaded_by(module)


def test_the_public_names_are_those_of_their_modules() -> None:
    assert streaming.count_words is count_words
    assert streaming.split_words is split_words
    assert streaming.count_words_in_windows is count_words_in_windows
    rules = {"LineTime", "Windows", "WordRule"}
    assert set(streaming.__all__) == {"__version__", "count_words", "count_words_in_windows", "split_words"} | rules


def loaded_by(*modules: str) -> set[str]:
    program = f"import sys, {', '.join(modules)}; print('\\n'.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("package", ["producer", "streaming"])
def test_no_package_has_more_than_nine_files(package: str) -> None:
    folders = [folder for folder in (_ROOT / package).glob("**/") if folder.name != "__pycache__"]
    counts = {folder.name: len({file.name for file in folder.glob("*.py")} - {"__init__.py"}) for folder in folders}

    assert {name: count for name, count in counts.items() if count > _FILES} == {}


@pytest.mark.parametrize("module", _MODULES)
def test_files_and_functions_are_short(module: str) -> None:
    tree = _MODULES[module]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    is_cli = "cli" in module.split(".")

    assert max((node.end_lineno or 0 for node in tree.body), default=0) <= _FILE_LINES
    assert [node.name for node in functions if _length(node, is_cli=is_cli) > _FUNCTION_LINES] == []


def test_no_test_or_benchmark_is_longer_either() -> None:
    files = [file for top in ("tests", "benchmarks") for file in (_ROOT / top).glob("**/*.py")]

    assert [file.name for file in files if len(file.read_bytes().splitlines()) > _FILE_LINES] == []


def _length(function: ast.FunctionDef, *, is_cli: bool) -> int:
    """Return the lines of a function. The parameters of a command do not count: they are the list of its options."""
    first = function.body[0].lineno if is_cli else function.lineno
    return (function.end_lineno or 0) - first + 1
