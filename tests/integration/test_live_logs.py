"""Logs that are rotated while they are followed: each line counts once, as an independent count has it."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, Stream, command, wait_until
from tests.support.reference import count, parsed_file
from tests.support.rotating import WAYS, Log, interleaved, rotate
from tests.support.warm import WarmStream, run_warm

_DATA = Path(__file__).parents[3] / "shared" / "data" / "loghub"


@pytest.fixture
def lines() -> dict[str, list[bytes]]:
    """What each log gets: numbered lines, and real logs if they are next to the checkout."""
    found = {f"{number}.log": [b"%d-%d of\n" % (number, line) for line in range(2000)] for number in range(len(WAYS))}
    for path in sorted(_DATA.glob("*.log")):
        found[path.name] = [line + b"\n" for line in path.read_bytes().splitlines()]
    return found


@pytest.fixture
def var(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var"


def has_scanned(folder: Path, path: bytes) -> bool:
    """Return whether positions of a path are stored."""
    return any(path in file.read_bytes() for file in folder.glob("positions.db*"))


def write_and_rotate(lines: dict[str, list[bytes]], var: Path, meanwhile: dict[int, Callable[[], None]]) -> None:
    """Write logs and rotate them, and do something after so many steps."""
    with ExitStack() as stack:
        logs = {name: Log(var / name, way) for name, way in zip(lines, cycle(WAYS), strict=False)}
        for log in logs.values():
            stack.callback(log.close)
        for step, row in enumerate(interleaved(lines, 50)):
            for name, data in row:
                logs[name].write(data)
                if step % 7 == len(name) % 7:
                    logs[name].rotate(rotate)
            meanwhile.get(step, lambda: None)()
            time.sleep(0.05)  # as services do, they log over time


def test_logs_rotated_in_every_way(lines: dict[str, list[bytes]], var: Path, tmp_path: Path) -> None:
    arguments = ["--output", tmp_path / "out", "--trigger", "0s"]
    (var / "0.log").write_bytes(b"")
    streams: list[Stream] = []

    def start() -> None:
        streams.append(Stream(var / "*.log", *arguments))

    def kill() -> None:
        streams[-1].kill()

    def pause() -> None:
        streams[-1].process.send_signal(signal.SIGSTOP)

    def resume() -> None:
        streams[-1].process.send_signal(signal.SIGCONT)

    start()
    wait_until(lambda: has_scanned(tmp_path / "out" / "state", b"*.log"), "the first scan")
    try:
        write_and_rotate(lines, var, {8: kill, 16: start, 24: pause, 32: resume})
        total = count(*(line for part in lines.values() for line in part))
        streams[-1].wait_for(of=total["of"])
        wait_until(lambda: streams[-1].counts.items() >= dict(total.most_common(20)).items(), "the counts")
        assert streams[-1].stop() == 0
    finally:
        for stream in streams:
            with stream:
                pass
    assert parsed_file(tmp_path / "out" / "counts.txt") == total


def test_the_producer_follows_rotated_logs(var: Path, tmp_path: Path) -> None:
    (var / "a.log").write_bytes(b"before\n")
    arguments = [var / "*.log", "--follow", "--from", "end", "--to", tmp_path / "to"]
    log = Log(var / "a.log", "copytruncate")
    with _following(arguments) as producer:
        wait_until(lambda: has_scanned(tmp_path / "to" / ".wordcount-producer", b"a.log"), "the first scan")
        log.write(b"one\n")
        log.rotate(rotate)
        log.write(b"two\n")
        wait_until(lambda: _read(tmp_path / "to") == {b"one": 1, b"two": 1}, "the lines")
        producer.kill()
    log.write(b"three\n")
    log.rotate(rotate)
    log.write(b"four\nhal")
    with _following(arguments) as producer:
        wait_until(lambda: _read(tmp_path / "to").total() == 4, "the lines")
        log.write(b"f\n")
        wait_until(lambda: _read(tmp_path / "to")[b"half"] == 1, "the line in two halves")
        producer.send_signal(signal.SIGTERM)
        assert producer.wait(timeout=PATIENCE) == 0
    log.close()
    assert _read(tmp_path / "to") == Counter([b"one", b"two", b"three", b"four", b"half"])


def test_from_the_end_a_burst_rotated_at_once_and_a_new_log_count(var: Path, tmp_path: Path) -> None:
    (var / "a.log").write_bytes(b"before\n" * 10)
    burst = b"".join(b"burst line %d\n" % number for number in range(5000)) * 1300
    assert len(burst) > 100_000_000
    with WarmStream(var / "*.log", "--from", "end", "--output", tmp_path / "out", "--trigger", "0s") as stream:
        wait_until(lambda: has_scanned(tmp_path / "out" / "state", b"*.log"), "the first scan")
        with (var / "a.log").open("ab") as file:
            file.write(burst)
        rotate(var / "a.log", "create\ncompress")
        (var / "a.log").write_bytes(b"after\n")
        (var / "new.log").write_bytes(b"new\n")
        stream.wait_for(burst=5000 * 1300, after=1, new=1)
        assert stream.stop() == 0
    assert parsed_file(tmp_path / "out" / "counts.txt") == count(burst, b"after\nnew\n")


def test_an_unterminated_line_is_reported_at_the_stop(var: Path, tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (var / name).write_bytes(b"one\nhal")
    with WarmStream(var / "*.log", "--output", tmp_path / "out", "--trigger", "0s") as stream:
        stream.wait_for(one=2)
        assert stream.stop() == 0
    part = f"{var}/a.log and 1 more: the last line has no line end yet; it counts once its line end arrives"
    assert [message for message in stream.messages if part in message], stream.messages


def test_once_counts_the_file_a_log_was_rotated_to(var: Path, tmp_path: Path) -> None:
    arguments = ["stream", var / "a.log", "--output", tmp_path / "out", "--once"]
    (var / "a.log").write_bytes(b"one\n")
    assert run_warm(*arguments).stdout == "one: 1\n"
    with (var / "a.log").open("ab") as file:
        file.write(b"two\n")
    rotate(var / "a.log", "create\ncompress")
    (var / "a.log").write_bytes(b"three")
    assert run_warm(*arguments).stdout == "one: 1\nthree: 1\ntwo: 1\n"


@contextmanager
def _following(arguments: list[object]) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([command("wordcount-producer"), *map(str, arguments)], stderr=subprocess.DEVNULL) as producer:
        try:
            yield producer
        finally:
            producer.kill()


def _read(folder: Path) -> Counter[bytes]:
    return Counter(line for path in folder.glob("chunk-*") for line in path.read_bytes().splitlines())
