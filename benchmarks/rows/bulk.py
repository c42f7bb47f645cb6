"""Rows about large text: whole commands on the same bytes, measured in turn."""

import os
import shutil
from pathlib import Path
from statistics import median

from benchmarks.data import cut
from benchmarks.processes import Bench, Run, peer, run, say, wordcount
from benchmarks.results import Line

_BYTES = 220_000_000
RUNS = 3
_FILES = 20_000
BOUND = 600.0
_LARGE_BYTES = 2_000_000_000
_LARGE_BOUND = 1200.0
_LINE_BYTES = 1_000_000_000
_FLAT = 1.5  #: times the memory for what is small


def batch(bench: Bench) -> list[Line]:
    """Compare ``wordcount batch`` with two small Spark programs."""
    file, size = one_file(bench)
    ours, plain, rdd = [], [], []
    for _ in range(RUNS):
        ours.append(run(bench, wordcount("batch", file), bound=BOUND))
        plain.append(run(bench, peer("plain_sql", file), bound=BOUND))
        rdd.append(run(bench, peer("rdd", file), bound=BOUND))
    check_same(ours + plain + rdd)
    work = f"`batch`, {size / 1e6:.0f} MB ({bench.text.name} x {bench.text.times(_BYTES)})"
    return [
        throughput((work, "plain PySpark, `explode(split)` and `groupBy().count()`"), ours, plain, size, 1.0),
        throughput(("the same", "the RDD program"), ours, rdd, size, 10.0),
    ]


def once(bench: Bench) -> list[Line]:
    """Compare ``wordcount stream --once`` on one file with ``wordcount batch``, and on many files with one."""
    file, size = one_file(bench)
    folder = bench.folder / "many"
    folder.mkdir()
    cut(file, folder, _FILES)
    counted, one, many = [], [], []
    for _ in range(RUNS):
        counted.append(run(bench, wordcount("batch", file), bound=BOUND))
        one.append(_stream_once(bench, file.parent))
        many.append(_stream_once(bench, folder))
    check_same(counted + one + many)
    ours, files = seconds(one), seconds(many)
    return [
        throughput((f"`stream --once`, {size / 1e6:.0f} MB in one file", "`batch`"), one, counted, size, 0.7),
        Line(
            work=f"`stream --once`, the same in {_FILES:,} files",
            peer="the one file",
            measured=f"{files:.1f} s; {ours:.1f} s",
            ratio=f"{files / ours:.2f}x the time",
            goal="≤ 1.5x",
            reached=files <= 1.5 * ours,
        ),
    ]


def large(bench: Bench) -> list[Line]:
    """Measure a stream of more bytes than Spark has memory."""
    folder = bench.folder / "large"
    folder.mkdir()
    say(f"  writing {_LARGE_BYTES / 1e9:.0f} GB")
    size = bench.text.write(folder / "text.txt", _LARGE_BYTES)
    counted = _stream_once(bench, folder, "--conf", "spark.driver.memory=1g", bound=_LARGE_BOUND, watch_memory=True)
    return [
        Line(
            work=f"`stream --once`, {size / 1e9:.1f} GB, Spark's driver at 1 GB",
            peer="-",
            measured=f"{counted.seconds:.0f} s ({size / 1e6 / counted.seconds:.0f} MB/s),"
            f" {counted.memory / 2**20:,.0f} MiB at the peak",
            ratio="-",
            goal="finishes",
            reached=True,
        )
    ]


def endless_line(bench: Bench) -> list[Line]:
    """Compare the memory for one line with that for the same words in lines."""
    words = [line for line in bench.text.data.split(b"\n") if line]
    found = {}
    for name, between in {"lines": b"\n", "line": b" "}.items():
        folder = bench.folder / name
        folder.mkdir()
        size = bench.text._replace(data=between.join([*words, b""])).write(folder / "text.txt", _LINE_BYTES)
        with (folder / "text.txt").open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\n")
        found[name] = _stream_once(bench, folder, watch_memory=True)
    check_same(list(found.values()))
    names = f"`stream --once`, a line of {size / 1e9:.1f} GB", "the same words in lines"
    return [bounded_memory(names, found["line"], found["lines"])]


def one_file(bench: Bench) -> tuple[Path, int]:
    """Write the text that the rows about large text share, and return the file and its size in bytes."""
    folder = bench.folder / "one"
    folder.mkdir()
    file = folder / "text.txt"
    return file, bench.text.write(file, _BYTES)


def _stream_once(bench: Bench, folder: Path, *options: str, bound: float = BOUND, watch_memory: bool = False) -> Run:
    output = bench.folder / "output"
    try:
        command = wordcount("stream", folder, "--once", "--output", output, *options)
        return run(bench, command, bound=bound, watch_memory=watch_memory)
    finally:
        shutil.rmtree(output, ignore_errors=True)


def throughput(names: tuple[str, str], ours: list[Run], theirs: list[Run], size: int, goal: float) -> Line:
    """Return the line that compares two commands on the same bytes; ``names`` are the work and its peer."""
    our, their = seconds(ours), seconds(theirs)
    return Line(
        work=names[0],
        peer=names[1],
        measured=f"{our:.1f} s ({size / 1e6 / our:.0f} MB/s); {their:.1f} s ({size / 1e6 / their:.1f} MB/s)",
        ratio=f"{their / our:.2f}x the throughput",
        goal=f"≥ {goal:g}x",
        reached=their >= goal * our,
    )


def bounded_memory(names: tuple[str, str], ours: Run, theirs: Run) -> Line:
    """Return the line that compares the memory of two runs; ``names`` are the work and its peer."""
    return Line(
        work=names[0],
        peer=names[1],
        measured=f"{ours.memory / 1e6:,.0f} MB at the peak, in {ours.seconds:.0f} s; {theirs.memory / 1e6:,.0f} MB",
        ratio=f"{ours.memory / theirs.memory:.2f}x the memory",
        goal=f"≤ {_FLAT:g}x",
        reached=ours.memory <= _FLAT * theirs.memory,
    )


def seconds(runs: list[Run]) -> float:
    """Return the median time of the runs."""
    return median(one.seconds for one in runs)


def check_same(runs: list[Run]) -> None:
    """Check that all runs printed the same counts.

    Raises:
        RuntimeError: they did not.
    """
    if len({one.printed for one in runs}) > 1:
        raise RuntimeError("the commands printed different counts, so their times cannot be compared")
