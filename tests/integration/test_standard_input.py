"""``wordcount stream -``: lines from a pipe, as long as they come."""

import os
import subprocess
from pathlib import Path

from tests.support.golden import GOLDEN
from tests.support.processes import Stream, command, wait_until
from tests.support.reference import count, parsed_file, printed
from tests.support.warm import WarmStream, run_warm

_CHUNKS = "*/wordcount-state-*/spool/chunk-*"


def test_a_pipe_is_counted_to_its_end(tmp_path: Path) -> None:
    data = b"\n".join(golden.data for golden in GOLDEN)
    once = run_warm("stream", "-", "--output", tmp_path / "out", "--once", stdin=data)
    assert (once.returncode, once.stdout, once.stderr) == (0, printed(count(data)), "")
    ended = run_warm("stream", "-", "--output", tmp_path / "out", stdin=b"to be or\nnot to be")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert parsed_file(tmp_path / "out" / "counts.txt") == count(data, b"to be or\nnot to be")


def test_an_open_pipe_is_counted_until_it_is_stopped(tmp_path: Path) -> None:
    read, write = os.pipe()
    with WarmStream("-", "--output", tmp_path / "out", "--trigger", "0s", stdin=read) as stream:
        os.close(read)
        os.write(write, b"one two\nhal")
        stream.wait_for(one=1, two=1)
        os.write(write, b"f one\n")
        stream.wait_for(one=2, half=1)
        assert stream.stop() == 0
        assert any("the same command continues from" in message for message in stream.messages)
    os.close(write)
    assert parsed_file(tmp_path / "out" / "counts.txt") == {"one": 2, "two": 1, "half": 1}


def test_lines_read_before_a_stop_are_counted(tmp_path: Path) -> None:
    """Also where the next batch is an hour away and the state is temporary; it cannot be read again."""
    read, write = os.pipe()
    temporary = {"TMPDIR": str(tmp_path)}
    os.write(write, b"one two\n")  # which is in the spool before Java has started, or the first batch would miss it
    with Stream("-", "--trigger", "1h", env=temporary, stdin=read) as stream:
        os.close(read)
        stream.wait_for(one=1, two=1)
        wait_until(lambda: not list(tmp_path.glob(_CHUNKS)), "the end of the batch")
        os.write(write, b"one\nlast")
        wait_until(lambda: bool(list(tmp_path.glob(_CHUNKS))), "a chunk")
        assert stream.stop() == 0
    os.close(write)
    assert stream.counts == {"one": 2, "two": 1, "last": 1}
    assert not any("wait in the state" in message for message in stream.messages)


def test_empty_and_closed_standard_input(tmp_path: Path) -> None:
    result = run_warm("stream", "-", "--output", tmp_path / "out", stdin=b"")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    closed = subprocess.run(
        ["bash", "-c", f"{command('wordcount')} stream - <&-"], capture_output=True, text=True, check=False
    )
    assert (closed.returncode, closed.stdout) == (2, "")
    assert closed.stderr == "wordcount: -: standard input is closed; give it a pipe to read\n"
