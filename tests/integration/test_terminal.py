"""What a person sees, in a terminal of a given size, read cell by cell."""

import os
import re
import signal
from pathlib import Path

from rich.cells import cell_len

from tests.support.processes import PATIENCE, command, wait_until
from tests.support.reference import parsed_file
from tests.support.terminal import Terminal


def count_of(output: Path, word: str) -> int:
    return parsed_file(output / "counts.txt").get(word, 0)


def test_the_live_view(tmp_path: Path) -> None:
    columns, rows = 80, 24
    folder = tmp_path / "in"
    folder.mkdir()
    words = [f"word{number}" for number in range(60)]
    (folder / "a.txt").write_text("".join(f"{word}\n" * (100 - at) for at, word in enumerate(words)))
    with Terminal(
        columns,
        rows,
        command("wordcount"),
        "stream",
        folder,
        "--output",
        tmp_path / "out",
        "--snapshot-interval",
        "300ms",
    ) as terminal:
        wait_until(lambda: terminal.shows("word0", "100"), "the top word")
        lines = sum(100 - at for at in range(60))
        wait_until(lambda: terminal.shows(f"{lines:,} new lines", f"{lines:,} words", "60 distinct"), "the totals")
        (folder / "b.txt").write_text("late\n" * 1000 + "한국어\n" * 999 + "\x1b[31mred\n" * 998)
        wait_until(lambda: terminal.shows("late", "1,000") and terminal.shows("한국어", "999"), "the change")
        wait_until(lambda: terminal.shows("\\x1b[31mred", "998"), "the escaped word")
        for number in range(5):  # batches and snapshots at the same time; each batch is in the totals
            (folder / f"more{number}.txt").write_text("more\n" * 100)
            wait_until(lambda number=number: terminal.shows("more", f"{100 * (number + 1)}"), "one more batch")
        wait_until(lambda: terminal.shows(f"{lines + 3497:,} new lines", f"{lines + 3497:,} words"), "all the totals")
        (folder / "broken.gz").write_bytes(b"no gzip")
        os.utime(folder / "broken.gz", (0, 0))
        wait_until(lambda: terminal.says("in/broken.gz:"), "the warning below the table")
        assert b"\x1b[31mred" not in terminal.raw
        assert len(terminal.lines) <= rows
        table = [line.split()[:2] for line in terminal.lines if line.split()[0] in {"late", *words}]
        assert table[:2] == [["late", "1,000"], ["word0", "100"]]
        terminal.press("/wor")
        wait_until(lambda: not terminal.shows("late"), "only the words that are searched for")
        terminal.press("\n")
        terminal.press("\x1bs")
        wait_until(lambda: terminal.shows("late") and terminal.shows("s by count"), "the order by rate")
        terminal.press("s---")
        wait_until(lambda: terminal.shows("s by rate") and not terminal.shows(words[rows - 14]), "fewer rows")
        terminal.press("p")
        wait_until(lambda: terminal.shows("PAUSED"), "the pause")
        (folder / "late.txt").write_text("late\n")
        wait_until(lambda: count_of(tmp_path / "out", "late") == 1001, "the count behind the pause")
        terminal.press("/ate\n")
        wait_until(lambda: terminal.shows("/ ate"), "the search in the paused view")
        assert terminal.shows("late", "1,000")
        terminal.press("\x1bp")
        wait_until(lambda: terminal.shows("late", "1,001"), "what came meanwhile")
        terminal.resize(200, 60)
        wait_until(lambda: terminal.screen.display[-1].startswith("q quit"), "the view in its new size")
        terminal.press("+" * 60)
        wait_until(lambda: terminal.shows(words[40]), "as many words as there is room for")
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(lambda: terminal.says("the same command continues from"), "how to go on")
    with Terminal(columns, rows, command("wordcount"), "stream", folder, "--output", tmp_path / "out") as terminal:
        wait_until(
            lambda: terminal.shows("late", "1,001") and terminal.shows("word0", "100"), "the top after a restart"
        )
        wait_until(lambda: terminal.shows(f"{lines + 3498:,} words", "64 distinct"), "the totals after a restart")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(timeout=PATIENCE) == 0


