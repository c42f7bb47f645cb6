"""The page of a stream that reads topics."""

import json
from functools import partial
from pathlib import Path

import httpx

from tests.support.broker_settings import Broker
from tests.support.kafka_commands import send
from tests.support.processes import Stream, run, wait_until
from tests.support.served import address_of
from tests.support.topics import make_topic


def page_of(stream: Stream) -> httpx.Client:
    return httpx.Client(base_url=address_of(stream), timeout=30)


def test_the_page_shows_partitions_and_records_behind(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, 2)
    send(broker, topic, [b"to be or", b"not to be"])
    source = f"kafka://{broker.servers}/{topic}"
    state = ("--checkpoint", tmp_path / "state")
    with Stream(source, *state, "--serve", "0") as stream, page_of(stream) as page:
        wait_until(lambda: page.get("/api/summary").json()["words"] == 6, "all words", pause=0.1)
        summary = page.get("/api/summary").json()
        assert (summary["partitions"], summary["files"], summary["distinct"]) == (2, None, 4)
        wait_until(lambda: page.get("/health").status_code == 200, "health", pause=0.1)
        behind = f'wordcount_records_behind{{partition="1",topic="{topic}"}} 0.0'
        wait_until(lambda: behind in page.get("/metrics").text, "the records behind", pause=0.1)
        assert stream.stop() == 0


def test_the_page_shows_the_words_of_each_checkpoint_in_real_time(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    to = f"kafka://{broker.servers}/{topic}-counts"
    arguments = (f"kafka://{broker.servers}/{topic}", "--output", to, "--checkpoint", tmp_path / "state")
    for counts in ({"to": 1, "be": 1, "or": 1}, {"to": 2, "be": 2, "or": 2}):
        with Stream(*arguments, "--trigger", "realtime:5s", "--serve", "0") as stream, page_of(stream) as page:
            send(broker, topic, [b"to be or"])
            wait_until(partial(shows, page, counts), "the words", pause=0.1)
            summary = page.get("/api/summary").json()
            assert (summary["words"], summary["distinct"], summary["warnings"]) == (sum(counts.values()), 3, [])
            assert (summary["lines"], summary["lines_per_second"], summary["hour"]["lines"]) == (None, None, None)
            assert page.get("/health").status_code == 200
            assert "wordcount_lines" not in page.get("/metrics").text
            exported = map(json.loads, page.get("/api/export?format=json").text.splitlines())
            assert {row["word"]: row["count"] for row in exported} == counts
            asked = run("get", tmp_path / "state", "or")
            assert asked.stdout == f"or: {counts['or']}\n"
            assert "the counts of the running stream, from http" in asked.stderr
            assert stream.stop() == 0


def shows(page: httpx.Client, counts: dict[str, int]) -> bool:
    return {row["word"]: row["count"] for row in page.get("/api/top").json()["words"]} == counts
