"""What the README shows of Kafka prints what it says, at a broker of the test's own."""

from pathlib import Path

from tests.integration.test_readme import check_session, sessions
from tests.support.broker import Broker
from tests.support.processes import run


def test_the_commands_print_what_is_shown(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "hamlet.txt").write_text("to be or\nnot to be\nto stream or to batch\n")
    (tmp_path / "empty").write_bytes(b"")
    warm = f"kafka://{broker.servers}/{topic}-warm"
    assert run(tmp_path / "empty", "--to", warm, name="wordcount-producer").returncode == 0
    run("stream", warm, "--once")  # so that the connector is there, and nothing is said of fetching it
    shown = sessions(kafka=True)
    assert len(shown) >= 2
    for command, output in shown:
        check_session(command.replace("localhost:9092/lines", f"{broker.servers}/{topic}"), output, tmp_path)
