"""Rows about a running stream: its latency, what it costs while idle, and what a large state costs."""

import os
import shutil
import time
from collections.abc import Callable
from random import Random
from statistics import median, quantiles

from benchmarks.processes import Bench, memory, processor_seconds, say
from benchmarks.results import Line
from benchmarks.watched import Watched

_SEED = 20261123
_BOUND = 60.0
_LOAD_BOUND = 300.0
_WARM_UP = 20
_DROPS = 100
_PAUSE_SECONDS = 0.3
_OLD_FILES = 10_000
_OLD_SECONDS = 86_400
_SETTLE_SECONDS = 20
_IDLE_SECONDS = 120
_FLAT = 1.05
_FEW, _MANY, _CHANGED = 10_000, 1_000_000, 1_000
_ROUNDS, _STATE_DROPS, _STATE_WARM_UP = 3, 5, 2


def latency(bench: Bench) -> list[Line]:
    """Measure the time from a file's arrival to its counts on standard output."""
    random = Random(_SEED)
    (bench.folder / "inbox").mkdir()
    with Watched(bench, bench.folder / "inbox", "--output", bench.folder / "output", "--trigger", "0s") as stream:
        times = one_by_one(lambda word: stream.drop(f"{word} the\n", [word], _BOUND), _DROPS, random)
    return [percentiles(f"from `mv` to the count on stdout, `--trigger 0s`, {_DROPS} files", times, 0.25, 0.35)]


def one_by_one(measure: Callable[[str], float], number: int, random: Random) -> list[float]:
    """Return a measurement for each of ``number`` new words, after some to warm up, with pauses in between."""
    times = []
    for index in range(_WARM_UP + number):
        times.append(measure(f"word{index}"))
        time.sleep(random.random() * _PAUSE_SECONDS)
    return times[_WARM_UP:]


def percentile(times: list[float], percent: int) -> float:
    """Return the time that this percentage of the times does not exceed."""
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def percentiles(work: str, times: list[float], p50_goal: float, p95_goal: float) -> Line:
    """Return the line of a latency: its median and its 95th percentile with their goals, all in seconds."""
    p50, p95 = percentile(times, 50), percentile(times, 95)
    return Line(
        work=work,
        peer="-",
        measured=f"p50 {p50:.3f} s, p95 {p95:.3f} s",
        ratio="-",
        goal=f"p50 ≤ {p50_goal:g} s, p95 ≤ {p95_goal:g} s",
        reached=p50 <= p50_goal and p95 <= p95_goal,
    )


def idle(bench: Bench) -> list[Line]:
    """Measure what a stream costs that has nothing left to count."""
    folder = bench.folder / "old"
    folder.mkdir()
    long_ago = time.time() - _OLD_SECONDS
    for number in range(_OLD_FILES):
        file = folder / f"{number:06d}.txt"
        file.write_text(f"word{number}\n", "utf-8")
        os.utime(file, (long_ago, long_ago))
    with Watched(bench, folder, "--output", bench.folder / "output") as stream:
        stream.expect(f"word{number}" for number in range(_OLD_FILES))
        stream.wait(_LOAD_BOUND)
        say(f"  counted; waiting {_SETTLE_SECONDS} s, then measuring for {_IDLE_SECONDS} s")
        time.sleep(_SETTLE_SECONDS)
        used, before, began = processor_seconds(stream.process), memory(stream.process), time.monotonic()
        time.sleep(_IDLE_SECONDS)
        share = (processor_seconds(stream.process) - used) / (time.monotonic() - began)
        after = memory(stream.process)
    return [
        Line(
            work=f"idle, default trigger, {_OLD_FILES:,} old files in the folder",
            peer="-",
            measured=f"{share:.1%} of a core; memory {before / 2**20:,.0f} MiB,"
            f" {_IDLE_SECONDS} s later {after / 2**20:,.0f} MiB",
            ratio=f"{after / before:.2f}x the memory",
            goal="≤ 5 %, memory flat",
            reached=share <= 0.05 and after <= _FLAT * before,
        )
    ]


def state(bench: Bench) -> list[Line]:
    """Compare a batch with many words in the state with the same batch with few."""
    random = Random(_SEED)
    few: list[float] = []
    many: list[float] = []
    for _ in range(_ROUNDS):
        few += _changes(bench, _FEW, random)
        many += _changes(bench, _MANY, random)
    less, more = median(few), median(many)
    return [
        Line(
            work=f"a batch of {_CHANGED:,} changed words, {_MANY:,} in the state, `--state-store rocksdb`",
            peer=f"{_FEW:,} in the state",
            measured=f"{more:.2f} s; {less:.2f} s",
            ratio=f"{more / less:.2f}x the time",
            goal="≤ 2x",
            reached=more <= 2 * less,
        )
    ]


def _changes(bench: Bench, known: int, random: Random) -> list[float]:
    """Return the seconds that each of some batches takes on a stream with ``known`` words in its state."""
    words = [f"word{number}" for number in range(known)]
    inbox = bench.folder / "inbox"
    times = []
    inbox.mkdir()
    with Watched(bench, inbox, "--trigger", "0s", "--state-store", "rocksdb") as stream:
        stream.drop(_in_lines(words), words, _LOAD_BOUND)
        for _ in range(_STATE_WARM_UP + _STATE_DROPS):
            changed = random.sample(words, _CHANGED)
            times.append(stream.drop(_in_lines(changed), changed, _BOUND))
            time.sleep(random.random() * _PAUSE_SECONDS)
    shutil.rmtree(inbox)
    times = times[_STATE_WARM_UP:]
    say(f"  {known:,} words in the state: {median(times):.3f} s")
    return times


def _in_lines(words: list[str]) -> str:
    return "".join(" ".join(words[start : start + 10]) + "\n" for start in range(0, len(words), 10))
