"""``wordcount demo``: a producer feeds real text, a stream counts it, and plain Python checks the totals."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from producer.common.arguments import examples
from producer.common.errors import WordCountError
from streaming.cli.options import Debug, say
from streaming.spark.java import find_java

EPILOG = examples("wordcount demo", "wordcount demo --debug")

_SECONDS = 15
_PATIENCE_SECONDS = 120.0


def independent_count(text: str) -> Counter[str]:
    r"""Count words in plain Python, by the default rule of ``split_words``.

    >>> sorted(independent_count("to be\n\nor  be").items())
    [('', 1), ('be', 2), ('or', 1), ('to', 1)]
    """
    return Counter(word for line in re.split(r"\r\n|\n|\r", text) if line for word in line.split(" "))


def text_to_count() -> str:
    """Return Python's own documentation, with single spaces: two in a row would count as an empty word."""
    from pydoc_data.topics import topics

    lines = "\n".join(topics.values()).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines)


def demo(debug: Debug = False) -> int:
    """Watch wordcount count real text for some 15 seconds.

    The totals are checked. Needs no preparation.
    """
    find_java(os.environ)  # without Java, nothing is started
    text = text_to_count()
    expected = independent_count(text)
    with tempfile.TemporaryDirectory(prefix="wordcount-demo-") as folder:
        counted = _run_demo(Path(folder), text, expected, debug=debug)
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


def _run_demo(folder: Path, text: str, expected: Counter[str], *, debug: bool) -> Counter[str]:
    """Feed a text into a watched folder until the stream has counted it, and return the counts that it saved."""
    lines = len(text.splitlines())
    (folder / "topics.txt").write_text(text, "utf-8")
    inbox, output, messages = folder / "inbox", folder / "counts", folder / "messages"
    inbox.mkdir()
    say(f"a producer feeds {lines:,} lines of Python's own documentation into {inbox}, and the stream counts them")
    options = [] if sys.stdout.isatty() else ["--top", "3"]
    options += ["--debug"] if debug else []
    feed = [str(folder / "topics.txt"), "--to", str(inbox), "--rate", str(lines // _SECONDS)]
    counts = output / "counts.txt"
    with ExitStack() as stack:
        # Its messages are shown only on failure: that the same command continues is no use in a temporary folder.
        stream_errors = None if debug else stack.enter_context(messages.open("wb"))
        stream = [str(inbox), "--output", str(output), "--snapshot-interval", "1s", *options]
        counting = stack.enter_context(_running("streaming", "stream", *stream, stderr=stream_errors))
        ready = output / "state" / "checkpoint" / "metadata"
        _wait_for(ready.exists, counting, messages)
        stack.enter_context(_running("producer", *feed, stderr=subprocess.DEVNULL))  # one screen is enough
        _wait_for(lambda: counts.exists() and read_text(counts) == expected, counting, messages)
    return read_text(counts) if counts.exists() else Counter()


@contextmanager
def _running(package: str, *arguments: str, stderr: IO[bytes] | int | None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one of the commands; stop it at the end of the block."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("WORDCOUNT_")}
    clean["WORDCOUNT_PREPARE"] = "never"  # the demo itself does it at its end, where its message is seen
    process = subprocess.Popen([sys.executable, "-m", package, *arguments], env=clean, stderr=stderr)  # noqa: S603  # ourselves
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def read_text(file: Path) -> Counter[str]:
    """Return the counts in a file that ``--format text`` wrote."""
    counts: Counter[str] = Counter()
    for line in file.read_text("utf-8").split("\n")[:-1]:
        word, _, count = line.rpartition(": ")
        counts[word] = int(count)
    return counts


def _wait_for(condition: Callable[[], bool], counting: "subprocess.Popen[bytes]", messages: Path) -> None:
    """Wait, with a bound, until a condition holds.

    Raises:
        WordCountError: the stream ended before that; the message has its last one.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        if counting.poll() is not None:
            lines = messages.read_text("utf-8").splitlines() if messages.exists() else []
            raise WordCountError(f"the stream ended early: {lines[-1] if lines else 'its messages are above'}")
        time.sleep(0.1)
