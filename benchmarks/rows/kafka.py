"""Rows about large text in Kafka, and the broker of all rows that need one: a process on this machine."""

import shutil
from itertools import cycle, islice
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from benchmarks.broker import connector_jars, running_broker
from benchmarks.processes import Bench, Run, peer, run, wordcount, wordcount_producer
from benchmarks.results import Line
from benchmarks.rows.bulk import BOUND, RUNS, check_same, one_file, seconds, throughput
from tests.support.topics import make_topic

_PACKED = 1000
_SINGLE_LINES = 300_000
_PARTITIONS = 4
_SILENT_SECONDS = 60.0


def produce(bench: Bench) -> list[Line]:
    """Compare ``wordcount-producer`` to a topic with programs that send in a loop and keep no positions."""
    file, size = one_file(bench)
    short = bench.folder / "short.txt"
    write_lines(bench, short, _SINGLE_LINES)
    lines = file.read_bytes().count(b"\n")
    packed, packed_loop, confluent, single, single_loop = [], [], [], [], []
    with running_broker(bench) as broker:
        for number in range(RUNS):
            sender = _Sender(bench, broker.servers, number)
            packed.append(sender.by_producer(file, lines, _PACKED))
            packed_loop.append(sender.by_peer("kafka_loop", file, lines, _PACKED))
            confluent.append(sender.by_peer("confluent_lines", file, lines, 1))
            single.append(sender.by_producer(short, _SINGLE_LINES, 1))
            single_loop.append(sender.by_peer("kafka_loop", short, _SINGLE_LINES, 1))
    loop = "kafka-python in a bare loop, no transactions, the same records and batches"
    work = f"`wordcount-producer --lines-per-record {_PACKED}`, {size / 1e6:.0f} MB"
    return [
        throughput((work, loop), packed, packed_loop, size, 0.8),
        _rate(("the same", "confluent-kafka in a bare loop, a line a record"), packed, confluent, lines, 2.0),
        _rate(
            (f"`wordcount-producer`, {_SINGLE_LINES:,} lines, a line a record", loop),
            single,
            single_loop,
            _SINGLE_LINES,
            0.8,
        ),
    ]


def topic(bench: Bench) -> list[Line]:
    """Compare ``wordcount stream --once`` on a full topic with ``wordcount batch`` on the same bytes in a file."""
    file, size = one_file(bench)
    counted, streamed = [], []
    jars = connector_jars()
    with running_broker(bench) as broker:
        sender = _Sender(bench, broker.servers, 0)
        sender.by_producer(file, file.read_bytes().count(b"\n"), _PACKED)
        output = bench.folder / "output"
        source = f"kafka://{broker.servers}/{sender.topic}"
        for _ in range(RUNS):
            counted.append(run(bench, wordcount("batch", file), bound=BOUND))
            command = wordcount("stream", source, "--once", "--output", output, "--jars", jars)
            streamed.append(run(bench, command, bound=BOUND))
            shutil.rmtree(output)
    check_same(counted + streamed)
    work = f"`stream --once`, {size / 1e6:.0f} MB in a topic, {_PACKED} lines a record, {_PARTITIONS} partitions"
    return [throughput((work, "`batch` on the same in a file"), streamed, counted, size, 0.6)]


def write_lines(bench: Bench, file: Path, count: int) -> None:
    """Write the first ``count`` lines of the text, repeated if it has fewer."""
    with file.open("wb") as out:
        out.writelines(islice(cycle(bench.text.data.splitlines(keepends=True)), count))


class _Sender:
    """Sends each file to a new topic, and checks that all lines have arrived."""

    def __init__(self, bench: Bench, servers: str, number: int) -> None:
        self._bench = bench
        self._servers = servers
        self._number = number
        self.topic = ""  #: the last topic

    def by_producer(self, file: Path, lines: int, lines_per_record: int) -> Run:
        self._make_topic("producer", lines_per_record)
        to = f"kafka://{self._servers}/{self.topic}"
        command = wordcount_producer(file, "--to", to, "--lines-per-record", str(lines_per_record))
        return self._run(command, lines)

    def by_peer(self, name: str, file: Path, lines: int, lines_per_record: int) -> Run:
        self._make_topic(name, lines_per_record)
        return self._run(peer(name, self._servers, self.topic, file, str(lines_per_record)), lines)

    def _make_topic(self, name: str, lines_per_record: int) -> None:
        self.topic = f"{name}-{lines_per_record}-{self._number}"
        make_topic(self._servers, self.topic, _PARTITIONS)

    def _run(self, command: list[str], lines: int) -> Run:
        ended = run(self._bench, command, bound=BOUND)
        arrived = _lines_in(self._servers, self.topic)
        if arrived < lines:
            raise RuntimeError(f"only {arrived:,} of {lines:,} lines arrived in the topic {self.topic}")
        return ended


def _lines_in(servers: str, name: str) -> int:
    """Return how many lines the committed records of a topic have. All partitions are read to their ends."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "count", "enable.partition.eof": True})
    consumer.assign([TopicPartition(name, number, OFFSET_BEGINNING) for number in range(_PARTITIONS)])
    lines = 0
    ended: set[int | None] = set()
    try:
        while len(ended) < _PARTITIONS:
            message = consumer.poll(_SILENT_SECONDS)
            if message is None:
                raise RuntimeError(f"the broker does not deliver the records of {name}")
            if (error := message.error()) is None:
                lines += (message.value() or b"").count(b"\n") + 1
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # its name, also in confluent's own examples
                ended.add(message.partition())
            else:
                raise KafkaException(error)
    finally:
        consumer.close()
    return lines


def _rate(names: tuple[str, str], ours: list[Run], theirs: list[Run], lines: int, goal: float) -> Line:
    our, their = lines / seconds(ours), lines / seconds(theirs)
    return Line(
        work=names[0],
        peer=names[1],
        measured=f"{our:,.0f} lines/s; {their:,.0f} lines/s",
        ratio=f"{our / their:.2f}x the lines/s",
        goal=f"≥ {goal:g}x",
        reached=our >= goal * their,
    )