def test_a_small_terminal_without_colours_and_two_signals_that_end_the_stream_at_once(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("한국어는 길고 길다\nplain\n" * 10 + "".join(f"w{number}\n" for number in range(30)))
    with Terminal(44, 12, command("wordcount"), "stream", log, "--from", "start", NO_COLOR="1") as terminal:
        words = ("한국어는", "길고", "길다", "plain")
        wait_until(lambda: all(terminal.shows(word, "10") for word in words) and terminal.shows("q quit"), "the table")
        rows = [line for line in terminal.screen.display if line.startswith(words)]
        assert len(rows) == 4
        assert len({cell_len(line.partition(" 10 ")[0]) for line in rows}) == 1, terminal.screen.display
        assert len(terminal.lines) <= 12
        assert not re.search(rb"\x1b\[[0-9;]*[34][0-7][;m]", terminal.raw), "a colour"
        for number in (signal.SIGINT, signal.SIGTERM):
            terminal.process.send_signal(number)
        assert terminal.process.wait(timeout=PATIENCE) in {128 + signal.SIGINT, 128 + signal.SIGTERM}
        wait_until(lambda: b"\x1b[?1049l" in terminal.raw, "the screen from before")
        assert "Traceback" not in terminal.raw.decode()


def test_keys_work_while_lines_come_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    shell = f"exec {command('wordcount')} stream - --trigger 0s < '{pipe}'"
    with Terminal(80, 24, "sh", "-c", shell) as terminal, pipe.open("wb", buffering=0) as lines:
        lines.write(b"to be or to\n")
        wait_until(lambda: terminal.shows("to", "2") and terminal.shows("q quit"), "the table")
        terminal.press("q")
        wait_until(lambda: terminal.says("wordcount: stopped"), "the end")
        assert terminal.process.wait(timeout=PATIENCE) == 0


def test_progress_shows_bytes_and_leaves_only_the_results(tmp_path: Path) -> None:
    line = b"to be or not to be that is the question\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "big.txt").write_bytes(line * 400_000)
    for arguments in (("batch",), ("stream", "--once")):
        with Terminal(100, 24, command("wordcount"), *arguments, tmp_path / "in", "--top", "3") as terminal:
            assert terminal.process.wait(timeout=PATIENCE) == 0
            wait_until(lambda screen=terminal: screen.shows("is: 400000"), "the end")
            assert b"counting" in terminal.raw
            assert b"/16.0 MB" in terminal.raw
            assert terminal.lines == ["be: 800000", "to: 800000", "is: 400000"]


def test_the_demo_agrees_with_plain_python() -> None:
    with Terminal(80, 24, command("wordcount"), "demo") as terminal:
        wait_until(lambda: terminal.shows("words/s") or terminal.shows("/s)"), "the live table")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(
            lambda: terminal.says("right: the stream and an independent count in plain Python agree"), "the verdict"
        )
        assert terminal.says("wordcount stream FOLDER --output COUNTS' watches a folder")


def test_windows_grow_until_they_are_closed(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("2026-11-29T10:00:10Z a b a\n2026-11-29T10:05:00Z c\n", "utf-8")
    options = ("--window", "1m", "--time-format", "iso", "--late", "1s", "--time-zone", "UTC", "--from", "start")
    options += ("--regex", r"\b[abc]\b")
    with Terminal(100, 24, command("wordcount"), "stream", log, *options) as terminal:
        wait_until(lambda: terminal.shows("2026-11-29 10:00:00 - 10:01:00 closed a 2  b 1"), "the closed window")
        wait_until(lambda: terminal.shows("10:05:00 - 10:06:00 open   c 1"), "the open window")
        wait_until(lambda: terminal.shows("2 new lines"), "the totals")
        with log.open("a") as lines:
            lines.write("2026-11-29T10:05:01Z c\n")
        wait_until(lambda: terminal.shows("10:05:00 - 10:06:00 open   c 2"), "the window that grows")
        terminal.press("p")
        wait_until(lambda: terminal.shows("PAUSED"), "the pause")
        terminal.press("pq")
        assert terminal.process.wait(timeout=PATIENCE) == 0
        wait_until(lambda: terminal.says("10:00:00 - 10:01:00 closed a 2  b 1"), "the windows, once the view is closed")
