"""The first signal asks a command to stop; the second ends it at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from producer.common.signals import StopSignal
from tests.support.processes import PATIENCE, wait_until
from tests.support.terminal import Terminal

_STOPPING = """
import time
from producer.common.signals import StopSignal

class Collected:
    def __del__(self):  # Python prints an exception raised here, and goes on
        print("collecting", flush=True)
        for _ in range(600):  # Python does not notice a signal that comes just before a sleep until that ends
            time.sleep(0.1)

with StopSignal() as stopping:
    print("ready", flush=True)
    while not stopping:
        stopping.wait(60)
    {}
{}
"""
_SCREEN = """
import os, signal, time
from producer.common.signals import StopSignal
with StopSignal(restore=lambda: os.write(1, b"as it was")):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
"""
_PATH = {"PYTHONPATH": str(Path(__file__).parents[4])}


@pytest.mark.parametrize("parts", [("Collected()", ""), ("pass", "Collected()")], ids=["in the block", "after it"])
@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)])
def test_the_second_signal_ends_the_program_at_once_and_silently(
    parts: tuple[str, str], numbers: tuple[signal.Signals, signal.Signals]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _STOPPING.format(*parts)],
        env={**os.environ, **_PATH},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        for number, line in zip(numbers, (b"ready\n", b"collecting\n"), strict=True):
            assert process.stdout.readline() == line
            process.send_signal(number)
        started = time.monotonic()
        assert process.communicate(timeout=PATIENCE) == (b"", b"")

    assert process.returncode == 128 + numbers[1]
    assert time.monotonic() - started < 30


def test_the_terminal_is_restored() -> None:
    with Terminal(80, 24, sys.executable, "-c", _SCREEN, **_PATH) as terminal:
        assert terminal.process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
        wait_until(lambda: terminal.raw == b"as it was\x1b[?25h", "the terminal as it was, with a cursor")


@pytest.mark.parametrize("restore", ["time.sleep(60)", "1 / 0"])
def test_restoring_the_terminal_does_not_delay_the_end(restore: str) -> None:
    program = _SCREEN.replace('os.write(1, b"as it was")', restore)
    started = time.monotonic()
    result = subprocess.run([sys.executable, "-c", program], env={**os.environ, **_PATH}, check=False, timeout=PATIENCE)

    assert result.returncode == 128 + signal.SIGTERM
    assert time.monotonic() - started < 50


def test_a_second_sighup_of_a_closed_terminal_is_ignored() -> None:
    program = _STOPPING.format("os.kill(os.getpid(), signal.SIGHUP); print('in order')", "").replace(
        'print("ready", flush=True)', "os.kill(os.getpid(), signal.SIGHUP)"
    )
    result = subprocess.run(
        [sys.executable, "-c", f"import os, signal{program}"],
        env={**os.environ, **_PATH},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, b"in order\n", b"")


def test_the_handlers_are_restored_after_the_block() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with StopSignal() as stopping:
        assert signal.getsignal(signal.SIGTERM) != before[1]

    assert not stopping
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
