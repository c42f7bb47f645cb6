"""The row about viewers of the page who never read: whether they slow the stream down."""

from contextlib import ExitStack
from statistics import median

from benchmarks.processes import Bench, say
from benchmarks.results import Line
from benchmarks.rows.page_latency import address_of
from benchmarks.rows.viewers import watch
from benchmarks.watched import Watched

_VIEWERS = 50
_ROUNDS = 9
_BYTES = 44_000_000
_BOUND = 120.0
_SLOWER = 1.05


def slow_viewers(bench: Bench) -> list[Line]:
    """Measure the time from a file's arrival to its counts, in turn with nobody on the page and with slow viewers."""
    (bench.folder / "inbox").mkdir()
    text = bench.text.data.decode() * bench.text.times(_BYTES)
    alone: list[float] = []
    watched: list[float] = []
    options = ("--output", bench.folder / "output", "--trigger", "0s", "--serve", "0")
    with Watched(bench, bench.folder / "inbox", *options) as stream:

        def measure() -> float:
            word = f"last{len(alone) + len(watched)}"
            return stream.drop(f"{text}{word}\n", [word], _BOUND)

        host, _, port = address_of(bench).rpartition(":")
        measure()
        for number in range(2 * _ROUNDS):
            with ExitStack() as stack:
                for _ in range(_VIEWERS if number % 2 else 0):
                    stack.enter_context(watch(host, int(port)))
                (watched if number % 2 else alone).append(measure())
    ratio = median(watched) / median(alone)
    say(f"  {median(alone):.2f} s alone, {median(watched):.2f} s with {_VIEWERS} viewers who never read")
    return [
        Line(
            work=f"from `mv` of {_BYTES / 1e6:.0f} MB to the counts, `--serve`, {_VIEWERS} viewers who never read",
            peer="the same without viewers",
            measured=f"{median(watched):.2f} s",
            ratio=f"{ratio:.2f}",
            goal=f"≤ {_SLOWER}",
            reached=ratio <= _SLOWER,
        )
    ]
