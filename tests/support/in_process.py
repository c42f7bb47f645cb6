"""The commands, run inside the test's own process: for everything that they refuse before Java starts."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from producer.__main__ import main as wordcount_producer
from streaming.__main__ import main as wordcount
from streaming.spark.session import Jvm

_COMMANDS = {"wordcount": wordcount, "wordcount-producer": wordcount_producer}


class InProcess:
    """Runs a command line as its console script does, in a few milliseconds. Starting Java fails the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capture

    def __call__(
        self,
        *arguments: str | Path,
        name: str = "wordcount",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, and return the same as ``tests.support.processes.run``."""
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        self._capture.readouterr()
        with self._monkeypatch.context() as patch:
            for key, value in (env or {}).items():
                patch.setenv(key, value)
            if cwd is not None:
                patch.chdir(cwd)
            patch.setattr(Jvm, "__init__", _java_started)
            patch.setattr(sys, "argv", [name, *map(str, arguments)])
            with pytest.raises(SystemExit) as ended:
                _COMMANDS[name]()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        out, err = self._capture.readouterr()
        assert isinstance(ended.value.code, int)
        return subprocess.CompletedProcess([name, *arguments], ended.value.code, out, err)


def _java_started(*_: object, **__: object) -> None:
    raise AssertionError("Java was started")
