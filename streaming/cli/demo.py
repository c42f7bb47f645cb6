"""Show the whole way at work: a producer feeds real text, the stream counts it, plain Python checks the totals."""

import pydoc_data.topics
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from producer.common.errors import WordCountError
from streaming.spark.java import find_java

_SECONDS = 15
_PATIENCE_SECONDS = 120.0


def independent_count(text: str) -> Counter[str]:
    r"""Count words in plain Python, by the rule that ``split_words`` has in Spark.

    >>> sorted(independent_count("to be\n\nor  be").items())
    [('', 1), ('be', 2), ('or', 1), ('to', 1)]
    """
    return Counter(word for line in re.split(r"\r\n|\n|\r", text) if line for word in line.split(" "))


def run_demo(say: Callable[[str], None], environment: dict[str, str], *, debug: bool) -> int:
    """Run the demonstration in a temporary folder; return 0 if the totals agree, else 1."""
    find_java(environment)  # its absence is best told before anything starts
    clean = {name: value for name, value in environment.items() if not name.startswith("WORDCOUNT_")}
    text = "\n".join(pydoc_data.topics.topics.values())
    lines = len(text.splitlines())
    with tempfile.TemporaryDirectory(prefix="wordcount-demo-") as name:
        folder = Path(name)
        (folder / "topics.txt").write_text(text, "utf-8")
        inbox, output = folder / "inbox", folder / "counts"
        inbox.mkdir()
        say(f"a producer feeds {lines:,} lines of Python's own documentation into {inbox}, the stream counts them")
        stream = [*_python("streaming"), "stream", str(inbox), "--output", str(output), "--snapshot-interval", "1s"]
        shown = [] if sys.stdout.isatty() else ["--top", "3"]
        # Its messages are shown where it fails: that the same command goes on from a folder soon gone is of no use.
        messages = None if debug else (folder / "messages").open("wb")
        debugging = ["--debug"] if debug else []
        counting = subprocess.Popen([*stream, *shown, *debugging], env=clean, stderr=messages)  # noqa: S603  # ourselves
        feed = [*_python("producer"), str(folder / "topics.txt"), "--to", str(inbox), "--rate", str(lines // _SECONDS)]
        expected = independent_count(text)
        counts = output / "counts.txt"
        feeding = None
        try:
            ready = output / "state" / "checkpoint" / "metadata"
            _wait_for(ready.exists, counting, folder / "messages")
            feeding = subprocess.Popen(feed, env=clean, stderr=subprocess.DEVNULL)  # noqa: S603  # ourselves; one screen is enough
            _wait_for(lambda: counts.exists() and read_text(counts) == expected, counting, folder / "messages")
        finally:
            for process in (feeding, counting):
                if process is not None:
                    process.send_signal(signal.SIGTERM)
                    process.wait()
        counted = read_text(counts) if counts.exists() else Counter[str]()
    words = f"{expected.total():,} words, {len(expected):,} of them distinct"
    if counted != expected:
        say(f"WRONG: plain Python counts {words}; the stream counted {counted.total():,}, {len(counted):,} distinct")
        return 1
    command = sys.argv[0] if sys.argv[0].endswith("wordcount") else "wordcount"
    say(f"right: the stream and an independent count in plain Python agree on {words}")
    say(
        f"next: '{command} batch FILE --top 10' counts a file;"
        f" '{command} stream FOLDER --output COUNTS' watches a folder"
    )
    return 0


def read_text(file: Path) -> Counter[str]:
    """Return the counts in a file that ``--format text`` wrote."""
    counts: Counter[str] = Counter()
    for line in file.read_text("utf-8").split("\n")[:-1]:
        word, _, count = line.rpartition(": ")
        counts[word] = int(count)
    return counts


def _wait_for(condition: Callable[[], bool], counting: "subprocess.Popen[bytes]", messages: Path) -> None:
    """Wait, with a bound, until a condition holds; raise with its last message if the stream ends before."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        if counting.poll() is not None:
            said = messages.read_text("utf-8").splitlines() if messages.exists() else []
            raise WordCountError(f"the stream ended early: {said[-1] if said else 'what it said stands above'}")
        time.sleep(0.1)


def _python(package: str) -> list[str]:
    return [sys.executable, "-m", package]
