"""The page of a stream that reads topics."""

from pathlib import Path

import httpx

from tests.support.broker_settings import Broker
from tests.support.kafka_commands import send
from tests.support.processes import Stream, wait_until
from tests.support.served import address_of
from tests.support.topics import make_topic, table


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


def test_the_page_says_why_it_shows_no_words_in_real_time(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic)
    send(broker, topic, [b"to be"])
    to = f"kafka://{broker.servers}/{topic}-counts"
    arguments = (f"kafka://{broker.servers}/{topic}", "--output", to, "--checkpoint", tmp_path / "state")
    with Stream(*arguments, "--trigger", "realtime:5s", "--serve", "0") as stream, page_of(stream) as page:
        wait_until(lambda: table(broker.servers, f"{topic}-counts") == {"to": 1, "be": 1}, "the counts")
        wait_until(lambda: page.get("/health").status_code == 200, "health", pause=0.1)
        summary = page.get("/api/summary").json()
        assert "in real time" in summary["no_words"]
        assert (summary["lines"], summary["words"], summary["warnings"]) == (None, None, [])
        assert page.get("/api/words/to").json()["error"] == summary["no_words"]
        assert page.get("/api/export").status_code == 503
        assert not (tmp_path / "state" / "page.json").exists()
        assert stream.stop() == 0
