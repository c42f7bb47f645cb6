"""The rows ``many-words`` and ``endless-words``: a first count of words that are all different."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.processes import Bench, Run, prepared, run, wordcount
from benchmarks.results import Line
from benchmarks.rows.bulk import bounded_memory, check_same

_WORDS = 10_000_000
_BOUND = 900.0
_GOAL = 2.0  #: times the time of ``batch``
_ENDLESS = 50_000_000
_STEP = 7_368_787  #: has no divisor in common with the number of words, so that each number comes once


def many_words(bench: Bench) -> list[Line]:
    """Compare ``stream --once --state-store rocksdb`` with ``batch`` on 10 million distinct words."""
    bench = prepared(bench)
    folder = bench.folder / "many-words"
    folder.mkdir()
    file = folder / "words.txt"
    _write(file, _WORDS)
    batch: list[Run] = []
    streams: dict[int, list[Run]] = {1: [], 2: []}  # by the number of partitions
    for _ in range(bench.options.runs):
        batch.append(run(bench, wordcount("batch", file), bound=_BOUND))
        for partitions, found in streams.items():
            found.append(_stream_once(bench, folder, partitions))
    check_same([*batch, *(one for found in streams.values() for one in found)])
    return [_line(partitions, found, batch) for partitions, found in streams.items()]


def endless_words(bench: Bench) -> list[Line]:
    """Compare the memory of ``stream --once --state-store rocksdb`` for 10 and for 50 million distinct words."""
    bench = prepared(bench)
    folder = bench.folder / "endless-words"
    folder.mkdir()
    found = []
    for words in (_WORDS, _ENDLESS):
        _write(folder / "words.txt", words)
        found.append(_stream_once(bench, folder, 2, watch_memory=True))
        with (bench.folder / "stdout").open("rb") as printed:
            assert sum(1 for _ in printed) == words
    few, many = found
    work = f"`stream --once --state-store rocksdb --partitions 2`, {_ENDLESS / 1e6:.0f} M distinct words"
    return [bounded_memory((work, f"{_WORDS / 1e6:.0f} M"), many, few)]


def _write(file: Path, words: int) -> None:
    with file.open("w", encoding="ascii") as out:
        for first in range(0, words, 10):
            numbers = (number * _STEP % words for number in range(first, first + 10))
            out.write(" ".join(f"w{number:08d}" for number in numbers) + "\n")


def _stream_once(bench: Bench, folder: Path, partitions: int, *, watch_memory: bool = False) -> Run:
    state = bench.folder / "state"
    command = wordcount(
        "stream", folder, "--once", "--checkpoint", state, "--state-store", "rocksdb", "--partitions", partitions
    )
    try:
        return run(bench, command, bound=_BOUND, watch_memory=watch_memory)
    finally:
        shutil.rmtree(state, ignore_errors=True)


def _line(partitions: int, ours: Sequence[Run], batch: Sequence[Run]) -> Line:
    our, their = (median(one.seconds for one in runs) for runs in (ours, batch))
    return Line(
        work=f"`stream --once --state-store rocksdb`, {_WORDS / 1e6:.0f} M distinct words, `--partitions {partitions}`",
        peer="`batch`",
        measured=f"{our:.1f} s; {their:.1f} s",
        ratio=f"{our / their:.2f}x the time",
        goal=f"≤ {_GOAL:g}x",
        reached=our <= _GOAL * their,
    )
