"""What a command prints into a folder that it reads is not read again."""

import subprocess
import sys
from pathlib import Path

import pytest

from producer.discovery import scanner
from tests.support.watched import Watched

_SCAN = """
import sys
from producer.discovery.scanner import DirectoryScanner
input()  # the readers of the pipe have their files open by now
found = DirectoryScanner("in", lambda path, reason: print(path, reason, file=sys.stderr)).scan().files
print(*sorted(file.path for file in found), file=open("found", "w"))
"""


def scanned(folder: Path, redirection: str) -> str:
    """Return what a scan of ``in`` finds by a process with these redirections, started by a shell."""
    (folder / "in").mkdir()
    (folder / "in" / "a.txt").write_bytes(b"one\n")
    (folder / "scan.py").write_text(_SCAN, "utf-8")
    ready = "until [ -e in/result.txt ]; do sleep 0.01; done; echo"
    command = f"({ready}) | PYTHONPATH={Path.cwd()} {sys.executable} scan.py {redirection}"
    subprocess.run(["sh", "-c", command], cwd=folder, check=True, timeout=60)
    return (folder / "found").read_text("utf-8").strip()


@pytest.mark.parametrize(
    "redirection",
    [
        "> in/result.txt",
        "2> in/result.txt",
        ">> in/result.txt 2>&1",
        "| tee in/result.txt",
        "2>&1 | cat | cat > in/result.txt",
    ],
)
def test_its_own_output_is_not_found(tmp_path: Path, redirection: str) -> None:
    assert scanned(tmp_path, redirection) == "in/a.txt"


def test_a_link_to_its_output_is_told(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "in").mkdir()
    (tmp_path / "outside" / "in" / "link").symlink_to("/dev/stdout")
    (tmp_path / "outside" / "in" / "result.txt").touch()
    program = _SCAN.replace("input()", "pass")
    with (tmp_path / "out.txt").open("wb") as out:
        result = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path / "outside", stdout=out, stderr=subprocess.PIPE, text=True,
            check=True, timeout=60, env={"PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip

    assert result.stderr == "in/link is written to by this command; skipped\n"


def test_what_the_program_that_reads_its_output_writes_is_found(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / "app.log").open("wb"):
        subprocess.run(
            [sys.executable, "-c", _SCAN], cwd=tmp_path, input=b"\n", capture_output=True,
            check=True, timeout=60, env={"PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip

    assert (tmp_path / "found").read_text("utf-8") == "in/app.log\n"


def test_a_log_that_is_its_own_output_is_told_once(log: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    status = log.write("app.log", b"one\n").stat()
    monkeypatch.setattr(scanner, "own_outputs", lambda: frozenset({(status.st_dev, status.st_ino)}))
    log.restart()

    assert log.poll() == log.poll() == {}
    assert log.warned("app.log") == ["is written to by this command; skipped"]
