"""The first command that succeeds makes the next ones quicker, by a process in the background."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.processes import run, wait_until

#: A bound for making the archive: half a minute of one core, which other tests may use at the time.
_ARCHIVE_SECONDS = 600.0


def test_the_first_command_has_the_archive_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("CI", "WORDCOUNT_PREPARE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "a.txt").write_text("to be\n")
    command = ("batch", tmp_path / "a.txt")

    assert run("--no-prepare", *command).stderr == ""
    assert not (tmp_path / "cache").exists()

    first, second = run(*command), run(*command)
    assert first.stderr.startswith("wordcount: later starts will be quicker: a process in the background makes ")
    assert first.stderr.count("\n") == 1
    assert second.stderr == ""
    (maker, *_) = _at_work(tmp_path / "cache")
    assert os.sched_getscheduler(maker) == os.SCHED_IDLE

    _hurry(tmp_path / "cache")
    archive = Path(first.stderr.split(" makes ")[1].split(";")[0])
    wait_until(archive.exists, "the archive", patience=_ARCHIVE_SECONDS)
    assert run(*command).stderr == ""
    assert not list(archive.parent.glob("*.failed"))


def _at_work(cache: Path) -> Iterator[int]:
    """Yield the processes that make the archive in this cache: Python and its Java."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            if f"XDG_CACHE_HOME={cache}\0".encode() in (process / "environ").read_bytes():
                yield int(process.name)


def _hurry(cache: Path) -> None:
    """Let the processes that make the archive share the processor with others again, if this account may do so."""
    for process in _at_work(cache):
        with suppress(OSError):
            Path(f"/proc/{process}/autogroup").write_text("0", "ascii")
            for thread in os.listdir(f"/proc/{process}/task"):
                os.sched_setscheduler(int(thread), os.SCHED_OTHER, os.sched_param(0))
