"""Every command with a Kafka topic that the pages show prints what the page says, at a broker of the test's own."""

import re
from pathlib import Path

import pytest

from tests.support.broker import Broker
from tests.support.pages import PAGES, Session, check_session, sessions
from tests.support.processes import run

_WITH_TOPICS = [page for page in PAGES if sessions(page, broker=True)]


@pytest.fixture(scope="module", autouse=True)
def connector(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have Spark's connector in the cache, so that no page has to show the message that it is fetched."""
    line = tmp_path_factory.mktemp("connector") / "line"
    line.write_text("line\n")
    warm = f"kafka://{broker.servers}/docs-connector"
    assert run(line, "--to", warm, name="wordcount-producer").returncode == 0
    run("stream", warm, "--once")


@pytest.mark.parametrize("page", _WITH_TOPICS)
def test_the_commands_print_what_is_shown(page: str, broker: Broker, topic: str, tmp_path: Path) -> None:
    def here(text: str) -> str:
        return re.sub(r"localhost:9092/(?=\w)", f"{broker.servers}/{topic}-", text)

    for session in sessions(page, broker=True):
        check_session(Session(here(session.line), here(session.output)), tmp_path)
