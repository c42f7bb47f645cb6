"""A stream that runs is asked; one that is gone is not waited for."""

import socket
import stat
from pathlib import Path

from streaming import running_stream
from streaming.running_stream import Page
from tests.support.served import running, served


def test_the_note_is_there_while_the_stream_runs_and_private(tmp_path: Path) -> None:
    page = Page("http://127.0.0.1:1/", "me")
    assert running_stream.find_page(tmp_path) is None
    with running_stream.noted(tmp_path, page):
        assert running_stream.find_page(tmp_path) == page
        assert stat.S_IMODE((tmp_path / "page.json").stat().st_mode) == 0o600
    assert running_stream.find_page(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_is_no_note_is_none(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", "1", '{"url": "x"}', '{"url": "http://a:x/", "identity": "b"}', "\xff"):
        (tmp_path / "page.json").write_text(text, "latin-1")
        assert running_stream.find_page(tmp_path) is None


def test_a_running_stream_gives_its_counts(tmp_path: Path) -> None:
    status = running(**{"a/b?c=d": 3, "b": 2})
    status.export = lambda _: tmp_path / "made"
    (tmp_path / "made").write_bytes(b"word,count\n")
    with served(status) as client:
        page = Page(str(client.base_url), status.identity)
        assert running_stream.top(page, 1) == [("a/b?c=d", 3)]
        assert running_stream.counts_of(page, ["a/b?c=d", "none", ".."]) == [("a/b?c=d", 3), ("none", 0), ("..", 0)]
        assert running_stream.export(page, "csv", tmp_path / "file")
        assert (tmp_path / "file").read_bytes() == b"word,count\n"


def test_what_the_stream_does_not_know_exactly_is_not_asked_there(tmp_path: Path) -> None:
    status = running(a=3)
    assert status.counts is not None
    with status.counts.read() as counts:
        counts.trends.is_complete = False
    with served(status) as client:
        page = Page(str(client.base_url), status.identity)
        assert running_stream.top(page, 501) is None
        assert running_stream.counts_of(page, ["a", "none"]) is None
        assert running_stream.counts_of(page, ["a"]) == [("a", 3)]
        assert not running_stream.export(page, "csv", tmp_path / "file")


def test_another_stream_and_one_that_is_gone_are_no_stream(tmp_path: Path) -> None:
    with served(running(a=3)) as client:
        other = Page(str(client.base_url), "somebody else")
        assert running_stream.top(other, 1) is None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = Page(f"http://127.0.0.1:{listener.getsockname()[1]}/", "me")
    assert running_stream.top(gone, 1) is None
    assert not running_stream.export(gone, "csv", tmp_path / "file")


def test_before_the_first_batch_the_state_is_asked() -> None:
    status = running()
    with served(status) as client:
        page = Page(str(client.base_url), status.identity)
        assert running_stream.top(page, 1) is None
        assert running_stream.counts_of(page, ["a"]) is None
