"""Start and end what is measured: every process has a time limit, and is ended through its own handle."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, NamedTuple

import psutil

from benchmarks.data import CHECKOUT, Text
from benchmarks.options import Options

PEERS = Path(__file__).parent / "peers"
_STOP_SECONDS = 60
_POLL_SECONDS = 0.2
_PREPARE_BOUND = 300.0


@dataclass(frozen=True)
class Bench:
    """What every measurement gets: a folder to work in, the text, the environment of what it starts, and options."""

    folder: Path
    text: Text
    environment: Mapping[str, str]
    options: Options = field(default_factory=Options)


class Run(NamedTuple):
    """One run of a command: wall time in seconds, peak memory in bytes (0 if not measured), and what it printed."""

    seconds: float
    memory: int
    printed: str  #: a digest of the lines in any order


def say(message: str) -> None:
    """Show progress."""
    print(message, file=sys.stderr, flush=True)


def wordcount(*arguments: str | int | Path) -> list[str]:
    """Return the command line of ``wordcount``, run by this Python."""
    return [sys.executable, "-m", "streaming", *map(str, arguments)]


def wordcount_producer(*arguments: str | Path) -> list[str]:
    """Return the command line of ``wordcount-producer``, run by this Python."""
    return [sys.executable, "-m", "producer", *map(str, arguments)]


def peer(name: str, *arguments: str | Path) -> list[str]:
    """Return the command line of one of the peers, run by this Python."""
    return [sys.executable, str(PEERS / f"{name}.py"), *map(str, arguments)]


def run(
    bench: Bench,
    command: Sequence[str],
    *,
    bound: float,
    watch_memory: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a command to its end.

    Args:
        bench: where to run it.
        command: what to run.
        bound: the most seconds it may take.
        watch_memory: measure the memory of the command and its children five times a second.
        environment: replaces that of the bench.

    Raises:
        RuntimeError: the command took longer, or failed; the message has the end of its standard error.
    """
    output = bench.folder / "stdout"
    started_at = time.perf_counter()
    with output.open("wb") as stdout, started(bench, command, stdout, environment) as process:
        memory = _peak_memory(process, bound) if watch_memory else 0
        try:
            status = process.wait(bound)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{_name(command)} took longer than {bound:.0f} s") from error
        seconds = time.perf_counter() - started_at
    if status != 0:
        raise RuntimeError(f"{_name(command)} ended with status {status}: {error_tail(bench)}")
    printed = hashlib.sha256(b"".join(sorted(output.read_bytes().splitlines(keepends=True)))).hexdigest()
    say(f"  {seconds:7.2f} s  {_name(command)}")
    return Run(seconds, memory, printed)


def prepared(bench: Bench) -> Bench:
    """Return the bench with the class archive of ``wordcount prepare``, as after the first command on a machine."""
    environment = {**bench.environment, "XDG_CACHE_HOME": str(bench.folder / "prepared")}
    run(bench, wordcount("prepare"), bound=_PREPARE_BOUND, environment=environment)
    return replace(bench, environment=environment)


@contextmanager
def started(
    bench: Bench,
    command: Sequence[str],
    stdout: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command. At the end of the block it is asked to stop, and killed if it does not."""
    with (bench.folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment or bench.environment,
            cwd=CHECKOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def error_tail(bench: Bench) -> str:
    """Return the end of the last process's standard error."""
    return (bench.folder / "stderr").read_text("utf-8", "replace")[-1000:].strip()


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return a process and all its children."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    return []


def memory(process: subprocess.Popen[bytes]) -> int:
    """Return the resident memory of a process and its children, in bytes."""
    total = 0
    for member in family(process):
        with suppress(psutil.NoSuchProcess):
            total += member.memory_info().rss
    return total


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    """Return the processor time of a process and its children, including those that have ended."""
    return sum(sum(member.cpu_times()[:4]) for member in family(process))


def clean_environment() -> dict[str, str]:
    """Return the environment of this process without the options of wordcount."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WORDCOUNT_")}


def _peak_memory(process: subprocess.Popen[bytes], bound: float) -> int:
    peak = 0
    deadline = time.monotonic() + bound
    while process.poll() is None and time.monotonic() < deadline:
        peak = max(peak, memory(process))
        time.sleep(_POLL_SECONDS)
    return peak


def _name(command: Sequence[str]) -> str:
    return " ".join(Path(word).name if "/" in word else word for word in command[1:])
