"""The row about short work: the time from the command to the first count."""

from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.processes import Bench, Run, peer, run, wordcount
from benchmarks.results import Line

_RUNS = 5
_BOUND = 120.0
_PREPARE_BOUND = 300.0
_GOAL = 0.75


def start(bench: Bench) -> list[Line]:
    """Compare ``wordcount batch`` on a short text with a minimal script, with and without the class archive."""
    file = bench.folder / "short.txt"
    size = bench.text.write(file, 1)
    with_archive = {**bench.environment, "XDG_CACHE_HOME": str(bench.folder / "prepared")}
    run(bench, wordcount("prepare"), bound=_PREPARE_BOUND, environment=with_archive)
    prepared, bare, minimal = [], [], []
    for _ in range(_RUNS):
        prepared.append(_first_count(bench, file, with_archive))
        bare.append(_first_count(bench, file, bench.environment))
        minimal.append(run(bench, peer("minimal", file), bound=_BOUND))
    if len({one.printed for one in prepared + bare + minimal}) > 1:
        raise RuntimeError("the commands printed different counts, so their times cannot be compared")
    work = f"command to first count, {size / 1e6:.1f} MB"
    return [
        _line(f"{work}, after `wordcount prepare`", prepared, minimal),
        _line(f"{work}, without", bare, minimal),
    ]


def _first_count(bench: Bench, file: Path, environment: Mapping[str, str]) -> Run:
    return run(bench, wordcount("batch", file, "--top", "1"), bound=_BOUND, environment=environment)


def _line(work: str, ours: list[Run], minimal: list[Run]) -> Line:
    our, their = (median(one.seconds for one in runs) for runs in (ours, minimal))
    return Line(
        work=work,
        peer="a minimal PySpark script",
        measured=f"{our:.1f} s; {their:.1f} s",
        ratio=f"{our / their:.2f}x the time",
        goal=f"≤ {_GOAL:g}x",
        reached=our <= _GOAL * their,
    )
