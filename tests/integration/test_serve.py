"""The page of a stream that runs, asked as its users do."""

import csv
import io
import json
import socket
import stat
import threading
from collections import Counter
from pathlib import Path

import httpx
import psutil

from tests.support.processes import PATIENCE, Stream, run, wait_until
from tests.support.served import address_of, listening_hosts, updates

_HOSTILE = ["<img/src=x/onerror=alert(1)>", "\x1b[31mred", "nul\x00nul", "한국어", "w" * 10_000, "a/b?c=d"]


def wait_for_words(page: httpx.Client, words: int) -> None:
    wait_until(lambda: page.get("/api/summary").json()["words"] == words, "all words", pause=0.1)


def check_exports(page: httpx.Client, expected: Counter[str]) -> None:
    for format_name in ("text", "csv", "json", "parquet"):
        assert page.get(f"/api/export?format={format_name}").status_code == 200
    rows = list(csv.DictReader(io.StringIO(page.get("/api/export").text, newline="")))
    assert {row["word"]: int(row["count"]) for row in rows} == expected


def check_commands(output: Path, url: str, expected: Counter[str]) -> None:
    note = output / "state" / "page.json"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    top = run("top", output, "-n", "2")
    assert (top.stdout, top.returncode) == ("to: 4\nbe: 3\n", 0)
    assert f"from {url}" in top.stderr
    get = run("get", output, "to", "none", "a/b?c=d")
    assert get.stdout == "to: 4\nnone: 0\na/b?c=d: 2\n"
    export = run("export", output, "--format", "json")
    assert {row["word"]: row["count"] for row in map(json.loads, export.stdout.splitlines())} == expected
    note.write_text(json.dumps({"url": url, "identity": "another"}))
    stale = run("top", output, "-n", "1")
    assert stale.stdout == "to: 4\n"
    assert "the counts after batch" in stale.stderr


def check_end(page: httpx.Client, stream: Stream) -> None:
    last: list[dict[str, object]] = []
    viewing = threading.Event()

    def view() -> None:
        with page.stream("GET", "/api/events") as events:
            for update in updates(events):
                last[:] = [update]
                viewing.set()

    viewer = threading.Thread(target=view)
    viewer.start()
    assert viewing.wait(PATIENCE)
    assert stream.stop() == 0
    viewer.join(PATIENCE)
    assert last[0]["summary"]["state"] == "ended"  # type: ignore[index]


