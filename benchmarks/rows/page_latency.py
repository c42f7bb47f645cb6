"""The row about the page of a real stream: how soon a line is on it, and what it costs in memory."""

import http.client
import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

from benchmarks.processes import Bench, error_tail, family, say, started, wordcount
from benchmarks.results import Line
from benchmarks.rows.live import one_by_one, percentiles

_SEED = 20261130
_LINES = 100
_VIEWERS = 10
_START_BOUND = 120.0
_ADDRESS = re.compile(r"the counts are at http://([^/]+)/")


def page_latency(bench: Bench) -> list[Line]:
    """Measure the time from a line in a log to its word's new count on the page, with ten viewers."""
    log = bench.folder / "app.log"
    log.write_text("started\n")
    plain = _plain_memory(bench, log)
    command = wordcount("stream", log, "--checkpoint", bench.folder / "state", "--trigger", "0s", "--serve", "0")
    with ExitStack() as stack:
        process = stack.enter_context(started(bench, command, subprocess.DEVNULL))
        address = address_of(bench)
        for _ in range(_VIEWERS - 1):
            threading.Thread(target=_read_all, args=(address,), daemon=True).start()
        counts = _counts(stack, address, "probe")
        written = next(counts)

        def measure(_: str) -> float:
            nonlocal written
            written += 1
            began = time.monotonic()
            with log.open("a") as file:
                file.write("probe\n")
            while next(counts) < written:
                pass
            return time.monotonic() - began

        times = one_by_one(measure, _LINES, Random(_SEED))
        more = _memory(process) - plain
    say(f"  {more / 1e6:.0f} MB more than without the page")
    work = f"from a line in a log to the page, `--trigger 0s`, {_LINES} lines, {_VIEWERS} viewers"
    return [percentiles(work, times, 0.25, 0.5), Line("the page, memory", "-", f"{more / 1e6:.0f} MB", "-", "-", None)]


def _memory(process: subprocess.Popen[bytes]) -> int:
    """Return the resident memory of the command without Java, in bytes: the page is served by Python."""
    return int(family(process)[0].memory_info().rss)


def _plain_memory(bench: Bench, log: Path) -> int:
    """Return what the same stream takes without the page, once it has counted as many batches."""
    output = bench.folder / "printed"
    command = wordcount("stream", log, "--checkpoint", bench.folder / "plain", "--trigger", "0s")
    with output.open("wb") as file, started(bench, command, file) as process:

        def measure(_: str) -> float:
            began, size = time.monotonic(), output.stat().st_size
            with log.open("a") as written:
                written.write("probe\n")
            while output.stat().st_size == size:
                time.sleep(0.005)
            return time.monotonic() - began

        while not output.stat().st_size:
            time.sleep(0.05)
        one_by_one(measure, _LINES, Random(_SEED))
        return _memory(process)


def address_of(bench: Bench) -> str:
    """Wait for the address of the page of the command that runs, and return it."""
    end = time.monotonic() + _START_BOUND
    while time.monotonic() < end:
        if found := _ADDRESS.search(error_tail(bench)):
            return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"the page did not begin: {error_tail(bench)}")


def _counts(stack: ExitStack, address: str, word: str) -> Iterator[int]:
    """Yield the count of a word in each update of the page."""
    connection = http.client.HTTPConnection(address)
    stack.callback(connection.close)
    connection.request("GET", f"/api/events?n=50&pin={word}")
    with connection.getresponse() as response:
        for line in response:
            if line.startswith(b"data: "):
                yield int(json.loads(line[6:])["pinned"][0]["count"])


def _read_all(address: str) -> None:
    """Read the updates of the page as long as there are any."""
    connection = http.client.HTTPConnection(address)
    connection.request("GET", "/api/events?n=50")
    with connection.getresponse() as response:
        while response.read1():
            pass
