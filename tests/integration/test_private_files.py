"""What is written of lines and positions is for the user alone, also where the umask would let everybody read it."""

import os
import stat
from pathlib import Path

from tests.support.processes import Stream, run, wait_until

_OPEN = ["sh", "-c", 'umask 000 && exec "$@"', "sh"]


def open_to_others(*folders: Path) -> set[Path]:
    """Return the files in folders that other users may read or write, through folders that they may enter."""
    found = set[Path]()
    for folder in folders:
        for path, names, files in os.walk(folder):
            if stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0:
                names.clear()
                continue
            found.update(Path(path, name) for name in files)
    return found


def test_only_results_and_locks_are_open_to_others(tmp_path: Path) -> None:
    folder, temporary, output = tmp_path / "in", tmp_path / "tmp", tmp_path / "out"
    for made in (folder, temporary):
        made.mkdir()
    (folder / "a.txt").write_text("secretword " + "x" * 5000 + "\n")
    env = {"TMPDIR": str(temporary)}
    arguments = [folder, "--output", output, "--max-line", "1KiB", "--state-store", "rocksdb", "--changes"]
    seen = set[Path]()
    with Stream(*arguments, prefix=_OPEN, env=env) as stream:

        def counts() -> bool:
            seen.update(open_to_others(temporary, output))
            return stream.counts.get("secretword") == 1

        wait_until(counts, "the counts")
        assert list(temporary.iterdir()) != []
        assert stream.stop() == 0
    seen.update(open_to_others(temporary, output))
    top = run("top", output, "-n", "1", prefix=_OPEN, env=env)
    assert top.stdout == "secretword: 1\n"
    results = {path for path in seen if path.parent.name.startswith(".writing-") or "_temporary" in path.parts}
    assert seen - results == {output / ".lock", output / "counts.txt", output / "changes" / "000000000.txt"}
    assert {path.parent for path in results} <= {output, output / "changes"}


def test_what_a_checkpoint_folder_and_a_producer_keep_is_private(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("secretword\n")
    result = run(tmp_path / "a.txt", "--to", tmp_path / "to", name="wordcount-producer", prefix=_OPEN)
    assert (result.returncode, result.stderr) == (0, "")
    assert open_to_others(tmp_path / "to") == set((tmp_path / "to").glob("chunk-*"))
    result = run("stream", tmp_path / "a.txt", "--checkpoint", tmp_path / "state", "--once", prefix=_OPEN)
    assert (result.returncode, result.stderr) == (0, "")
    assert open_to_others(tmp_path / "state") == set()


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """As a group, or an account of a cluster, may be meant to read it; what is waiting in it stays private."""
    (tmp_path / "a.txt").write_text("secretword\n")
    (tmp_path / "state").mkdir(mode=0o750)
    (tmp_path / "state").chmod(0o750)
    result = run("stream", tmp_path / "a.txt", "--checkpoint", tmp_path / "state", "--once", prefix=_OPEN)
    assert (result.returncode, result.stderr) == (0, "")
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "state" / "spool").stat().st_mode) == 0o700
