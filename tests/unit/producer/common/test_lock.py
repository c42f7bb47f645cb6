import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.common import lock as locks
from producer.common.errors import LockedError


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock, and a child that inherited it; both end when their standard input ends."""
    program = (
        "import subprocess, sys\n"
        "from pathlib import Path\n"
        "from producer.common.lock import lock\n"
        "child = 'import sys; print(1, flush=True); sys.stdin.read()'\n"
        "with lock(Path(sys.argv[1]), 'it') as descriptor:\n"
        "    subprocess.Popen([sys.executable, '-c', child], pass_fds=[descriptor])\n"
        "    sys.stdin.read()\n"
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
def test_a_second_process_is_refused_at_once_with_the_owner_named(
    tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 3600.0)
    with (
        pytest.raises(LockedError, match=f"the state in x is in use by process {holder.pid};"),
        locks.lock(tmp_path / "lock", "the state in x"),
    ):
        pass


def test_an_inherited_lock_is_held_until_the_child_ends(
    tmp_path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.kill()
    holder.wait(timeout=20)
    with monkeypatch.context() as patch:
        patch.setattr(locks, "PATIENCE_SECONDS", 0.0)
        with pytest.raises(LockedError), locks.lock(tmp_path / "lock", "it"):
            pass

    assert holder.stdin is not None
    holder.stdin.close()

    with locks.lock(tmp_path / "lock", "it"):
        pass


def test_the_lock_is_released_at_the_end_of_the_block(tmp_path: Path) -> None:
    with locks.lock(tmp_path / "lock", "it"):
        pass
    with locks.lock(tmp_path / "lock", "it"):
        assert (tmp_path / "lock").read_text("ascii") == f"{os.getpid()}\n"


def test_the_lock_is_released_when_the_block_raises(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locks.lock(tmp_path / "lock", "it"):
        raise KeyError
    with locks.lock(tmp_path / "lock", "it"):
        pass


def test_a_child_does_not_inherit_the_lock_by_itself(tmp_path: Path) -> None:
    with locks.lock(tmp_path / "lock", "it") as descriptor:
        assert not os.get_inheritable(descriptor)
