"""What was measured, as lines of the table, and where that is kept between runs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.processes import say

_FILE = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Line:
    """A line of the table; ``reached`` is whether ``ratio``, or what stands for it, reaches the ``goal``."""

    work: str
    peer: str
    measured: str
    ratio: str
    goal: str
    reached: bool


@dataclass(frozen=True)
class Result:
    """What one measurement gave, and on which day (as 2026-11-23)."""

    day: str
    lines: Sequence[Line]


def load(machine: Mapping[str, str]) -> dict[str, Result]:
    """Return the last results by name of measurement, if they were made on this machine with these versions."""
    if not _FILE.exists():
        return {}
    kept = json.loads(_FILE.read_text("utf-8"))
    if kept["machine"] != dict(machine):
        say("the figures kept are of another machine or other versions, and are dropped")
        return {}
    return {
        name: Result(result["day"], [Line(**line) for line in result["lines"]])
        for name, result in kept["results"].items()
    }


def save(machine: Mapping[str, str], results: Mapping[str, Result]) -> None:
    """Keep the results for later runs."""
    content = {"machine": dict(machine), "results": {name: asdict(result) for name, result in results.items()}}
    _FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
