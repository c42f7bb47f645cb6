"""The row about the live view. ``python -m benchmarks.rows.screen TEXT SECONDS`` shows one and prints what it took."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

from benchmarks.processes import Bench, say
from benchmarks.results import Line
from streaming.live_view.model import CountedBefore, Model
from streaming.live_view.screen import Screen
from streaming.spark.metrics import BatchTotals, PreviousBatch

_SIZES = ((80, 24), (200, 60))
_SECONDS = 60
_BATCHES, _WORDS = 4, 1000  #: batches per second, and words in each
_MINUTES = 5  #: the view shows the counts of this many minutes
_SHARE = 0.03


def screen(bench: Bench) -> list[Line]:
    """Measure which share of a core the live view takes, on terminals of two sizes."""
    text = bench.folder / "text"
    text.write_bytes(bench.text.data)
    shares = [_share(text, *size) for size in _SIZES]
    names = "; ".join(f"{columns}x{rows}" for columns, rows in _SIZES)
    return [
        Line(
            work=f"the live view, {_BATCHES * _WORDS:,} words/s, {names}",
            peer="-",
            measured="; ".join(f"{share:.1%} of a core" for share in shares),
            ratio="-",
            goal=f"≤ {_SHARE:.0%}",
            reached=max(shares) <= _SHARE,
        )
    ]


def _share(text: Path, columns: int, rows: int) -> float:
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    command = [sys.executable, "-m", "benchmarks.rows.screen", str(text), str(_SECONDS)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=other, stdout=other, stderr=subprocess.PIPE, env=environment) as process:
        os.close(other)
        threading.Thread(target=_drain, args=(main,), daemon=True).start()
        share = float(process.communicate()[1])
    say(f"  {columns}x{rows}: {share:.1%}")
    return share


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # what Linux reports at the end of a terminal
        os.close(terminal)


def main() -> None:
    """Show a stream of words, and print the share of a core that the drawing thread took."""
    path, seconds = sys.argv[1:]
    words = cycle(Path(path).read_text("utf-8").split(" "))
    counts = Counter[str]()
    batches = 0

    def next_batch() -> tuple[list[tuple[str, int]], BatchTotals, PreviousBatch]:
        batch = Counter(islice(words, _WORDS))
        counts.update(batch)
        changed = [(word, counts[word]) for word in batch]
        return changed, BatchTotals(_WORDS // 10, _WORDS, len(counts)), PreviousBatch(1 / _BATCHES)

    first = time.monotonic() - _MINUTES * 60
    model = Model(CountedBefore(), first)
    for number in range(_MINUTES * 60 * _BATCHES):
        model.update(*next_batch(), first + number / _BATCHES)
    with Screen(model, None, lambda _: None) as shown:
        thread = next(thread for thread in threading.enumerate() if thread.name == "screen")
        clock = time.pthread_getcpuclockid(thread.ident or 0)
        begin, before = time.monotonic(), time.clock_gettime(clock)
        while time.monotonic() < begin + float(seconds):
            batches += 1
            shown.update(*next_batch())
            time.sleep(max(0.0, begin + batches / _BATCHES - time.monotonic()))
        used = time.clock_gettime(clock) - before
        share = used / (time.monotonic() - begin)
    sys.stderr.write(f"{share}\n")


if __name__ == "__main__":
    main()
