"""The row about short work: the time from the command to the first count."""

from pathlib import Path
from statistics import median

from benchmarks.processes import Bench, Run, peer, prepared, run, wordcount
from benchmarks.results import Line

_RUNS = 5
_BOUND = 120.0
#: The most times the time of the minimal script, with the class archive and without.
_WITH_GOAL, _WITHOUT_GOAL = 0.4, 0.75


def start(bench: Bench) -> list[Line]:
    """Compare ``wordcount batch`` on a short text with a minimal script, with and without the class archive."""
    file = bench.folder / "short.txt"
    size = bench.text.write(file, 1)
    with_archive = prepared(bench)
    quick, bare, minimal = [], [], []
    for _ in range(_RUNS):
        quick.append(_first_count(with_archive, file))
        bare.append(_first_count(bench, file))
        minimal.append(run(bench, peer("minimal", file), bound=_BOUND))
    if len({one.printed for one in quick + bare + minimal}) > 1:
        raise RuntimeError("the commands printed different counts, so their times cannot be compared")
    work = f"command to first count, {size / 1e6:.1f} MB"
    return [
        _line(f"{work}, after `wordcount prepare`", quick, minimal, _WITH_GOAL),
        _line(f"{work}, without", bare, minimal, _WITHOUT_GOAL),
    ]


def _first_count(bench: Bench, file: Path) -> Run:
    return run(bench, wordcount("batch", file, "--top", "1"), bound=_BOUND)


def _line(work: str, ours: list[Run], minimal: list[Run], goal: float) -> Line:
    our, their = (median(one.seconds for one in runs) for runs in (ours, minimal))
    return Line(
        work=work,
        peer="a minimal PySpark script",
        measured=f"{our:.1f} s; {their:.1f} s",
        ratio=f"{our / their:.2f}x the time",
        goal=f"≤ {goal:g}x",
        reached=our <= goal * their,
    )
