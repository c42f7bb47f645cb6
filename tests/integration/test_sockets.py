"""Nothing listens on any address but loopback; tests/integration/kafka/test_secrets.py shows the same for topics."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, command, wait_until
from tests.support.sockets import others_than_loopback, reachable


@pytest.mark.parametrize(
    ("name", "arguments", "listens"),
    [
        ("wordcount", ["batch"], True),
        ("wordcount", ["batch", "--output", "out", "--format", "parquet"], True),
        ("wordcount", ["stream", "--output", "out"], True),
        ("wordcount", ["stream", "--state-store", "rocksdb", "--master", "local-cluster[1,1,1024]"], True),
        ("wordcount-producer", ["--to", "out"], False),
    ],
)
def test_only_loopback_is_listened_on(tmp_path: Path, name: str, arguments: list[str], *, listens: bool) -> None:
    """From the start to the end; each command reads a pipe, so that it runs for as long as it is looked at."""
    source, sink = os.pipe()
    whole = [command(name), *arguments, "-"]
    seen = set()
    with subprocess.Popen(whole, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        os.close(source)
        os.write(sink, b"to be or\nnot to be\n")

        def has_seen() -> bool:
            seen.update(reachable(process.pid))
            return bool(seen) or not listens

        wait_until(has_seen, "a socket that listens")
        os.close(sink)

        def has_ended() -> bool:
            seen.update(reachable(process.pid))
            return process.poll() is not None

        try:
            wait_until(has_ended, "the end")
        finally:
            process.kill()
        output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert others_than_loopback(seen) == set()
    assert bool(seen) is listens
    assert output or (tmp_path / "out").exists()
