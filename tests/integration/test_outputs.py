"""What ``stream`` prints and writes while it runs."""

import json
import os
import signal
import subprocess
from pathlib import Path

from tests.support.processes import PATIENCE, Stream, command, wait_until
from tests.support.reference import parsed_file
from tests.support.warm import WarmStream, run_warm


def test_batches_and_snapshots_of_a_running_stream(tmp_path: Path) -> None:
    """Each batch prints the most frequent of what changed and saves all that did; a snapshot has all there is."""
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a b a c a b\n")
    counts = output / "counts.txt"
    options = ("--changes", "--top", "2", "--trigger", "0s", "--snapshot-interval", "500ms")
    with WarmStream(folder, "--output", output, *options) as stream:
        stream.wait_for(a=3, b=2)
        wait_until(lambda: counts.exists() and parsed_file(counts) == {"a": 3, "b": 2, "c": 1}, "the first snapshot")
        assert stream.counts == {"a": 3, "b": 2}
        (folder / "b.txt").write_bytes(b"b c\n")
        stream.wait_for(b=3, c=2)
        wait_until(lambda: parsed_file(counts) == {"a": 3, "b": 3, "c": 2}, "the second snapshot")
        assert stream.stop() == 0
    changes = sorted((output / "changes").iterdir())
    assert [file.name for file in changes] == ["000000000.txt", "000000001.txt"]
    assert [parsed_file(file) for file in changes] == [{"a": 3, "b": 2, "c": 1}, {"b": 3, "c": 2}]
    assert parsed_file(counts) == {"a": 3, "b": 3, "c": 2}


def test_after_once_only_counts_and_state_are_left(tmp_path: Path) -> None:
    """The counts and the state, without what was counted; the folder of the user is as it was."""
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes("a 한국어 a\n".encode() * 50_000)
    before = [(path, path.stat()) for path in (folder, folder / "a.txt")]
    once = run_warm("stream", folder, "--output", output, "--format", "json", "--once")
    assert (once.returncode, once.stdout) == (0, "a: 100000\n한국어: 50000\n")
    lines = (output / "counts.json").read_text("utf-8").splitlines()
    assert list(map(json.loads, lines)) == [{"word": "a", "count": 100_000}, {"word": "한국어", "count": 50_000}]
    assert sorted(path.name for path in output.iterdir()) == [".lock", "counts.json", "state"]
    assert not list((output / "state" / "spool").iterdir())
    assert list(folder.iterdir()) == [folder / "a.txt"]
    for path, status in before:
        assert (path.stat().st_mtime_ns, path.stat().st_ctime_ns) == (status.st_mtime_ns, status.st_ctime_ns)


def test_a_stop_while_the_totals_are_printed_says_nothing_of_uncounted_lines(tmp_path: Path) -> None:
    """All is counted and saved by then; the reader, who is slow, still gets all of it."""
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    words = [f"word{number:06d}" for number in range(50_000)]  # more than a pipe holds
    (folder / "a.txt").write_text(" ".join(words) + "\n", "utf-8")
    once = [command("wordcount"), "stream", str(folder), "--output", str(output), "--once"]
    with subprocess.Popen(once, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 1)  # what is printed has begun
        process.send_signal(signal.SIGTERM)
        printed, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, b"")
    assert (first + printed).decode() == "".join(f"{word}: 1\n" for word in words)
    assert (output / "counts.txt").read_bytes() == first + printed


def test_without_an_output_the_state_is_temporary_and_a_message_says_so(tmp_path: Path) -> None:
    folder, temporary = tmp_path / "in", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    (folder / "a.txt").write_bytes(b"a\n")
    with Stream(folder, env={"TMPDIR": str(temporary)}) as stream:
        stream.wait_for(a=1)
        assert any(temporary.iterdir())
        assert stream.stop(signal.SIGHUP) == 0
        assert "temporary" in stream.messages[0]
    assert not any(temporary.iterdir())


def test_a_remote_folder_is_read_by_sparks_own_source(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a b\n")
    arguments = (folder.as_uri(), "--checkpoint", tmp_path / "state")
    assert run_warm("stream", *arguments, "--once").stdout == "a: 1\nb: 1\n"
    with WarmStream(*arguments) as stream:
        (folder / ".new").write_bytes(b"b c\n")
        (folder / ".new").rename(folder / "b.txt")
        stream.wait_for(b=2, c=1)
        assert stream.stop() == 0
