"""What ``stream`` prints and writes while it runs."""

import json
import signal
from pathlib import Path

from tests.support.processes import Stream, run, wait_until
from tests.support.reference import parsed_file


def test_changes_go_to_a_file_for_each_batch(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    with Stream(folder, "--output", output, "--changes", "--trigger", "0s") as stream:
        (folder / "a.txt").write_bytes(b"a b\n")
        stream.wait_for(a=1, b=1)
        (folder / "b.txt").write_bytes(b"b c\n")
        stream.wait_for(b=2, c=1)
        assert stream.stop() == 0
    changes = sorted((output / "changes").iterdir())
    assert [file.name for file in changes] == ["000000000.txt", "000000001.txt"]
    assert [parsed_file(file) for file in changes] == [{"a": 1, "b": 1}, {"b": 2, "c": 1}]


def test_snapshots_in_another_format(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes("a 한국어 a\n".encode())
    assert run("stream", folder, "--output", output, "--format", "json", "--once").stdout == "a: 2\n한국어: 1\n"
    lines = (output / "counts.json").read_text("utf-8").splitlines()
    assert list(map(json.loads, lines)) == [{"word": "a", "count": 2}, {"word": "한국어", "count": 1}]
    assert sorted(path.name for path in output.iterdir()) == [".lock", "counts.json", "state"]


def test_a_snapshot_is_written_at_the_interval(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a\n")
    counts = output / "counts.txt"
    with Stream(folder, "--output", output, "--snapshot-interval", "500ms") as stream:
        wait_until(lambda: counts.exists() and parsed_file(counts) == {"a": 1}, "the first snapshot")
        (folder / "b.txt").write_bytes(b"b\n")
        wait_until(lambda: parsed_file(counts) == {"a": 1, "b": 1}, "the second snapshot")
        assert stream.stop() == 0


def test_top_limits_what_is_printed_after_a_batch_and_not_what_is_saved(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a b a c a b\n")
    with Stream(folder, "--output", output, "--top", "2") as stream:
        stream.wait_for(a=3, b=2)
        assert stream.stop() == 0
        assert stream.counts == {"a": 3, "b": 2}
    assert parsed_file(output / "counts.txt") == {"a": 3, "b": 2, "c": 1}


def test_without_a_place_for_it_the_state_is_temporary_and_it_says_so(tmp_path: Path) -> None:
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


def test_the_folder_of_the_user_is_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a\n")
    before = [(path, path.stat()) for path in (folder, folder / "a.txt")]
    assert run("stream", folder, "--output", tmp_path / "out", "--once").returncode == 0
    assert list(folder.iterdir()) == [folder / "a.txt"]
    for path, status in before:
        assert (path.stat().st_mtime_ns, path.stat().st_ctime_ns) == (status.st_mtime_ns, status.st_ctime_ns)


def test_counted_chunks_leave_the_spool(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a\n" * 100_000)
    assert run("stream", folder, "--checkpoint", tmp_path / "state", "--once").stdout == "a: 100000\n"
    assert not list((tmp_path / "state" / "spool").iterdir())


def test_a_remote_folder_is_read_by_sparks_own_source(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a b\n")
    arguments = (folder.as_uri(), "--checkpoint", tmp_path / "state")
    assert run("stream", *arguments, "--once").stdout == "a: 1\nb: 1\n"
    with Stream(*arguments) as stream:
        (folder / ".new").write_bytes(b"b c\n")
        (folder / ".new").rename(folder / "b.txt")
        stream.wait_for(b=2, c=1)
        assert stream.stop() == 0
