"""A state in memory goes on in RocksDB: every line counts once, whenever the conversion is killed."""

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.processes import PATIENCE, command, run, wait_until
from tests.support.reference import count, printed
from tests.support.refusals import assert_refused
from tests.support.rounds import chance, rounds
from tests.support.warm import run_warm

_ROCKSDB = ("--state-store", "rocksdb")
_CHANCE = random.Random(1)
_MORE = b"word1 new\n\n new\n"


def text(words: int, lines: int) -> bytes:
    """Return lines of so many different words, some of them empty or not ASCII."""
    names = ["", "\U0001f600", *(f"word{number}" for number in range(words))]
    return "".join(f"{_CHANCE.choice(names)} {_CHANCE.choice(names)}\n" for _ in range(lines)).encode()


class Counted:
    """A folder whose words are counted in memory, in two partitions."""

    def __init__(self, base: Path) -> None:
        self.source, self.output = base / "in", base / "out of it"
        self.state = self.output / "state"
        self.contents: list[bytes] = []
        self.source.mkdir()
        self.stream = ("stream", self.source, "--output", self.output, "--once")

    def add(self, content: bytes) -> None:
        """Add a file."""
        self.contents.append(content)
        (self.source / f"{len(self.contents)}.txt").write_bytes(content)

    def count(self, *options: str) -> str:
        """Count what is there, compare it with a count in plain Python, and return what standard error had."""
        result = run_warm(*self.stream, *options)
        assert result.returncode == 0, result.stderr
        assert result.stdout == printed(count(*self.contents))
        return result.stderr

    def killed(self, is_due: Callable[[], bool], *options: str) -> None:
        """Run the stream and kill it, Java first, once something is the case."""
        with subprocess.Popen([command("wordcount"), *self.stream, *options], stdout=subprocess.DEVNULL) as process:
            wait_until(is_due, "the moment to kill it", pause=0.0005)
            for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
                os.kill(int(child), 9)
            process.kill()
            process.wait(timeout=PATIENCE)

    def exported(self) -> dict[str, int]:
        """Return the counts that ``export`` prints."""
        result = run_warm("export", self.output, "--format", "json")
        assert result.returncode == 0, result.stderr
        return {entry["word"]: entry["count"] for entry in map(json.loads, result.stdout.splitlines())}

    @property
    def manifest(self) -> dict[str, str]:
        entries: dict[str, str] = json.loads((self.state / "manifest.json").read_text("utf-8"))
        return entries


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    made = Counted(tmp_path_factory.mktemp("made"))
    for lines in (5000, 3000):
        made.add(text(20_000, lines))
        assert made.count("--partitions", "2") == ""
    shutil.copytree(made.output, made.output.with_name("kept"))
    return made


@pytest.fixture
def counted(made: Counted) -> Counted:
    """Return the folder as it was; a state stays where it is, as it knows its chunks by their paths."""
    shutil.rmtree(made.output)
    shutil.copytree(made.output.with_name("kept"), made.output)
    for number in range(3, len(made.contents) + 1):
        (made.source / f"{number}.txt").unlink()
    del made.contents[2:]
    return made


def test_counts_go_on_in_rocksdb_and_not_back(in_process: InProcess, counted: Counted) -> None:
    words = len(count(*counted.contents))
    counted.add(_MORE)

    said = counted.count(*_ROCKSDB)

    assert said == (
        f"wordcount: the state in {counted.state} is converted from memory to rocksdb,"
        f" with the counts of {words:,} words\n"
    )
    assert sorted(path.name for path in counted.state.glob("checkpoint*")) == ["checkpoint-rocksdb"]
    assert list(counted.state.glob("**/*.delta")) == []
    for options in (_ROCKSDB, ()):
        counted.add(_MORE)
        assert counted.count(*options) == ""
    totals = count(*counted.contents)
    assert counted.exported() == totals
    assert run_warm("get", counted.output, "new").stdout == f"new: {totals['new']}\n"
    assert run_warm("top", counted.output, "-n", "3").stdout == printed(totals, 3)
    back = in_process(*counted.stream, "--state-store", "memory")
    assert_refused(back, "made with state store 'rocksdb', not 'memory'", "continue with the former value")
    assert run_warm("repartition", counted.output, "3").returncode == 0


