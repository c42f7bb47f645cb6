"""The table, on the terminal and in README.md."""

import os
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.results import Line, Result
from streaming.spark.java import Java

_README = Path(__file__).parent.parent / "README.md"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"
_HEAD = ("work", "compared with", "measured (median)", "ratio", "to reach", "reached")
_REACHED = {True: "yes", False: "**no**", None: "-"}


def machine(java: Java) -> str:
    """Return a description of this machine, with the versions of what is measured."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB memory;"
        f" {platform.system()} {platform.release()};"
        f" Python {platform.python_version()}, Java {java.version}, Spark {version('pyspark')}"
    )


def table(results: Iterable[Result]) -> str:
    """Return the table in Markdown, with aligned columns."""
    rows = [_HEAD] + [_cells(line) for result in results for line in result.lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |\n" for row in rows
    )


def write_readme(results: Mapping[str, Result]) -> None:
    """Write the table, and when and on what each row was measured, between the marks in README.md."""
    write_between_marks(_README, f"{table(results.values())}\n{when(results)}")


def when(results: Mapping[str, Result]) -> str:
    """Return when and on what each row was measured, as a list in Markdown."""
    measured: dict[tuple[str, str, str], list[str]] = {}
    for name, result in results.items():
        measured.setdefault((result.day, result.machine, result.note), []).append(f"`{name}`")
    runs = [
        f"- {', '.join(names)}: {day}, {on}." + (f" **Not the real figures: {note}.**" if note else "")
        for (day, on, note), names in sorted(measured.items())
    ]
    return "\n".join(["Measured when, and on what:\n", *runs]) + "\n"


def write_between_marks(file: Path, figures: str) -> None:
    """Replace what stands between the marks of a page."""
    text = file.read_text("utf-8")
    marked = re.compile(f"{re.escape(_BEGIN)}.*{re.escape(_END)}", re.DOTALL)
    file.write_text(marked.sub(lambda _: f"{_BEGIN}\n{figures}\n{_END}", text), "utf-8")


def _cells(line: Line) -> tuple[str, ...]:
    return line.work, line.peer, line.measured, line.ratio, line.goal, _REACHED[line.reached]


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()
