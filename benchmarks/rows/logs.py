"""Rows about followed logs: how soon a line counts, at which rate, and what rotations cost."""

import gzip
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.processes import (
    Bench,
    error_tail,
    memory,
    peer,
    processor_seconds,
    say,
    started,
    wordcount,
    wordcount_producer,
)
from benchmarks.results import Line
from benchmarks.rows.live import one_by_one, percentile, percentiles
from benchmarks.watched import Watched

_SEED = 20261123
_BOUND = 300.0
_ROUNDS, _APPENDS = 3, 50
_RATE, _RATE_SECONDS, _WARM_UP_SECONDS, _PARTS = 50_000, 60, 20, 20
_BULK_BYTES = 2_000_000_000
_ROTATIONS, _FIRST_ROTATIONS, _ROTATION_LINES, _KEPT = 1000, 100, 50, 20


def append(bench: Bench) -> list[Line]:
    """Measure the time from a line appended to a log to its counts on standard output, and compare with Pathway."""
    random = Random(_SEED)
    own: list[float] = []
    pathway: list[float] = []
    for number in range(_ROUNDS):
        folder = bench.folder / f"logs{number}"
        folder.mkdir()
        stream = Watched(bench, folder, "--output", bench.folder / f"output{number}", "--trigger", "0s")
        own += _appended(stream, folder / "app.log", random)
        if find_spec("pathway") is not None:
            other = bench.folder / f"pathway{number}"
            other.mkdir()
            pathway += _appended(
                Watched(bench, other, command=peer("pathway_stream", other)), other / "app.log", random
            )
    work = f"from a line appended to a log to its count on stdout, `--trigger 0s`, {len(own)} lines"
    line = percentiles(work, own, 0.25, 0.5)
    if not pathway:
        return [line]
    most, other_most = percentile(own, 95), percentile(pathway, 95)
    return [
        line,
        Line(
            work="the same",
            peer="Pathway on the same folder, a commit every 10 ms",
            measured=f"p95 {most:.3f} s; {other_most:.3f} s",
            ratio=f"{most / other_most:.2f}x the time",
            goal="< 1x",
            reached=most < other_most,
        ),
    ]


def _appended(stream: Watched, log: Path, random: Random) -> list[float]:
    """Return the seconds from each appended line to the count of its word."""
    with stream:
        times = one_by_one(lambda word: stream.append(log, f"{word} the\n", [word], _BOUND), _APPENDS, random)
    say(f"  {percentile(times, 95):.3f} s")
    return times


