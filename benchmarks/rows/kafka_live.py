"""Rows about a running broker: the latency from topic to topic, and the producer's memory while the broker is away."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from kafka import KafkaConsumer
from kafka import TopicPartition as Partition

from benchmarks import steady
from benchmarks.broker import connector_jars, running_broker
from benchmarks.processes import Bench, error_tail, memory, say, started, wordcount, wordcount_producer
from benchmarks.results import Line
from benchmarks.rows.kafka import write_lines
from benchmarks.rows.live import percentiles
from tests.support.topics import lines_in, make_topic

_START_BOUND = 120.0
_WARM_UP_SECONDS, _SECONDS = 30, 30
_LATE_SECONDS = 60.0
_POLL_SECONDS = 0.2
_AWAY_LINES = 400_000
_AWAY_SECONDS = 60
_AWAY_BOUND = 300.0


def topic_latency(bench: Bench) -> list[Line]:
    """Measure the time from a line sent to a topic to its word's count in another, under a steady load."""
    file = bench.folder / "text.txt"
    bench.text.write(file, 1)
    sender = replace(bench, folder=bench.folder / "sender")  # so that its standard error has a file of its own
    sender.folder.mkdir()
    marks = (_WARM_UP_SECONDS + _SECONDS) * steady.MARKS
    jars = connector_jars()
    with running_broker(bench) as broker:
        make_topic(broker.servers, "in")
        make_topic(broker.servers, "out", cleanup_policy="compact")
        source, output = (f"kafka://{broker.servers}/{name}" for name in ("in", "out"))
        command = wordcount(
            "stream", source, "--output", output, "--checkpoint", bench.folder / "state", "--trigger", "0s",
            "--jars", jars,
        )  # fmt: skip
        send = [
            sys.executable, "-m", steady.__name__, broker.servers, "in", str(file), str(marks // steady.MARKS),
        ]  # fmt: skip
        with _Marks(broker.servers) as seen, started(bench, command, subprocess.DEVNULL) as stream:
            # Wait for the first count, so that the start of the stream is not measured.
            _send(broker.servers, "in", f"{steady.PREFIX}0")
            seen.wait(1, _START_BOUND, lambda: _is_running(bench, stream))
            say(f"  the stream runs; sending for {_WARM_UP_SECONDS + _SECONDS} s")
            with started(sender, send, subprocess.DEVNULL) as process:
                bound = _WARM_UP_SECONDS + _SECONDS + _LATE_SECONDS
                seen.wait(1 + marks, bound, lambda: _is_running(bench, stream) and process.poll() in {None, 0})
    begin = 1 + _WARM_UP_SECONDS * steady.MARKS
    work = f"from a line sent to its count in a topic, {steady.RATE:,} lines/s for {_SECONDS} s, `--trigger 0s`"
    return [percentiles(work, seen.seconds_by_mark()[begin:], 0.35, 0.6)]


def away(bench: Bench) -> list[Line]:
    """Measure the memory of ``wordcount-producer`` while its broker is away, and check that all lines arrive."""
    file = bench.folder / "text.txt"
    write_lines(bench, file, _AWAY_LINES)
    with running_broker(bench) as broker:
        make_topic(broker.servers, "lines")
        command = wordcount_producer(file, "--to", f"kafka://{broker.servers}/lines", "--patience", "2m")
        with started(bench, command, subprocess.DEVNULL) as process:
            with _Progress(broker.servers, "lines") as progress:
                before = _peak(bench, process, lambda: progress.records() >= _AWAY_LINES // 4)
            say(f"  killing the broker, and starting it again in {_AWAY_SECONDS} s")
            broker.kill()
            back_at = time.monotonic() + _AWAY_SECONDS
            during = _peak(bench, process, lambda: time.monotonic() >= back_at)
            if process.poll() is not None:
                raise RuntimeError(f"the producer has ended without its broker: {error_tail(bench)}")
            broker.start()
            after = _peak(bench, process, lambda: process.poll() is not None)
        if process.returncode != 0:
            raise RuntimeError(f"the producer ended with status {process.returncode}: {error_tail(bench)}")
        if lines_in(broker.servers, "lines") != Counter(file.read_bytes().splitlines()):
            raise RuntimeError("the lines in the topic are not those of the file, each once")
    return [
        Line(
            work=f"memory of `wordcount-producer` while the broker is away for {_AWAY_SECONDS} s",
            peer="before it was killed",
            measured=f"{during / 2**20:,.0f} MiB at the peak; {before / 2**20:,.0f} MiB,"
            f" afterwards {after / 2**20:,.0f} MiB",
            ratio=f"{during / before:.2f}x the memory",
            goal="bounded: ≤ 1.2x + 64 MiB",
            reached=during <= 1.2 * before + (64 << 20),
        )
    ]


class _Marks:
    """A consumer of the topic of counts. It notes when each mark is first seen."""

    def __init__(self, servers: str) -> None:
        self._consumer = Consumer({"bootstrap.servers": servers, "group.id": "marks"})
        self._consumer.assign([TopicPartition("out", 0, OFFSET_BEGINNING)])
        self._seen: dict[int, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._consumer.close()

    def wait(self, count: int, bound: float, may_go_on: Callable[[], bool]) -> None:
        """Read until ``count`` marks have been seen since the beginning.

        Raises:
            RuntimeError: they were not seen within ``bound`` seconds, or ``may_go_on`` says that no more will come.
        """
        prefix = steady.PREFIX.encode()
        deadline = time.monotonic() + bound
        while len(self._seen) < count:
            message = self._consumer.poll(_POLL_SECONDS)
            now = time.monotonic()
            if message is None:
                if now > deadline or not may_go_on():
                    raise RuntimeError(f"only {len(self._seen)} of {count} marks arrived in the topic of counts")
                continue
            if (failure := message.error()) is not None:
                raise KafkaException(failure)
            word = message.key() or b""
            if word.startswith(prefix):
                self._seen.setdefault(int(word.removeprefix(prefix)), now)

    def seconds_by_mark(self) -> list[float]:
        """Return how many seconds each mark took, in the order in which they were sent."""
        return [arrived - sent / 1e9 for sent, arrived in sorted(self._seen.items())]


class _Progress:
    """The number of records in a topic of one partition, including the markers of transactions."""

    def __init__(self, servers: str, topic: str) -> None:
        self._partition = Partition(topic, 0)
        self._consumer = KafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._consumer.close()

    def records(self) -> int:
        return int(self._consumer.end_offsets([self._partition])[self._partition])


def _peak(bench: Bench, process: subprocess.Popen[bytes], done: Callable[[], bool]) -> int:
    """Return the peak memory of a process until ``done``."""
    peak = 0
    deadline = time.monotonic() + _AWAY_BOUND
    while not done():
        peak = max(peak, memory(process))
        if time.monotonic() > deadline or process.poll() not in {None, 0}:
            raise RuntimeError(f"the producer made no progress: {error_tail(bench)}")
        time.sleep(_POLL_SECONDS)
    return peak


def _send(servers: str, topic: str, line: str) -> None:
    producer = Producer({"bootstrap.servers": servers})  # closes its connections when it is garbage-collected
    producer.produce(topic, line)
    producer.flush()


def _is_running(bench: Bench, stream: subprocess.Popen[bytes]) -> bool:
    if stream.poll() is not None:
        raise RuntimeError(f"the stream has ended: {error_tail(bench)}")
    return True
