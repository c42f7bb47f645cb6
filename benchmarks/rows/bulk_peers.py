"""The row ``bulk-peers``: a whole text counted by ``wordcount batch`` and by what one would take instead."""

import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.processes import PEERS, Bench, Run, peer, prepared, run, say, wordcount
from benchmarks.results import Line, Measured, Series, point
from benchmarks.rows.bulk import check_same

SECONDS = "seconds"
PREPARED, NOT_PREPARED = "wordcount batch, prepared", "wordcount batch"
SPARK, DUCKDB, POLARS, MAWK, COUNTER = "plain PySpark", "DuckDB", "Polars", "mawk", "Python's Counter"
_PROGRAMS = {SPARK: "plain_sql", DUCKDB: "duckdb_count", POLARS: "polars_count", COUNTER: "counter"}
_BOUND = 900.0
#: The most seconds of the prepared command, or times the time of a peer, for texts of about so many bytes.
_SECONDS_GOALS = {220_000_000: 6.0}
_TIMES_GOALS = {(220_000_000, COUNTER): 1.0, (2_200_000_000, DUCKDB): 2.0}
_ABOUT = 0.02


def bulk_peers(bench: Bench) -> Measured:
    """Compare ``wordcount batch`` with DuckDB, Polars, mawk, Python's Counter and plain PySpark, at several sizes."""
    with_archive = prepared(bench)
    runs: dict[int, dict[str, list[Run]]] = {}
    for wanted in bench.options.sizes:
        file = bench.folder / "text.txt"
        size = bench.text.write(file, wanted)
        say(f"  {size / 1e6:,.0f} MB")
        commands = _commands(bench, file)
        runs[size] = {name: [] for name in commands}
        for _ in range(bench.options.runs):
            for name, command in commands.items():
                where = with_archive if name == PREPARED else bench
                runs[size][name].append(run(where, command, bound=_BOUND))
        check_same([one for several in runs[size].values() for one in several])
        file.unlink()
    return Measured([line for size, found in runs.items() for line in _lines(size, found)], _series(runs))


def _commands(bench: Bench, file: Path) -> dict[str, Sequence[str]]:
    """Return the command line of each program that is there and asked for."""
    commands: dict[str, Sequence[str]] = {PREPARED: wordcount("batch", file), NOT_PREPARED: wordcount("batch", file)}
    there = {SPARK: True, DUCKDB: find_spec("duckdb"), POLARS: find_spec("polars"), COUNTER: True}
    for name, program in _PROGRAMS.items():
        if there[name] and bench.options.takes(name):
            commands[name] = peer(program, file)
    mawk = shutil.which("mawk")
    if mawk and bench.options.takes(MAWK):
        commands[MAWK] = [mawk, "-f", str(PEERS / "count.awk"), str(file)]
    return commands


def _series(runs: Mapping[int, Mapping[str, Sequence[Run]]]) -> list[Series]:
    names = list(dict.fromkeys(name for found in runs.values() for name in found))
    return [
        Series(SECONDS, name, [point(size, [one.seconds for one in found[name]]) for size, found in runs.items()])
        for name in names
    ]


def _lines(size: int, runs: Mapping[str, Sequence[Run]]) -> list[Line]:
    """Return the lines of one size: the prepared command, beside the other one and each peer."""
    seconds = {name: median(one.seconds for one in several) for name, several in runs.items()}
    ours = seconds.pop(PREPARED)
    lines = []
    for number, (name, theirs) in enumerate(seconds.items()):
        goal, reached = _goal(size, name, ours, theirs)
        work = f"`wordcount batch`, prepared, {size / 1e6:,.0f} MB" if number == 0 else "the same"
        other = "not prepared" if name == NOT_PREPARED else name
        lines.append(
            Line(work, other, f"{ours:.1f} s; {theirs:.1f} s", f"{ours / theirs:.2f}x the time", goal, reached)
        )
    return lines


def _goal(size: int, name: str, ours: float, theirs: float) -> tuple[str, bool | None]:
    for about, most in _SECONDS_GOALS.items():
        if name == NOT_PREPARED and _is_about(size, about):
            return f"≤ {most:g} s prepared", ours <= most
    for (about, other), times in _TIMES_GOALS.items():
        if name == other and _is_about(size, about):
            return f"≤ {times:g}x", ours <= times * theirs
    return "-", None


def _is_about(size: int, about: int) -> bool:
    return abs(size - about) <= _ABOUT * about