_NEW = "checkpoint-rocksdb"
#: What is there of a conversion when it is killed.
_MOMENTS: dict[str, Callable[[Path], bool]] = {
    "begun": lambda state: (state / _NEW).exists(),
    "counts as rows": lambda state: (state / _NEW / "rows" / "_SUCCESS").exists(),
    "one partition": lambda state: any((state / _NEW).glob("state/0/*/1_*.zip")),
    "all partitions": lambda state: len(list((state / _NEW).glob("state/0/*/1_*.zip"))) == 2,
    "counted": lambda state: (state / _NEW / "commits" / "0").exists(),
    "committed": lambda state: (state / _NEW / "commits" / "1").exists(),
    "switched": lambda state: "rocksdb" in (state / "manifest.json").read_text(),
}


@pytest.mark.parametrize("number", range(rounds(2)))
def test_a_kill_leaves_the_counts_as_they_were(counted: Counted, number: int) -> None:
    luck = chance(number)
    moment = luck.choice(list(_MOMENTS))
    print(moment)
    before = count(*counted.contents)
    counted.add(_MORE)
    counted.killed(lambda: _MOMENTS[moment](counted.state), *_ROCKSDB)

    assert counted.exported() == before
    if moment != "switched" and luck.random() < 0.5:  # some go on in memory, and are converted later
        assert counted.count() == ""
        assert counted.manifest["state store"] == "memory"
        counted.add(_MORE)
    counted.count(*_ROCKSDB)
    if moment == "switched":
        assert counted.count() == ""  # the state goes on with the store that it has
    assert counted.manifest["state store"] == "rocksdb"
    assert sorted(path.name for path in counted.state.glob("checkpoint*")) == [_NEW]


def test_a_batch_that_was_begun_is_counted_once_after_the_conversion(tmp_path: Path) -> None:
    batch = chance().randrange(2)
    counted = Counted(tmp_path)
    if batch:
        counted.add(text(100, 200))
        counted.count()
    words = len(count(*counted.contents))
    counted.add(text(200_000, 200_000))
    checkpoint = counted.state / "checkpoint"
    counted.killed((checkpoint / "offsets" / str(batch)).exists)
    assert not (checkpoint / "commits" / str(batch)).exists()
    read = (checkpoint / "offsets" / str(batch)).read_text().split("\n")[2:]

    counted.add(_MORE)
    said = counted.count(*_ROCKSDB)

    assert f"with the counts of {words:,} words\n" in said
    assert (counted.state / _NEW / "offsets" / str(batch)).read_text().split("\n")[2:] == read


def test_windows_go_on_and_are_closed_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    options = ("--once", "--window", "10m", "--time-format", "iso", "--regex", "[a-z]+", "--min-length", "2")
    windows = ("stream", tmp_path / "in", "--output", tmp_path / "out", *options)
    (tmp_path / "in" / "0.txt").write_bytes(
        b"2026-11-01T10:01:00Z one two\n2026-11-01T10:12:00Z one\n2026-11-01T10:11:30Z one\n"
    )
    assert run_warm(*windows, "--partitions", "2").returncode == 0
    before = run_warm("export", tmp_path / "out").stdout
    assert before.count("\n") > 1

    (tmp_path / "in" / "1.txt").write_bytes(b"2026-11-01T10:13:00Z one\n2026-11-01T11:00:00Z two\n")
    result = run_warm(*windows, *_ROCKSDB)

    assert result.returncode == 0, result.stderr
    assert re.search(r"converted from memory to rocksdb, with the counts of \d words\n", result.stderr)
    closed = "".join(sorted(file.read_text() for file in (tmp_path / "out" / "windows").iterdir()))
    assert closed.count("10:00:00Z 2026-11-01T10:10:00Z one: 1\n") == 1
    assert closed.count("10:00:00Z 2026-11-01T10:10:00Z two: 1\n") == 1
    assert closed.count("10:10:00Z 2026-11-01T10:20:00Z one: 3\n") == 1


def test_what_is_said_of_a_full_memory_helps(tmp_path: Path) -> None:
    counted = Counted(tmp_path)
    memory = ("--conf", "spark.driver.memory=500m")
    counted.add(b"".join(b"word%d\n" % number for number in range(1_000_000)))

    full = run(*counted.stream, *memory)

    assert (full.returncode, full.stdout) == (1, "")
    warned, ended = full.stderr.splitlines()
    assert re.search(r"warning: \d+% of Java's memory is in use; .*--state-store rocksdb", warned)
    assert re.search(r"Java ran out of memory; .*--state-store rocksdb; the same command then continues", ended)
    counted.add(_MORE)
    again = run(*counted.stream, *memory, *_ROCKSDB)
    assert again.returncode == 0, again.stderr
    assert again.stdout == printed(count(*counted.contents))