def log_rate(bench: Bench) -> list[Line]:
    """Measure how far the stream lags behind a log that is written at a steady, high rate."""
    lines = cycle(bench.text.data.splitlines(keepends=True))
    log = bench.folder / "app.log"
    log.write_bytes(b"")
    sent: dict[bytes, float] = {}
    came: dict[bytes, float] = {}
    command = wordcount("stream", log, "--output", bench.folder / "output", "--trigger", "0s")
    with started(bench, command, subprocess.PIPE) as stream:

        def read() -> None:
            assert stream.stdout is not None
            for line in stream.stdout:
                if line.startswith(b"#mark"):
                    came.setdefault(line.partition(b":")[0], time.monotonic())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        with log.open("ab", buffering=0) as file:
            file.write(b"#mark-first\n")
            _wait(bench, lambda: b"#mark-first" in came, stream)
            begin = time.monotonic()
            for part in range((_WARM_UP_SECONDS + _RATE_SECONDS) * _PARTS):
                time.sleep(max(0.0, begin + part / _PARTS - time.monotonic()))
                mark = b"#mark%d" % part
                sent[mark] = time.monotonic()
                file.write(b"".join(next(lines) for _ in range(_RATE // _PARTS - 1)) + mark + b"\n")
        _wait(bench, lambda: len(came) > len(sent), stream)
    measured = list(sent)[_WARM_UP_SECONDS * _PARTS :]
    worst = max(came[mark] - sent[mark] for mark in measured)
    counts = (bench.folder / "output" / "counts.txt").read_text("utf-8").splitlines()
    counted = sum(int(line.rpartition(": ")[2]) for line in counts if line.startswith("#mark"))
    if counted != len(sent) + 1:
        raise RuntimeError(f"{counted} of {len(sent) + 1} marks were counted")
    return [
        Line(
            work=f"a log at {_RATE:,} lines/s for {_RATE_SECONDS} s, `--trigger 0s`: the longest time to a count",
            peer="-",
            measured=f"{worst:.2f} s",
            ratio="-",
            goal="≤ 2 s, nothing lost",
            reached=worst <= 2,
        )
    ]


def follow(bench: Bench) -> list[Line]:
    """Compare the follower alone on a large log with ``tail -F``."""
    log = bench.folder / "app.log"
    size = bench.text.write(log, _BULK_BYTES)
    target, copy = bench.folder / "to", bench.folder / "copy"

    def ours() -> bool:
        return sum(chunk.stat().st_size for chunk in target.glob("chunk-*")) >= size

    own: list[tuple[float, float]] = []
    tail: list[tuple[float, float]] = []
    for _ in range(_ROUNDS):
        own.append(_timed(bench, wordcount_producer(log, "--follow", "--to", target), None, ours))
        shutil.rmtree(target)
        command = ["tail", "-c", "+1", "-F", str(log)]
        tail.append(_timed(bench, command, copy, lambda: copy.stat().st_size >= size))
        copy.unlink()
    seconds, used = (median(values) for values in zip(*own, strict=True))
    tail_seconds, tail_used = (median(values) for values in zip(*tail, strict=True))
    megabytes = size / 1e6
    return [
        Line(
            work=f"`wordcount-producer LOG --follow`, {size / 1e9:.1f} GB into chunks",
            peer="`tail -F` into a file",
            measured=f"{megabytes / seconds:,.0f} MB/s, {1000 * used / megabytes:.1f} ms of a core a MB;"
            f" {megabytes / tail_seconds:,.0f} MB/s, {1000 * tail_used / megabytes:.1f} ms",
            ratio=f"{tail_seconds / seconds:.2f}x the throughput",
            goal="≥ 0.5x",
            reached=seconds <= 2 * tail_seconds,
        )
    ]


def rotations(bench: Bench) -> list[Line]:
    """Measure memory over rotations of all kinds, and check that each line is published once."""
    log, target = bench.folder / "app.log", bench.folder / "to"
    log.touch()
    expected: Counter[bytes] = Counter()
    early = 0

    def published() -> Counter[bytes]:
        return Counter(line for chunk in target.glob("chunk-*") for line in chunk.read_bytes().splitlines())

    command = wordcount_producer(log, "--follow", "--to", target, "--settle", "100ms")
    with started(bench, command, subprocess.DEVNULL) as process:
        _wait(bench, lambda: any(target.glob(".wordcount-producer/positions.db*")), process)
        time.sleep(1)  # its first scan: what comes later is new
        for number in range(_ROTATIONS):
            new = [b"line %d %d" % (number, line) for line in range(_ROTATION_LINES)]
            expected.update(new)
            with log.open("ab") as file:
                file.write(b"\n".join(new) + b"\n")
            _rotate(log, number)
            if number % _KEPT == _KEPT - 1:  # before the first of these is removed
                _wait(bench, lambda: published().total() >= expected.total(), process)
            if number == _FIRST_ROTATIONS:
                early = memory(process)
        late = memory(process)
        time.sleep(1)  # nothing more may be published
    if published() != expected:
        raise RuntimeError("the published lines are not those of the logs, each once")
    return [
        Line(
            work=f"memory of `wordcount-producer --follow` after {_ROTATIONS:,} rotations",
            peer=f"after {_FIRST_ROTATIONS}",
            measured=f"{late / 2**20:,.1f} MiB; {early / 2**20:,.1f} MiB",
            ratio=f"{late / early:.2f}x the memory",
            goal="flat: ≤ 1.05x",
            reached=late <= 1.05 * early,
        )
    ]


def _rotate(log: Path, number: int) -> None:
    """Rotate a log in one of the usual ways, and remove the oldest rotated logs."""
    new = log.with_name(f"{log.name}-{number:010d}")
    if number % 2:
        log.rename(new)
        log.touch()
    else:
        new.write_bytes(log.read_bytes())
        log.write_bytes(b"")
    if number % 3 == 0:
        new.with_name(f"{new.name}.gz").write_bytes(gzip.compress(new.read_bytes()))
        new.unlink()
    for old in log.parent.glob(f"{log.name}-{number - 2 * _KEPT:010d}*"):
        old.unlink()


def _timed(bench: Bench, command: list[str], output: Path | None, done: Callable[[], bool]) -> tuple[float, float]:
    """Start a command, wait until it has done its work, and return the wall time and the processor time it took."""
    begin = time.perf_counter()
    with (output or bench.folder / "stdout").open("wb") as stdout, started(bench, command, stdout) as process:
        _wait(bench, done, process)
        seconds = time.perf_counter() - begin
        used = processor_seconds(process)
    say(f"  {seconds:7.2f} s  {Path(command[0]).name}")
    return seconds, used


def _wait(bench: Bench, done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _BOUND
    while not done():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the command made no progress: {error_tail(bench)}")
        time.sleep(0.02)
