"""One password that nothing but the client and the broker may see: a canary is looked for in all that commands leave.

And, as the same commands run: what they listen on is loopback alone, but for Spark's shuffle in real time.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psutil
import pytest
from kafka import KafkaAdminClient
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from tests.support.broker_settings import Broker
from tests.support.client_files import write_login
from tests.support.kafka_commands import send
from tests.support.processes import Stream, run, wait_until
from tests.support.sockets import Reachable, others_than_loopback, reachable
from tests.support.topics import make_topic, table

_USER, _CANARY = "canary", "c4n4ry-in-the-mine"


class _Watch:
    """Looks at the children of this process again and again: at what others see of them, and at what they write."""

    def __init__(self, folder: Path) -> None:
        self.leaks = set[str]()
        self.looks = 0
        self.sockets = set[Reachable]()
        self._folder = folder
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._has_ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._has_ended.wait(0.05):
            self.look()

    def look(self) -> None:
        """Look once."""
        for process in psutil.Process().children(recursive=True):
            try:
                if _CANARY in "\0".join(process.cmdline()):
                    self.leaks.add(f"the command line of {process.name()}")
                # The environment of a process, as the user gave it, is for its user alone.
                if os.stat(f"/proc/{process.pid}/environ").st_mode & 0o077:
                    self.leaks.add(f"the environment of {process.name()}")
                if "wordcount" in " ".join(process.cmdline()):
                    self.sockets |= reachable(process.pid)
            except (psutil.NoSuchProcess, psutil.ZombieProcess, FileNotFoundError):
                continue
            self.looks += 1
        for path, _, names in os.walk(self._folder):
            for name in names:
                try:
                    content = Path(path, name).read_bytes()
                except OSError:
                    continue
                if _CANARY.encode() in content or _CANARY.encode("utf-16-le") in content:
                    self.leaks.add(os.path.join(path, name))


def wait_for_table(broker: Broker, topic: str, expected: dict[str, int]) -> None:
    wait_until(lambda: table(broker.servers, topic) == expected, f"the counts {expected}")


@contextmanager
def watched(folder: Path) -> Iterator[_Watch]:
    """Watch during the block; then nothing may have leaked."""
    with _Watch(folder) as watch:
        yield watch
    watch.look()
    assert watch.looks > 0
    assert watch.leaks == set()


@pytest.fixture
def login(broker: Broker, tmp_path: Path) -> tuple[Path, dict[str, str], Path]:
    """Let a user with the canary log in; return the client file, the environment, and the folder that is written to."""
    admin = KafkaAdminClient(bootstrap_servers=broker.servers)
    admin.alter_user_scram_credentials(
        [UserScramCredentialUpsertion(_USER, ScramMechanism.SCRAM_SHA_256, _CANARY.encode())]
    )
    admin.close()
    (tmp_path / "given").mkdir()
    written = tmp_path / "written"
    for name in ("tmp", "events", "cache"):
        (written / name).mkdir(parents=True)
    config = write_login(tmp_path / "given" / "client.properties", broker.certificates, _USER, _CANARY)
    return config, {"TMPDIR": str(written / "tmp")}, written


def test_no_password_is_shown_or_written(
    broker: Broker, topic: str, tmp_path: Path, login: tuple[Path, dict[str, str], Path]
) -> None:
    config, env, written = login
    (tmp_path / "given" / "a.txt").write_bytes(b"to be or\nnot to be\n")
    at = f"kafka://{broker.secure_servers}/{topic}"
    make_topic(broker.servers, f"{topic}-counts", cleanup_policy="compact")
    events = [
        "--debug", "--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir=file://{written}/events",
        "--conf", "spark.eventLog.compress=false",
    ]  # fmt: skip
    kept = ["--checkpoint", written / "state"]
    said: list[str] = []
    with watched(written) as watch:
        result = run(
            tmp_path / "given" / "a.txt", "--to", at, "--kafka-config", config, "--debug",
            name="wordcount-producer", env=env,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        said += [result.stdout, result.stderr]
        arguments = [at, "--kafka-config", config, "--output", f"{at}-counts", *kept, "--state-store", "rocksdb"]
        for number, trigger in enumerate(("0s", "realtime:5s"), 3):
            assert others_than_loopback(watch.sockets) == set()  # of all before real time
            send(broker, topic, [b"to"])
            expected = {"to": number, "be": 2, "or": 1, "not": 1}
            with Stream(*arguments, *events, "--trigger", trigger, env=env) as stream:
                wait_for_table(broker, f"{topic}-counts", expected)
                assert stream.stop() == 0
            said += stream.messages
        for name in ("top", "export"):
            result = run(name, written / "state", "--debug", env=env)
            assert result.returncode == 0, result.stderr
            said += [result.stdout, result.stderr]
    assert [line for line in said if _CANARY in line] == []
    assert watch.sockets != set()
    assert {one.address for one in others_than_loopback(watch.sockets)} <= {"::"}  # Spark has no setting for it
    assert any((written / "events").iterdir())


@pytest.mark.parametrize("name", ["wordcount-producer", "wordcount"])
def test_no_password_is_shown_where_something_fails(
    broker: Broker, topic: str, tmp_path: Path, login: tuple[Path, dict[str, str], Path], name: str
) -> None:
    config, env, written = login
    (tmp_path / "given" / "a.txt").write_bytes(b"a\n")
    at = f"kafka://{broker.secure_servers}/{topic}"
    first = ["stream", at, "--once"] if name == "wordcount" else [tmp_path / "given" / "a.txt", "--to", at]
    text = config.read_text()
    with watched(written):
        for change in (
            ('username="canary"', 'username="nobody"'),
            ("SCRAM-SHA-256", "SCRAM-SHA-999"),
            ("ScramLoginModule required", "NoSuchModule required"),
            ("sasl.jaas.config=", "sasl.jaas.cnofig="),
            ("password=", "passwrod="),
        ):
            assert change[0] in text
            config.write_text(text.replace(*change))
            result = run(*first, "--kafka-config", config, "--debug", name=name, env=env)
            assert _CANARY not in result.stdout + result.stderr
