"""TLS and a login: one client.properties serves the producer and Spark, and nothing written holds the password.

Each command is a process of its own: one that a broker refuses leaves connections that go on trying until it ends.
"""

from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.broker_settings import PASSWORD, USER, Broker
from tests.support.client_files import write_login
from tests.support.processes import Stream, run, wait_until
from tests.support.refusals import assert_refused
from tests.support.topics import make_topic, table

_WRONG = "not-the-password"


@pytest.fixture
def config(broker: Broker, tmp_path: Path) -> Path:
    return write_login(tmp_path / "client.properties", broker.certificates, USER, "${env:KAFKA_PASSWORD}")


@pytest.mark.both_brokers
def test_producer_and_stream_log_in(broker: Broker, topic: str, tmp_path: Path, config: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"to be or\nnot to be\n")
    at = f"kafka://{broker.secure_servers}/{topic}"
    env = {"KAFKA_PASSWORD": PASSWORD}
    result = run(
        tmp_path / "a.txt", "--to", at, "--kafka-config", config, "--debug", name="wordcount-producer", env=env
    )
    assert result.returncode == 0, result.stderr
    assert PASSWORD not in result.stderr
    make_topic(broker.servers, f"{topic}-counts", cleanup_policy="compact")
    arguments = [at, "--kafka-config", config, "--output", f"{at}-counts", "--checkpoint", tmp_path / "state"]
    with Stream(*arguments, "--debug", env=env) as stream:
        wait_until(lambda: table(broker.servers, f"{topic}-counts") == {"to": 2, "be": 2, "or": 1, "not": 1}, "counts")
        command_lines: list[list[str]] = []
        for process in psutil.Process(stream.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # Hadoop starts some that end at once
                command_lines.append(process.cmdline())
        assert stream.stop() == 0
    assert command_lines != []
    assert PASSWORD not in str(command_lines)
    assert PASSWORD not in "\n".join(stream.messages)
    written = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(written) > 5
    assert [path for path in written if PASSWORD.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("name", ["wordcount-producer", "wordcount"])
def test_a_wrong_password_is_refused_at_once(
    broker: Broker, topic: str, tmp_path: Path, config: Path, name: str
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    at = f"kafka://{broker.secure_servers}/{topic}"
    arguments = ["stream", at, "--once"] if name == "wordcount" else [str(tmp_path / "a.txt"), "--to", at]
    result = run(*arguments, "--kafka-config", config, name=name, env={"KAFKA_PASSWORD": _WRONG})
    assert (result.returncode, result.stdout) == (1, "")
    assert f"{broker.secure_servers} refuses the login" in result.stderr.splitlines()[-1]
    assert _WRONG not in result.stderr


@pytest.mark.parametrize(
    ("change", "status", "parts"),
    [
        (("ca.pem", "none.pem"), 2, ["--kafka-config", "none.pem"]),
        (("SASL_SSL", "PLAINTEXT"), 1, ["security.protocol"]),
        (("ssl.truststore.type=PEM\n", ""), 2, ["ssl.truststore.type=PEM"]),
        (("SCRAM-SHA-256", "PLAIN"), 1, ["sasl.mechanism"]),
        (("${env:KAFKA_PASSWORD}", "${env:NO_SUCH}"), 2, ["NO_SUCH", "not set"]),
        (("SASL_SSL", "SASL_SLL"), 2, ["security.protocol 'SASL_SLL' is unknown; use one of PLAINTEXT, SSL"]),
        (("# what", "acks=1\n# what"), 2, ["acks is set by this command"]),
        (("# what", "compression.type=lzo\n# what"), 2, ["compression.type 'lzo' is unknown; use one of none, gzip"]),
        (("# what", "ssl.truststore.certificates=x\n# what"), 2, ["ssl.truststore.certificates", "PEM file"]),
    ],
)
def test_a_client_file_that_does_not_fit_is_refused(
    broker: Broker,
    topic: str,
    tmp_path: Path,
    config: Path,
    change: tuple[str, str],
    status: int,
    parts: list[str],
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    config.write_text(config.read_text().replace(*change))
    at = f"kafka://{broker.secure_servers}/{topic}"
    result = run(
        tmp_path / "a.txt", "--to", at, "--kafka-config", config, name="wordcount-producer",
        env={"KAFKA_PASSWORD": PASSWORD},
    )  # fmt: skip
    assert_refused(result, *parts, status=status)
    assert PASSWORD not in result.stderr


def test_a_misspelt_setting_is_reported(broker: Broker, topic: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\n")
    (tmp_path / "client.properties").write_text("security.protocl=PLAINTEXT\n")
    at = f"kafka://{broker.servers}/{topic}"
    result = run(
        tmp_path / "a.txt", "--to", at, "--kafka-config", tmp_path / "client.properties", name="wordcount-producer"
    )
    assert (result.returncode, result.stderr.count("\n")) == (0, 1), result.stderr
    assert "'security.protocl' is not a setting of Kafka's clients; is it security.protocol?" in result.stderr
