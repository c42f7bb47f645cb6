"""The row ``scaling``: what a second core brings to a stream, in one JVM and with a JVM for each core."""

import shutil
from pathlib import Path

from benchmarks.processes import Bench, Run, run, say, wordcount
from benchmarks.results import Line
from benchmarks.rows.bulk import check_same, seconds

_BOUND = 1200.0
#: Spark with so many cores, by what it is: threads of the command's JVM, or JVMs of 1 GB with a core each.
_MASTERS = {"threads": "local[{cores}]", "executors": "local-cluster[{cores},1,1024]"}
_CORES = (1, 2)


def scaling(bench: Bench) -> list[Line]:
    """Count the same text with one core and with two, as threads and as executors of a cluster on this machine."""
    lines = []
    for wanted in bench.options.sizes:
        folder = bench.folder / "text"
        folder.mkdir()
        size = bench.text.write(folder / "text.txt", wanted)
        say(f"  {size / 1e6:,.0f} MB")
        runs: dict[tuple[str, int], list[Run]] = {(kind, cores): [] for kind in _MASTERS for cores in _CORES}
        for _ in range(bench.options.runs):
            for (kind, cores), found in runs.items():
                found.append(_stream_once(bench, folder, kind, cores))
        check_same([one for found in runs.values() for one in found])
        shutil.rmtree(folder)
        lines += [_line(size, kind, *(seconds(runs[kind, cores]) for cores in _CORES)) for kind in _MASTERS]
    return lines


def _stream_once(bench: Bench, folder: Path, kind: str, cores: int) -> Run:
    output = bench.folder / "output"
    master = _MASTERS[kind].format(cores=cores)
    try:
        # By default, only a cluster has a partition for each core.
        command = wordcount("stream", folder, "--once", "--output", output, "--master", master, "--partitions", cores)
        return run(bench, command, bound=_BOUND)
    finally:
        shutil.rmtree(output, ignore_errors=True)


def _line(size: int, kind: str, one: float, two: float) -> Line:
    """Return the line of one size.

    >>> _line(220_000_000, "threads", 30.0, 20.0).ratio
    '0.75 of each core'
    """
    return Line(
        work=f"`stream --once`, {size / 1e6:,.0f} MB, 1 and 2 cores as {kind}",
        peer=f"`--master {_MASTERS[kind].format(cores=1)}` and `{_MASTERS[kind].format(cores=2)}`",
        measured=f"{one:.1f} s; {two:.1f} s",
        ratio=f"{one / two / 2:.2f} of each core",
        goal="-",
        reached=None,
    )
