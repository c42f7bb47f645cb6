"""What was measured: lines of the table, kept in a file between runs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Line:
    """A line of the table; ``reached`` says whether the measurement reaches the ``goal``."""

    work: str
    peer: str
    measured: str
    ratio: str
    goal: str
    reached: bool


@dataclass(frozen=True)
class Result:
    """The result of one row: the day (as 2026-11-23), the machine with its versions, and the lines."""

    day: str
    machine: str
    lines: Sequence[Line]


def load() -> dict[str, Result]:
    """Return the last results, by the name of the row."""
    if not _FILE.exists():
        return {}
    return {
        name: Result(result["day"], result["machine"], [Line(**line) for line in result["lines"]])
        for name, result in json.loads(_FILE.read_text("utf-8")).items()
    }


def save(results: Mapping[str, Result]) -> None:
    """Write the results for later runs."""
    content = {name: asdict(result) for name, result in results.items()}
    _FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
