"""The row ``wordcount-online``: how late words are counted from topic to topic, at each rate, in each program."""

from collections.abc import Sequence
from statistics import median

from benchmarks.broker import running_broker
from benchmarks.processes import Bench, prepared, say
from benchmarks.results import Line, Measured, Point, Series, point
from benchmarks.topic_to_topic.life import Life, Phase, live
from benchmarks.topic_to_topic.systems import TRIGGERS, ours, systems

P50, P95, CORES = "p50", "p95", "cores"
FIRST_ANSWER, STEADY = "first answer", "steady"
_HELD = 0.98  #: of its rate is what the generator must hold
#: What is to be reached: the most milliseconds of p50 and p95, by trigger and rate; 0 if it must only keep up.
_GOALS = {
    **{("realtime", rate): (40, 80) for rate in (1000, 5000, 10_000, 20_000)},
    ("0s", 100_000): (120, 0),
    ("0s", 200_000): (0, 0),
}


def wordcount_online(bench: Bench) -> Measured:
    """Compare the time from a word in a topic to its count in another, at several rates, with other programs."""
    bench = prepared(bench)
    lives: dict[str, list[Life]] = {name: [] for name in systems(bench)}
    with running_broker(bench) as broker:
        for number in range(bench.options.runs):
            for name, seen in lives.items():
                say(f"  run {number + 1} of {bench.options.runs}: {name}")
                seen.append(live(bench, broker.servers, name, number))
    series = [one for name, seen in lives.items() for one in _series(name, seen, bench)]
    return Measured([*_start_lines(series), *_rate_lines(lives)], series)


def _series(name: str, lives: Sequence[Life], bench: Bench) -> list[Series]:
    """Return the points of one program in all plots."""
    rate, most = bench.options.start_rate, bench.options.start_seconds
    steady = [most if life.steady is None else life.steady for life in lives]
    result = [
        Series(FIRST_ANSWER, name, [point(rate, [life.first_answer for life in lives])]),
        Series(STEADY, name, [point(rate, steady, failed=None in [life.steady for life in lives])]),
    ]
    figures: dict[str, list[Point]] = {P50: [], P95: [], CORES: []}
    for at in bench.options.rates:
        phases = [life.phases[at] for life in lives if at in life.phases]
        if phases:
            failed = len(phases) < len(lives) or any(phase.behind for phase in phases)
            for plot, points in figures.items():
                points.append(point(at, [getattr(phase, plot) for phase in phases], failed=failed))
    return result + [Series(plot, name, points) for plot, points in figures.items()]


def _start_lines(series: Sequence[Series]) -> list[Line]:
    lines = []
    works = {FIRST_ANSWER: "from the launch to the first count", STEADY: "from the launch to a steady latency"}
    for plot, work in works.items():
        for mine, peer in _pairs(series, plot):
            our, their = mine.points[0], peer.points[0]
            words = f"{our.at:,.0f} words/s, {mine.name}: {work}"
            lines.append(_line(words, peer.name, f"{our.middle:.1f} s; {their.middle:.1f} s", _times(our, their)))
    return lines


def _rate_lines(lives: dict[str, list[Life]]) -> list[Line]:
    """Return a line for each rate: ours, and the peer that is the quickest at that rate."""
    lines = []
    for trigger in TRIGGERS:
        name = ours(trigger)
        for rate in sorted({at for life in lives[name] for at in life.phases}):
            phases = {
                other: [life.phases[rate] for life in seen if rate in life.phases] for other, seen in lives.items()
            }
            kept_up = [other for other, found in phases.items() if found and not any(one.behind for one in found)]
            peers = [other for other in kept_up if other not in {ours(one) for one in TRIGGERS}]
            best = min(peers, key=lambda other: _middle(phases[other])[0], default=None)
            measured, ratio = _text(rate, phases[name]), "-"
            if best is not None:
                measured += f"; {_text(rate, phases[best])}"
                ratio = f"{_middle(phases[name])[0] / max(1, _middle(phases[best])[0]):.2f}x the time"
            lines.append(
                _line(
                    f"Kafka to Kafka, one word a record, {rate:,} words/s, {name}",
                    best or "no peer keeps up",
                    measured,
                    ratio,
                    _goal(trigger, rate, phases[name]),
                )
            )
    return lines


def _pairs(series: Sequence[Series], plot: str) -> list[tuple[Series, Series]]:
    """Return each of our series of a plot with the best one of the others."""
    names = {ours(trigger) for trigger in TRIGGERS}
    others = [one for one in series if one.plot == plot and one.name not in names]
    best = min(others, key=lambda one: one.points[0].middle, default=None)
    return [(one, best) for one in series if best is not None and one.plot == plot and one.name in names]


def _goal(trigger: str, rate: int, phases: Sequence[Phase]) -> tuple[str, bool | None]:
    if (trigger, rate) not in _GOALS:
        return "-", None
    bounds = _GOALS[trigger, rate]
    parts = [f"{name} ≤ {bound} ms" for name, bound in zip((P50, P95), bounds, strict=True) if bound]
    within = all(value <= bound for value, bound in zip(_middle(phases), bounds, strict=True) if bound)
    return ", ".join(parts) or "kept up", within and not any(phase.behind for phase in phases)


def _line(work: str, peer: str, measured: str, ratio: str, goal: tuple[str, bool | None] = ("-", None)) -> Line:
    return Line(work, peer, measured, ratio, *goal)


def _times(our: Point, their: Point) -> str:
    return f"{our.middle / their.middle:.2f}x the time" if their.middle else "-"


def _middle(phases: Sequence[Phase]) -> tuple[float, float]:
    return median(phase.p50 for phase in phases), median(phase.p95 for phase in phases)


def _text(rate: int, phases: Sequence[Phase]) -> str:
    p50, p95 = _middle(phases)
    text = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms"
    if any(phase.behind for phase in phases):
        text += ", falls behind"
    held = min(phase.held for phase in phases)
    return text if held >= _HELD * rate else f"{text} (only {held:,.0f} words/s were sent)"
