"""A row about many logs that are all written now and then: what it costs to follow them."""

import subprocess
import time
from pathlib import Path
from random import Random

from benchmarks.processes import Bench, error_tail, processor_seconds, say, started, wordcount_producer
from benchmarks.results import Line

_SEED = 20261129
_LOGS, _MINUTE = 400, 60.0
_PAUSE_SECONDS = 0.02
_BOUND = 60.0


def many_logs(bench: Bench) -> list[Line]:
    """Measure what it costs to follow 400 logs that get a line a minute each."""
    random = Random(_SEED)
    spread = [random.random() * _MINUTE for _ in range(_LOGS)]
    cases = {"at any moment": spread, "all in the same second": [_MINUTE / 2 + moment / _MINUTE for moment in spread]}
    return [_line(when, _share(bench, f"logs{number}", due)) for number, (when, due) in enumerate(cases.items())]


def _line(when: str, share: float) -> Line:
    return Line(
        work=f"`wordcount-producer --follow`, {_LOGS} logs with a line a minute each, {when}",
        peer="-",
        measured=f"{share:.1%} of a core",
        ratio="-",
        goal="≤ 5 %",
        reached=share <= 0.05,
    )


def _share(bench: Bench, name: str, due: list[float]) -> float:
    """Return the share of a core over a minute in which each log gets a line when it is due, after one like it."""
    folder, target = bench.folder / name, bench.folder / f"{name}-to"
    folder.mkdir()
    logs = [folder / f"host-{number:03d}.log" for number in range(_LOGS)]
    for log in logs:
        log.write_bytes(b"first line\n")
    with started(
        bench, wordcount_producer(folder / "*.log", "--follow", "--to", target), subprocess.DEVNULL
    ) as process:
        _wait(bench, target, _LOGS, process)
        _write(logs, due)
        used, began = processor_seconds(process), time.monotonic()
        _write(logs, due)
        share = (processor_seconds(process) - used) / (time.monotonic() - began)
        _wait(bench, target, 3 * _LOGS, process)
    say(f"  {share:.1%}")
    return share


def _write(logs: list[Path], due: list[float]) -> None:
    """Append a line to each log once it is due, over a minute."""
    began = time.monotonic()
    waiting = sorted(zip(due, logs, strict=True))
    while (now := time.monotonic() - began) < _MINUTE:
        while waiting and waiting[0][0] <= now:
            with waiting.pop(0)[1].open("ab") as file:
                file.write(b"2026-11-29 12:00:00 INFO a line\n")
        time.sleep(_PAUSE_SECONDS)


def _wait(bench: Bench, target: Path, lines: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many lines are published."""
    deadline = time.monotonic() + _BOUND
    while sum(chunk.read_bytes().count(b"\n") for chunk in target.glob("chunk-*")) < lines:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the lines were not published: {error_tail(bench)}")
        time.sleep(_PAUSE_SECONDS)
