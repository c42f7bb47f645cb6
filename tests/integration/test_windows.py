"""Counts per window: the same by batch, by a stream that is killed, and by an independent count."""

import csv
import signal
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.processes import PATIENCE, Stream, run, wait_until
from tests.support.reference import parsed
from tests.support.refusals import assert_refused
from tests.support.rounds import chance, rounds
from tests.support.warm import WarmStream, run_warm

WRONG = 2
_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_ISO = ["--time-format", "iso", "--time-zone", "Asia/Seoul"]
_ZONE = timedelta(hours=9)

Counts = Counter[tuple[str, str, str]]


def line(seconds: int, words: str) -> str:
    """Return a line of a log in Seoul's time."""
    return f"{_BEGIN + timedelta(seconds=seconds) + _ZONE:%Y-%m-%d %H:%M:%S},000 {words}\n"


def expected(lines: Iterable[str], length: int, slide: int) -> Counts:
    """Count in plain Python."""
    counts: Counts = Counter()
    for text in lines:
        time_of = datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) - _ZONE
        seconds = int(time_of.timestamp())
        for start in range(seconds // slide * slide, seconds - length, -slide):
            ends = (datetime.fromtimestamp(at, UTC) + _ZONE for at in (start, start + length))
            window = tuple(f"{end:%Y-%m-%dT%H:%M:%S}+09:00" for end in ends)
            counts.update((*window, word) for word in text.removesuffix("\n").split(" "))
    return counts


def saved(*files: Path) -> Counts:
    """Return what files of counts hold, each window and word once."""
    counts: Counts = Counter()
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                key = row["window_start"], row["window_end"], row["word"]
                assert key not in counts, (key, path)
                counts[key] = int(row["count"])
    return counts


def test_killed_at_random_moments_each_window_is_written_once(tmp_path: Path) -> None:
    luck, runs = chance(), rounds(3)
    log, output = tmp_path / "app.log", tmp_path / "out"
    lines: list[str] = []
    windows = ["--window", "10m", "--slide", "5m", "--late", "30s", *_ISO]
    arguments = ["--output", output, "--format", "csv", "--trigger", "0s", "--snapshot-interval", "1s", *windows]
    log.touch()
    with log.open("a", encoding="utf-8", buffering=1) as file:
        for run in range(runs):
            with Stream(log, *arguments) as stream:
                end = time.monotonic() + luck.uniform(3.0, 7.0)
                # The last goes on until windows were closed, however slow the machine is.
                while time.monotonic() < end or (run == runs - 1 and len(list(output.glob("windows/*.csv"))) < 2):
                    assert time.monotonic() < end + PATIENCE, stream.messages
                    # As of several threads, which write what they have timed up to 30 s later.
                    new = [line(len(lines) + luck.randrange(-15, 15), f"오류 w{luck.randrange(9)}") for _ in range(99)]
                    lines += new
                    file.write("".join(new))
                    time.sleep(0.05)
                stream.kill()
    last = run_warm("stream", log, *arguments, "--once")
    assert (last.returncode, last.stderr) == (0, "")
    closed = sorted((output / "windows").iterdir())
    assert len(closed) > 1
    counts = expected(lines, 600, 300)
    assert saved(*closed, output / "counts.csv") == counts
    asked = run_warm("get", output, "none", "오류")
    assert asked.stderr.splitlines()[1:] == [
        "wordcount: in no open window: none; closed windows are in the folder windows/ of the --output"
    ]
    assert [text.partition(" ")[0] for text in asked.stdout.splitlines()] == sorted(
        {start for start, _, _ in saved(output / "counts.csv")}
    )
    batch = run_warm("batch", log, "--output", tmp_path / "batch", "--format", "csv", *windows[:4], *_ISO)
    assert batch.returncode == 0, batch.stderr
    assert saved(tmp_path / "batch" / "counts.csv") == counts


def test_windows_of_arrival_close_although_nothing_more_arrives(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("a b\na\n")
    with WarmStream(log, "--window", "2s", "--trigger", "0s", "--checkpoint", tmp_path / "state") as stream:

        def closed() -> Counter[str]:
            counts = Counter[str]()
            for window, count in list(stream.counts.items()):
                counts[window.split(" ")[2]] += count
            return counts

        wait_until(lambda: closed() == {"a": 2, "b": 1}, "the first windows")
        with log.open("a") as file:
            file.write("a\n")
        wait_until(lambda: closed() == {"a": 3, "b": 1}, "the last window")
        with log.open("a") as file:
            file.write("c\n")
        wait_until(lambda: not list((tmp_path / "state" / "spool").glob("chunk-*")), "the batch")
        stream.process.send_signal(signal.SIGSTOP)
        time.sleep(5)  # past the end of its window, and of the time in which a poll expects one
        stream.process.send_signal(signal.SIGCONT)
        wait_until(lambda: closed() == {"a": 3, "b": 1, "c": 1}, "the window that ended meanwhile")
        assert stream.stop() == 0
    window = min(stream.counts)
    start, end = (datetime.fromisoformat(text) for text in window.split(" ")[:2])
    assert end - start == timedelta(seconds=2)


def test_windows_open_at_the_end_of_standard_input_are_printed() -> None:
    for options in (["--window", "1h"], ["--window", "1h", "--time-format", "iso", "--untimed", "arrival"]):
        result = run_warm("stream", "-", *options, "--trigger", "0s", stdin=b"a b\na")
        assert result.returncode == 0, result.stderr
        assert [text.split(" ", 2)[2] for text in result.stdout.splitlines()] == ["a: 2", "b: 1"]


def test_late_and_untimed_lines_are_reported(tmp_path: Path) -> None:
    log, output = tmp_path / "app.log", tmp_path / "out"
    log.write_text(line(0, "a") + "\tat Main.java:1\n\tat left out\n\n" + line(600, "b"))
    arguments = ["stream", log, "--output", output, "--window", "5m", *_ISO, "--regex", r"\b(a|b|c|at)\b", "--once"]
    arguments += ["--not-match", "left out"]
    arguments += ["--format", "csv"]
    first = run_warm(*arguments)
    assert first.returncode == 0
    assert first.stderr == (
        "wordcount: warning: 1 line was dropped: no time that fits --time-format iso, or one over a day ahead,"
        " as in '\\tat Main.java:1'\n"
    )
    assert first.stdout == (
        "2026-03-01T09:00:00+09:00 2026-03-01T09:05:00+09:00 a: 1\n"
        "2026-03-01T09:10:00+09:00 2026-03-01T09:15:00+09:00 b: 1\n"
    )
    assert sum(saved(*(output / "windows").iterdir()).values()) == 1, "the first window is closed"
    with log.open("a") as file:
        file.write(line(1, "c c a") + line(2, "c") + line(601, "b"))
    second = run_warm(*arguments)
    assert second.stderr.count("\n") == 1
    assert "warning: 2 late words were dropped (each word once per window and batch)" in second.stderr
    assert "; raise --late, now 60 s" in second.stderr
    assert second.stdout == "2026-03-01T09:10:00+09:00 2026-03-01T09:15:00+09:00 b: 2\n"


def test_lines_without_a_time_can_count_by_their_arrival(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("no time\n")
    before = datetime.now(UTC)
    result = run_warm("stream", tmp_path / "app.log", "--window", "1h", *_ISO, "--untimed", "arrival", "--once")
    (window,) = {text.partition(" ")[0] for text in parsed(result.stdout.splitlines())}
    start = datetime.fromisoformat(window)
    assert before - timedelta(hours=1) <= start <= datetime.now(UTC)
    assert "1 line was counted by arrival: no time that fits --time-format iso" in result.stderr
    assert "as in 'no time'" in result.stderr


def test_an_empty_log_and_the_reports_at_a_stop(tmp_path: Path) -> None:
    log, output = tmp_path / "app.log", tmp_path / "out"
    log.touch()
    arguments = [log, "--output", output, "--format", "csv", "--window", "1h", "--time-format", "iso"]
    assert run("stream", *arguments, "--once", env={"TZ": "Asia/Seoul"}).returncode == 0
    assert (output / "counts.csv").read_text() == "window_start,window_end,word,count\n"
    assert run("stream", *arguments, "--once", env={"TZ": "EST5EDT4"}).returncode == WRONG
    with Stream(*arguments, "--trigger", "0s", env={"TZ": "Asia/Seoul"}) as stream:
        commits = output / "state" / "checkpoint" / "commits"
        wait_until((commits / "1").exists, "the batch that lets windows close, as that of the first run did")
        for number in range(5):
            with log.open("a") as file:
                file.write("no time\n" * 10 * 4**number)
            wait_until((commits / str(number + 2)).exists, "a batch")
            if number == 0:
                stream.wait_for_message("as in 'no time'")  # also where no batch follows
        assert stream.stop() == 0
    reports = [message for message in stream.messages if "as in 'no time'" in message]
    assert "3,410 lines were dropped" in reports[-1], stream.messages


def test_other_windows_are_refused_on_the_same_state(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(line(0, "a"))
    once = ["stream", tmp_path / "app.log", "--output", tmp_path / "out", "--once"]
    assert run_warm(*once, "--window", "5m", *_ISO, "--late", "0s").returncode == 0
    for other in (["--window", "1m", *_ISO], ["--window", "5m", "--time-format", "iso", "--time-zone", "UTC"], []):
        result = run_warm(*once, *other)
        assert (result.returncode, result.stderr.count("\n")) == (WRONG, 1)
        assert "was made with " in result.stderr
    assert run_warm(*once, "--window", "5m", *_ISO, "--late", "1h").returncode == 0


def test_a_time_pattern_that_java_rejects_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    times = ["--window", "1m", "--time-format", "iso", "--time-regex", "(a"]
    assert_refused(run_warm("stream", "in", *times, "--once", cwd=tmp_path), "--time-regex '(a'", "index 2")
