"""A broker whose settings do not let a producer work: one line names the setting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.broker import started_at_free_ports
from tests.support.broker_process import ProcessBroker
from tests.support.broker_settings import Broker, make_certificates
from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused

FAILED = 1


@pytest.fixture
def unfit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A broker with one setting."""

    def make(folder: Path) -> ProcessBroker:
        return ProcessBroker(folder, make_certificates(folder / "certificates"), settings=request.param)

    with started_at_free_ports(make, tmp_path) as broker:
        yield broker


@pytest.mark.parametrize(
    ("unfit", "parts"),
    [
        (
            {"transaction.state.log.replication.factor": "3"},
            ["has no topic __transaction_state", "set transaction.state.log.replication.factor"],
        ),
        ({"transaction.max.timeout.ms": "10000"}, ["raise transaction.max.timeout.ms"]),
    ],
    indirect=["unfit"],
)
def test_a_broker_that_has_no_transactions_for_us(
    unfit: Broker, in_process: InProcess, topic: str, tmp_path: Path, parts: list[str]
) -> None:
    (tmp_path / "a.txt").write_text("to be\n")
    arguments = [str(tmp_path / "a.txt"), "--to", f"kafka://{unfit.servers}/{topic}", "--patience", "2s"]
    result = in_process(*arguments, name="wordcount-producer")
    assert_refused(result, *parts, status=FAILED)
