"""One life of a program that counts from topic to topic: it is started, and then gets one rate after another."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from benchmarks.processes import Bench, error_tail, processor_seconds, say, started
from benchmarks.topic_to_topic.generator import Generator, Sent
from benchmarks.topic_to_topic.latencies import (
    Latencies,
    by_second,
    check_totals,
    counted,
    falls_behind,
    latencies,
    percentile,
    steady_after,
)
from benchmarks.topic_to_topic.systems import Topics, command
from benchmarks.topic_to_topic.topic_tail import Tail, records
from tests.support.topics import make_topic

_START_BOUND = 120.0
_CATCH_UP_SECONDS = 60.0
_PROMPT = 0.2, 2.0  #: a program that keeps up has all counts after this share of the time and these seconds
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Phase:
    """One rate: p50 and p95 in milliseconds, cores in use, words per second sent, and whether it was kept up."""

    p50: float
    p95: float
    cores: float
    held: float
    behind: bool


@dataclass
class Life:
    """What was seen in a life: the seconds from the launch to the first count and to a steady latency; each rate."""

    first_answer: float = 0.0
    steady: int | None = None
    phases: dict[int, Phase] = field(default_factory=dict)


@dataclass(frozen=True)
class _Step:
    """A rate, what was sent at it, and the share of the processor that the program took meanwhile."""

    rate: int
    sent: Sent
    cores: float


def live(bench: Bench, servers: str, name: str, number: int) -> Life:
    """Start a program, send it words at each rate, and return what was seen.

    The words at the first rate begin to come when it is started. The next rate begins when it has counted all words of
    the one before. The first rate that it cannot keep up is its last.

    Raises:
        RuntimeError: it has ended, gives no count, or counts a word wrong.
    """
    key = f"{name.lower().replace(' ', '-')}-{number}"
    topics = Topics(servers, f"{key}-words", f"{key}-counts", bench.folder / key)
    make_topic(servers, topics.words, message_timestamp_type="LogAppendTime")
    make_topic(
        servers, topics.counts, message_timestamp_type="LogAppendTime",
        cleanup_policy="compact", min_compaction_lag_ms=str(_DAY_MS),  # a table, whose old counts are still needed
    )  # fmt: skip
    own = replace(bench, folder=bench.folder / f"{key}-run")
    own.folder.mkdir()
    program = command(bench, name, topics)
    with Generator(bench, servers, topics.words) as generator, Tail(servers, topics.counts) as tail:
        launched = time.time()
        with started(own, program, subprocess.DEVNULL) as process:
            steps, caught_up = _rates(own, generator, tail, process)
    life = _seen(topics, steps, launched, check=caught_up)
    if life is None:
        raise RuntimeError(f"{name} has given no count in {_START_BOUND:.0f} s: {error_tail(own)}")
    return life


def _rates(
    bench: Bench, generator: Generator, tail: Tail, process: subprocess.Popen[bytes]
) -> tuple[list[_Step], bool]:
    """Send words at each rate. Return what was sent, and whether all of it was counted in the end."""
    options = bench.options
    steps: list[_Step] = []
    rates = [(rate, options.seconds) for rate in options.rates]
    for rate, seconds in [(options.start_rate, options.start_seconds), *rates]:
        used, began = processor_seconds(process), time.monotonic()
        sent = generator.hold(rate, seconds)
        ended = time.monotonic()
        steps.append(_Step(rate, sent, (processor_seconds(process) - used) / (ended - began)))
        bound = _CATCH_UP_SECONDS if len(steps) > 1 else _START_BOUND
        caught_up = tail.wait(_is_last(sent), bound, lambda: _check_running(bench, process))
        behind = time.monotonic() - ended
        say(f"    {rate:,} words/s: held {sent.held:,.0f}, late by {sent.late:.0f} ms at most; behind {behind:.1f} s")
        share, least = _PROMPT
        if not caught_up or (behind > share * seconds + least and len(steps) > 1):
            break
    return steps, caught_up


def _is_last(sent: Sent) -> Callable[[bytes, int], bool]:
    return lambda word, count: word == sent.word and count >= sent.ordinal


def _check_running(bench: Bench, process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        raise RuntimeError(f"it has ended: {error_tail(bench)}")


def _seen(topics: Topics, steps: list[_Step], launched: float, *, check: bool) -> Life | None:
    """Read both topics, and return what they show, None if there is no count."""
    began = time.monotonic()
    answers = [(word, int(count), at) for word, count, at in records(topics.servers, topics.counts) if count]
    if not answers:
        return None
    counts = counted(answers)
    found = latencies(((word, at) for _, word, at in records(topics.servers, topics.words)), counts)
    if check:
        check_totals(found.totals, counts)
    start, *phases = steps
    life = Life(answers[0][2] / 1000 - launched)
    first = slice(start.sent.first, start.sent.end)
    seconds = by_second(found.sent[first], found.milliseconds[first], round(launched * 1000))
    if life.first_answer < len(seconds):  # else all of them are the start, and steady only among themselves
        life.steady = steady_after(seconds)
    for step in phases:
        life.phases[step.rate] = _phase(found, step)
    say(f"    {len(answers):,} counts read in {time.monotonic() - began:.0f} s")
    return life


def _phase(found: Latencies, step: _Step) -> Phase:
    taken = found.milliseconds[step.sent.first : step.sent.end]
    known = [value for value in taken if value >= 0] or [0]
    p50, p95 = percentile(known, 50), percentile(known, 95)
    return Phase(p50, p95, step.cores, step.sent.held, falls_behind(taken))
