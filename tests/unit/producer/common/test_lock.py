import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.common.errors import LockedError
from producer.common.lock import lock


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock, and a child that inherited it, until their standard inputs end."""
    program = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from producer.common.lock import lock\n"
        "held = lock(Path(sys.argv[1]), 'it')\n"
        "child = 'import sys; print(1, flush=True); sys.stdin.read()'\n"
        "subprocess.Popen([sys.executable, '-c', child], pass_fds=[held])\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "1\n"
        yield process
        if not process.stdin.closed:
            process.stdin.close()
        process.wait(timeout=20)


@pytest.mark.usefixtures("bounded")
def test_a_second_process_is_refused_at_once_and_told_who_holds_it(
    tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producer.common.lock._PATIENCE", 3600.0)
    with pytest.raises(LockedError, match=f"the state in x is in use by process {holder.pid};"):
        lock(tmp_path / "lock", "the state in x")


def test_a_child_left_behind_keeps_it_until_it_ends(
    tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.kill()
    holder.wait(timeout=20)
    with monkeypatch.context() as patch:
        patch.setattr("producer.common.lock._PATIENCE", 0.0)
        with pytest.raises(LockedError):
            lock(tmp_path / "lock", "it")

    assert holder.stdin is not None
    holder.stdin.close()

    os.close(lock(tmp_path / "lock", "it"))


def test_it_is_given_back_when_it_is_closed(tmp_path: Path) -> None:
    os.close(lock(tmp_path / "lock", "it"))
    held = lock(tmp_path / "lock", "it")

    assert (tmp_path / "lock").read_text("ascii") == f"{os.getpid()}\n"
    os.close(held)


def test_it_is_not_inherited_unless_that_is_asked_for(tmp_path: Path) -> None:
    held = lock(tmp_path / "lock", "it")

    assert not os.get_inheritable(held)
    os.close(held)
