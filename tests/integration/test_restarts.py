"""The stream stopped, killed and started again: every line counts once."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.processes import Stream, wait_until
from tests.support.reference import count, parsed_file, printed
from tests.support.rounds import chance, rounds
from tests.support.warm import run_warm


def test_the_same_command_continues_where_it_stopped(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a b\n")
    first = run_warm("stream", folder, "--output", output, "--once")
    assert (first.returncode, first.stdout) == (0, "a: 1\nb: 1\n")
    with (folder / "a.txt").open("ab") as file:
        file.write(b"a c\n")
    second = run_warm("stream", folder, "--output", output, "--once")
    assert (second.returncode, second.stdout) == (0, "a: 2\nb: 1\nc: 1\n")
    third = run_warm("stream", folder, "--output", output, "--once")
    assert (third.returncode, third.stdout) == (0, second.stdout)
    assert (output / "counts.txt").read_text() == second.stdout


def test_a_stop_finishes_the_batch_and_writes_the_last_snapshot(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a\n" * 1000)
    with Stream(folder, "--output", output, "--snapshot-interval", "1h") as stream:
        stream.wait_for(a=1000)
        assert not (output / "counts.txt").exists()
        assert stream.stop(signal.SIGTERM) == 0
    assert parsed_file(output / "counts.txt") == {"a": 1000}


def test_killed_at_random_moments_while_files_arrive(tmp_path: Path) -> None:
    luck = chance()
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    log = (folder / "app.log").open("ab", buffering=0)
    contents: list[bytes] = []
    logged = b""
    for _ in range(rounds(3)):
        with Stream(folder, "--output", output, "--trigger", "0s", "--snapshot-interval", "1s") as stream:
            # Some are killed while Spark starts, some in the middle of a batch, some between two.
            end = time.monotonic() + luck.uniform(1.0, 6.0)
            while time.monotonic() < end:
                content = b"".join(b"word%d line\n" % luck.randrange(50) for _ in range(luck.randrange(1, 2000)))
                contents.append(content)
                (tmp_path / "new").write_bytes(content)
                (tmp_path / "new").rename(folder / f"{len(contents)}.txt")
                line = b"logged %d\n" % luck.randrange(50)
                log.write(line[:5])
                time.sleep(luck.uniform(0, 0.05))
                log.write(line[5:])
                logged += line
            stream.kill()
    log.close()
    last = run_warm("stream", folder, "--output", output, "--once")
    assert last.returncode == 0, last.stderr
    assert last.stdout == printed(count(*contents, logged))


def test_killed_while_spark_wrote_the_first_file_of_a_log(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    logs = [output / "state" / "checkpoint" / name for name in ("offsets", "commits")]
    with Stream(folder, "--output", output) as stream:
        wait_until(lambda: all(log.exists() for log in logs), "the checkpoint")
        stream.kill()
    for log in logs:
        (log / ".0.3f1c.tmp").write_bytes(b"v1\n")  # as Spark names it until it is whole
    (folder / "a.txt").write_bytes(b"a b a\n")

    again = run_warm("stream", folder, "--output", output, "--once")

    assert (again.returncode, again.stdout, again.stderr) == (0, "a: 2\nb: 1\n", "")


def test_a_killed_program_takes_its_jvm_along_and_frees_the_state(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a\n")
    with Stream(folder, "--output", tmp_path / "out") as stream:
        stream.wait_for(a=1)
        stream.kill()
    again = run_warm("stream", folder, "--output", tmp_path / "out", "--once")
    assert (again.returncode, again.stdout) == (0, "a: 1\n")


def test_a_killed_jvm_ends_the_program_with_one_line_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a\n")
    with Stream(folder, "--output", tmp_path / "out") as stream:
        stream.wait_for(a=1)
        children = Path(f"/proc/{stream.process.pid}/task/{stream.process.pid}/children").read_text().split()
        assert len(children) == 1
        os.kill(int(children[0]), signal.SIGKILL)
        wait_until(lambda: stream.process.poll() is not None, "the end of the program")
        assert stream.process.returncode == 1
    assert len(stream.messages) == 1, stream.messages
    assert "Java ended by signal 9" in stream.messages[0]
    again = run_warm("stream", folder, "--output", tmp_path / "out", "--once")
    assert (again.returncode, again.stdout) == (0, "a: 1\n")


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_both_state_stores_keep_the_counts(tmp_path: Path, store: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a b a\n")
    command = ("stream", folder, "--checkpoint", tmp_path / "state", "--once", "--state-store", store)
    assert run_warm(*command).stdout == "a: 2\nb: 1\n"
    (folder / "b.txt").write_bytes(b"b b\n")
    assert run_warm(*command).stdout == "b: 3\na: 2\n"
