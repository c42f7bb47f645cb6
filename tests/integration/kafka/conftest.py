from collections.abc import Iterator

import pytest

from tests.support.broker import running_broker
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import Broker, make_certificates


@pytest.fixture(scope="session")
def one_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker of all tests. They ask for ``broker``, which brings it back after a test that failed."""
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def broker(one_broker: Broker) -> Iterator[Broker]:
    yield one_broker
    one_broker.restore()


@pytest.fixture
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessBroker]:
    """A broker whose files the test may change."""
    folder = tmp_path_factory.mktemp("own-broker")
    broker = ProcessBroker(folder, make_certificates(folder / "certificates"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def topic(request: pytest.FixtureRequest) -> str:
    """The name of a topic that no other test uses."""
    name = f"{request.path.stem}-{request.node.name}"
    return "".join(char if char.isalnum() else "-" for char in name)[:180]
