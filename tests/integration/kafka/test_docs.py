"""Every command with a Kafka topic that the pages show prints what the page says, at a broker of the test's own."""

import re
from pathlib import Path

import pytest

from tests.support.broker_settings import Broker
from tests.support.pages import PAGES, Session, check_session, sessions
from tests.support.warm import warm_shell

_WITH_TOPICS = [page for page in PAGES if sessions(page, broker=True)]


@pytest.mark.parametrize("page", _WITH_TOPICS)
def test_the_commands_print_what_is_shown(page: str, broker: Broker, topic: str, tmp_path: Path) -> None:
    def here(text: str) -> str:
        return re.sub(r"localhost:9092/(?=\w)", f"{broker.servers}/{topic}-", text)

    (shell := tmp_path / "shell").mkdir()
    (folder := tmp_path / "page").mkdir()
    with warm_shell(shell, kafka=True) as environment:  # which fetches the connector, so that no page has to show it
        for session in sessions(page, broker=True):
            check_session(Session(here(session.line), here(session.output)), folder, environment)
