"""The row about the page. ``python -m benchmarks.rows.viewers TEXT SECONDS`` serves one and prints what it took."""

import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes import Bench, say
from benchmarks.results import Line
from benchmarks.rows.shown_counts import BATCHES, WORDS, ShownCounts
from streaming.serving.address import Address, listen
from streaming.serving.server import PageServer
from streaming.serving.status import Status

_VIEWERS = 10
_SECONDS = 60
_SHARE = 0.02


def viewers(bench: Bench) -> list[Line]:
    """Measure which share of a core the thread of the page takes with ten viewers, and what each of them is sent."""
    text = bench.folder / "text"
    text.write_bytes(bench.text.data)
    command = [sys.executable, "-m", "benchmarks.rows.viewers", str(text), str(_SECONDS)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    share, sent = map(float, result.stdout.split())
    say(f"  {_VIEWERS} viewers: {share:.1%}, {sent / 1000:.0f} kB/s each")
    return [
        Line(
            work=f"the page, {BATCHES * WORDS:,} words/s, {_VIEWERS} viewers of 50 words",
            peer="-",
            measured=f"{share:.1%} of a core; {sent / 1000:.0f} kB/s to each",
            ratio="-",
            goal=f"≤ {_SHARE:.0%}",
            reached=share <= _SHARE,
        )
    ]


def main() -> None:
    """Serve the counts of a stream of words; print the share of a core that it took, and bytes a second to a viewer."""
    path, seconds = sys.argv[1:]
    counts = ShownCounts(Path(path), keeps_hour=True)
    listener = listen(Address("127.0.0.1", 0))
    received = [0] * _VIEWERS
    with ExitStack() as stack:
        for number in range(_VIEWERS):
            viewer = stack.enter_context(watch(*listener.getsockname()))
            threading.Thread(target=_read, args=(viewer, received, number), daemon=True).start()
        stack.enter_context(PageServer(listener, Status("text", state="running", counts=counts.shared), say))
        thread = next(thread for thread in threading.enumerate() if thread.name == "page")
        before = sum(received)
        share = counts.share_of_a_core(thread.ident or 0, float(seconds))
        sent = (sum(received) - before) / float(seconds) / _VIEWERS
    sys.stdout.write(f"{share} {sent}\n")


def watch(host: str, port: int) -> socket.socket:
    """Return the connection of a viewer of a page, who has read nothing yet."""
    viewer = socket.create_connection((host, port))
    viewer.sendall(b"GET /api/events?n=50 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return viewer


def _read(viewer: socket.socket, received: list[int], number: int) -> None:
    while data := viewer.recv(65_536):
        received[number] += len(data)


if __name__ == "__main__":
    main()
