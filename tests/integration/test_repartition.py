"""``wordcount repartition``: the counts stay as they are, whenever it is killed, and the stream goes on."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.reference import parsed
from tests.support.refusals import assert_refused
from tests.support.rounds import chance, rounds
from tests.support.warm import WarmStream, run_warm

_LINES = [b"word%d other%d" % (number % 97, number % 31) for number in range(2000)]


class Counted:
    """A folder that was counted in two partitions; more files are added to it, and counted."""

    def __init__(self, base: Path) -> None:
        self.source, self.output = base / "in", base / "out of it"
        self.state = self.output / "state"
        self.checkpoint = self.state / "checkpoint"
        self.source.mkdir()
        #: What was counted in two partitions.
        self.first = self.add(b"\n".join([*_LINES, b""]), "--state-store", "rocksdb", "--partitions", "2")

    def add(self, content: bytes, *options: str) -> dict[str, int]:
        """Count another file, and return all counts."""
        (self.source / f"{len(os.listdir(self.source))}.txt").write_bytes(content)
        result = run_warm("stream", self.source, "--output", self.output, "--once", *options)
        assert (result.returncode, result.stderr) == (0, "")
        return parsed(result.stdout.splitlines())

    def counts(self) -> dict[str, int]:
        """Return the counts."""
        result = run_warm("export", self.output, "--format", "json")
        assert result.returncode == 0, result.stderr
        return {entry["word"]: entry["count"] for entry in map(json.loads, result.stdout.splitlines())}

    @property
    def partitions(self) -> str:
        """The number of partitions that the manifest says."""
        return str(json.loads((self.state / "manifest.json").read_text("utf-8"))["shuffle partitions"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return Counted(tmp_path_factory.mktemp("made"))


@pytest.fixture
def counted(made: Counted) -> Counted:
    """Return the folder as it was; a state stays where it is, as it knows its chunks by their paths."""
    kept = made.output.with_name("kept")
    if not kept.exists():
        shutil.copytree(made.output, kept)
    shutil.rmtree(made.output)
    shutil.copytree(kept, made.output)
    for file in made.source.glob("[1-9].txt"):
        file.unlink()
    return made


def test_more_and_fewer_partitions_have_the_same_counts(in_process: InProcess, counted: Counted) -> None:
    before = counted.first
    for folder, number in ((counted.output, "5"), (counted.state, "1")):
        result = run_warm("repartition", folder, number)
        partitions = "1 partition" if number == "1" else f"{number} partitions"
        said = f"wordcount: the state in {counted.state} has {partitions} now\n"
        assert (result.returncode, result.stdout, result.stderr) == (0, "", said)
        assert (counted.counts(), counted.partitions) == (before, number)
        before = {**before, "word1": before["word1"] + 1, "new": before.get("new", 0) + 1}
        assert counted.add(b"word1 new\n") == before
    again = in_process("repartition", counted.output, "1")
    assert (again.returncode, again.stderr) == (0, said.replace("now", "already"))
    command_ = ("stream", counted.source, "--output", counted.output, "--once")
    assert_refused(in_process(*command_, "--partitions", "5"), "1 partition, not 5", f"repartition {counted.state} 5")


#: What is there of batch 1, the repartition, when it is killed.
_MOMENTS: dict[str, Callable[[Path], bool]] = {
    "begun": lambda checkpoint: (checkpoint / "offsets" / "1").exists(),
    "counts of one partition": lambda checkpoint: any(checkpoint.glob("state/0/*/2_*.zip")),
    "counts of all partitions": lambda checkpoint: len(list(checkpoint.glob("state/0/*/2_*.zip"))) == 4,
    "committed": lambda checkpoint: (checkpoint / "commits" / "1").exists(),
}


@pytest.mark.parametrize("number", range(rounds(2)))
def test_a_kill_leaves_the_counts_as_they_were(counted: Counted, number: int) -> None:
    luck = chance(number)
    moment = luck.choice(list(_MOMENTS))
    print(moment)
    before = counted.first
    with subprocess.Popen([command("wordcount"), "repartition", counted.output, "4"]) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda: _MOMENTS[moment](counted.checkpoint), moment, pause=0.001)
        for child in children.read_text().split():
            os.kill(int(child), 9)
        process.kill()
        process.wait(timeout=PATIENCE)
    assert counted.counts() == before
    if luck.random() < 0.5:  # some streams go on with what the kill has left
        assert run_warm("repartition", counted.output, "4").returncode == 0
        assert (counted.counts(), counted.partitions) == (before, "4")
    assert counted.add(b"word1 new\n") == {**before, "word1": before["word1"] + 1, "new": 1}


def test_a_state_of_an_earlier_version_without_ids(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.txt").write_bytes(b"one two one\n")
    stream = ("stream", tmp_path / "in", "--output", tmp_path / "out", "--once")
    conf = ("--conf", "spark.sql.streaming.stateStore.checkpointFormatVersion=1")
    assert run_warm(*stream, "--state-store", "rocksdb", *conf).returncode == 0

    assert run_warm("repartition", tmp_path / "out", "3").returncode == 0

    (tmp_path / "in" / "1.txt").write_bytes(b"one\n")
    assert run_warm(*stream).stdout == "one: 3\ntwo: 1\n"


def test_a_power_cut_after_a_repartition_is_mended(counted: Counted) -> None:
    before = counted.first
    assert run_warm("repartition", counted.output, "4").returncode == 0
    (counted.checkpoint / "commits" / "1").write_bytes(b"")

    assert counted.add(b"word1\n") == {**before, "word1": before["word1"] + 1}
    assert counted.partitions == "4"

    next(counted.checkpoint.glob("state/0/3/3_*.changelog")).write_bytes(b"")
    assert run_warm("get", counted.output, "word1").returncode == 1
    result = run_warm("stream", counted.source, "--output", counted.output, "--once")
    assert_refused(result, "3_", "restore the state folder", status=result.returncode)


def test_a_stream_that_runs_is_left_alone(in_process: InProcess, counted: Counted) -> None:
    with WarmStream(counted.source, "--output", counted.output, "--trigger", "0s") as stream:
        (counted.source / "1.txt").write_bytes(b"new\n")
        stream.wait_for(new=1)
        assert_refused(in_process("repartition", counted.output, "4"), "is in use by process", status=1)
        assert stream.stop() == 0


def test_windows_are_closed_once_after_a_repartition(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    options = ("--once", "--window", "10m", "--time-format", "iso", "--regex", "[a-z]+", "--min-length", "2")
    windows = ("stream", tmp_path / "in", "--output", tmp_path / "out", *options)
    (tmp_path / "in" / "0.txt").write_bytes(b"2026-11-01T10:01:00Z one two\n2026-11-01T10:12:00Z one\n")
    assert run_warm(*windows, "--state-store", "rocksdb").returncode == 0
    before = run_warm("export", tmp_path / "out").stdout

    assert run_warm("repartition", tmp_path / "out", "3").returncode == 0

    assert run_warm("export", tmp_path / "out").stdout == before
    (tmp_path / "in" / "1.txt").write_bytes(b"2026-11-01T10:13:00Z one\n2026-11-01T11:00:00Z two\n")
    assert run_warm(*windows).returncode == 0
    closed = "".join(sorted(file.read_text() for file in (tmp_path / "out" / "windows").iterdir()))
    assert closed.count("10:00:00Z 2026-11-01T10:10:00Z one: 1\n") == 1
    assert closed.count("10:10:00Z 2026-11-01T10:20:00Z one: 2\n") == 1


def test_a_first_start_on_a_cluster_takes_a_partition_for_each_core(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.txt").write_bytes(b"one two one\n")
    arguments = [command("wordcount"), "stream", tmp_path / "in", "--output", tmp_path / "out", "--once"]
    for number, master in enumerate(["local-cluster[2,1,1024]", "local[2]"], 1):
        result = subprocess.run(
            [*arguments, "--master", master], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        said = "the cluster has 2 cores, so the state has 2 partitions; --partitions N sets another number"
        assert (said in result.stderr) == (number == 1), result.stderr
        assert result.stdout == f"one: {2 * number}\ntwo: {number}\n"
        offsets = (tmp_path / "out" / "state" / "checkpoint" / "offsets" / str(number - 1)).read_text()
        assert '"spark.sql.shuffle.partitions":"2"' in offsets
        (tmp_path / "in" / "1.txt").write_bytes(b"one two one\n")
