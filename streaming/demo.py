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

from producer.errors import WordCountError
from streaming.java import find_java

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
        counting = subprocess.Popen([*stream, *shown, *(["--debug"] if debug else [])])  # noqa: S603  # ourselves
        feed = [*_python("producer"), str(folder / "topics.txt"), "--to", str(inbox), "--rate", str(lines // _SECONDS)]
        feeding = subprocess.Popen(feed)  # noqa: S603  # ourselves
        expected = independent_count(text)
        try:
            counted = _wait_for(expected, output / "counts.txt", counting)
        finally:
            feeding.terminate()
            counting.send_signal(signal.SIGTERM)
            feeding.wait()
            counting.wait()
    words = f"{expected.total():,} words, {len(expected):,} of them distinct"
    if counted != expected:
        say(f"WRONG: plain Python counts {words}; the stream counted {counted.total():,}, {len(counted):,} distinct")
        return 1
    say(f"right: the stream and an independent count in plain Python agree on {words}")
    say(
        "next: 'wordcount batch FILE --top 10' counts a file;"
        " 'wordcount stream FOLDER --output COUNTS' watches a folder"
    )
    return 0


def read_text(file: Path) -> Counter[str]:
    """Return the counts in a file that ``--format text`` wrote."""
    counts: Counter[str] = Counter()
    for line in file.read_text("utf-8").split("\n")[:-1]:
        word, _, count = line.rpartition(": ")
        counts[word] = int(count)
    return counts


def _wait_for(expected: Counter[str], file: Path, counting: "subprocess.Popen[bytes]") -> Counter[str]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        counted = read_text(file) if file.exists() else Counter[str]()
        if counted == expected or time.monotonic() > deadline:
            return counted
        if counting.poll() is not None:
            raise WordCountError("the stream ended early; what it said stands above")
        time.sleep(0.1)


def _python(package: str) -> list[str]:
    return [sys.executable, "-m", package]