def test_the_page_agrees_with_what_was_written(tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    expected = Counter[str]()

    def write(name: str, lines: list[str]) -> None:
        (folder / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")
        for line in lines:
            expected.update(word for word in line.split(" ") if word)

    write("a.txt", ["to be or not to be", *_HOSTILE])
    (folder / "broken.gz").write_bytes(b"no gzip")
    with Stream(folder, "--output", output, "--serve", "0", "--settle", "100ms") as stream:
        url = address_of(stream)
        assert url.startswith("http://127.0.0.1:")
        assert listening_hosts(stream) <= {"127.0.0.1", "::1"}
        with httpx.Client(base_url=url, timeout=30) as page:
            wait_for_words(page, expected.total())
            write("b.txt", ["to be", "is to do", *_HOSTILE])
            wait_for_words(page, expected.total())
            summary = page.get("/api/summary").json()
            assert (summary["lines"], summary["distinct"], summary["state"]) == (15, len(expected), "running")
            rows = page.get("/api/top?n=500").json()["words"]
            assert [(row["word"], row["count"]) for row in rows] == sorted(
                expected.items(), key=lambda row: (-row[1], row[0])
            )
            wait_until(lambda: page.get("/health").json() == {"status": "ok"}, "health")
            wait_until(lambda: page.get("/api/summary").json()["warnings"] != [], "the warning of the broken file")
            metrics = page.get("/metrics").text
            assert f"wordcount_words_total {float(expected.total())}" in metrics
            assert 'wordcount_warnings_total{kind="files"} 1.0' in metrics
            assert not any(word in metrics for word in _HOSTILE)

            check_exports(page, expected)
            check_commands(output, url, expected)
            taken = run("stream", folder, "--serve", f"127.0.0.1:{page.base_url.port}", patience=PATIENCE)
            assert taken.returncode == 1
            assert "Address already in use; give another port" in taken.stderr
            check_end(page, stream)
        assert stream.counts["to"] == 4, "words are printed all the same"
        assert not (output / "state" / "page.json").exists()


def test_windows_are_shown_open_and_closed(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("2026-11-29T10:00:10Z a b\n2026-11-29T10:01:10Z a\n2026-11-29T10:05:00Z c\n", "utf-8")
    options = ("--window", "1m", "--time-format", "iso", "--late", "1s", "--time-zone", "UTC")
    with (
        Stream(log, "--from", "start", *options, "--serve", "0") as stream,
        httpx.Client(base_url=address_of(stream), timeout=30) as page,
    ):

        def windows() -> list[dict[str, object]]:
            answer = page.get("/api/windows?word=a").json()
            return answer.get("windows", [])

        wait_until(lambda: [each["is_open"] for each in windows()] == [False, False, True], "the windows", pause=0.2)
        first, second, third = windows()
        assert (first["start"], first["end"]) == ("2026-11-29T10:00:00Z", "2026-11-29T10:01:00Z")
        assert (first["count"], second["count"], third["count"]) == (1, 1, 0)
        assert {word["word"] for word in third["words"]} >= {"c"}  # type: ignore[attr-defined]
        summary = page.get("/api/summary").json()
        assert (summary["is_windowed"], summary["lines"]) == (True, 3)
        with log.open("a") as lines:
            lines.write("2026-11-29T10:05:01Z c\n")
        wait_until(lambda: {"word": "c", "count": 2} in windows()[-1]["words"], "the window that grows", pause=0.2)  # type: ignore[operator]
        assert stream.stop() == 0


def test_lines_that_close_windows_of_arrival_are_not_counted(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("a b\n\na\n", "utf-8")
    with (
        Stream(log, "--from", "start", "--window", "1s", "--trigger", "0s", "--serve", "0") as stream,
        httpx.Client(base_url=address_of(stream), timeout=30) as page,
    ):
        wait_until(lambda: len(stream.counts) == 2, "the first window")
        with log.open("a") as lines:
            lines.write("a\n")
        wait_until(lambda: len(stream.counts) == 3, "the second window")
        assert page.get("/api/summary").json()["lines"] == 4
        assert stream.stop() == 0


def test_an_address_that_cannot_be_used_is_refused_at_once(tmp_path: Path) -> None:
    for value in ("x", "localhost", ":80", "1.2.3.4:70000"):
        refused = run("stream", tmp_path, "--serve", value)
        assert refused.returncode == 2
        assert "give PORT or HOST:PORT" in refused.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("stream", tmp_path, "--serve", str(taken.getsockname()[1]))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "in use" in refused.stderr
    for host in ("192.0.2.1", "a..b"):
        refused = run("stream", tmp_path, "--serve", f"{host}:0")
        assert (refused.returncode, "give another port or host" in refused.stderr) == (1, True)


def test_a_stream_whose_java_hangs_is_not_well_until_it_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with (
        Stream(folder, "--serve", "0", "--stuck-after", "2s", "--settle", "100ms") as stream,
        httpx.Client(base_url=address_of(stream), timeout=30) as page,
    ):
        wait_until(lambda: page.get("/health").status_code == 200, "health", pause=0.1)
        (java,) = (
            each for each in psutil.Process(stream.process.pid).children(recursive=True) if each.name() == "java"
        )
        java.suspend()
        try:
            (folder / "a.txt").write_text("word\n")
            wait_until(lambda: page.get("/health").status_code == 503, "a stream that is stuck", pause=0.1)
            assert "the stream has not answered for" in page.get("/health").json()["error"]
        finally:
            java.resume()
        stream.wait_for(word=1)
        wait_until(lambda: page.get("/health").status_code == 200, "health again", pause=0.1)
        assert stream.stop() == 0
