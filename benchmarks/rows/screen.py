"""The row about the live view. ``python -m benchmarks.rows.screen TEXT SECONDS`` shows one and prints what it took."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

from benchmarks.processes import Bench, say
from benchmarks.results import Line
from benchmarks.rows.shown_counts import BATCHES, WORDS, ShownCounts
from streaming.live_view.screen import Screen

_SIZES = ((80, 24), (200, 60))
_SECONDS = 60
_SHARE = 0.03


def screen(bench: Bench) -> list[Line]:
    """Measure which share of a core the live view takes, on terminals of two sizes."""
    text = bench.folder / "text"
    text.write_bytes(bench.text.data)
    shares = [_share(text, *size) for size in _SIZES]
    names = "; ".join(f"{columns}x{rows}" for columns, rows in _SIZES)
    return [
        Line(
            work=f"the live view, {BATCHES * WORDS:,} words/s, {names}",
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
    counts = ShownCounts(Path(path), keeps_hour=False)
    with Screen(counts.shared, None, lambda _: None):
        thread = next(thread for thread in threading.enumerate() if thread.name == "screen")
        share = counts.share_of_a_core(thread.ident or 0, float(seconds))
    sys.stderr.write(f"{share}\n")


if __name__ == "__main__":
    main()
