"""A state of topics goes on in RocksDB, and reads each record once."""

import os
import subprocess
from pathlib import Path

from tests.support.broker_settings import Broker
from tests.support.kafka_commands import counted, send
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.reference import count
from tests.support.topics import make_topic, table
from tests.support.warm import run_warm

_ROCKSDB = ("--state-store", "rocksdb")


def test_a_topic_goes_on_in_rocksdb(broker: Broker, topic: str, tmp_path: Path) -> None:
    make_topic(broker.servers, topic, 2)
    records = [b"word%d other%d" % (number % 9973, number % 31) for number in range(20_000)]
    to = f"{topic}-counts"
    options = ("--output", f"kafka://{broker.servers}/{to}", "--checkpoint", tmp_path / "state")
    for part in (records[:15_000], records[15_000:]):
        send(broker, topic, part, 2)
        counted(broker, topic, *options)
    assert table(broker.servers, to) == count(*records)

    send(broker, topic, [b"new word1", b"new"], 2)
    arguments = ["stream", f"kafka://{broker.servers}/{topic}", "--once", *options, *_ROCKSDB]
    with subprocess.Popen([command("wordcount"), *map(str, arguments)], stdout=subprocess.DEVNULL) as process:
        new = tmp_path / "state" / "checkpoint-rocksdb"
        wait_until(lambda: any(new.glob("state/0/*/1_*.zip")), "the counts in rocksdb", pause=0.0005)
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(child), 9)
        process.kill()
        process.wait(timeout=PATIENCE)
    assert run_warm("get", tmp_path / "state", "new", "word1").stdout == f"new: 0\nword1: {count(*records)['word1']}\n"

    result = run_warm(*arguments)

    assert result.returncode == 0, result.stderr
    assert f"with the counts of {len(count(*records)):,} words\n" in result.stderr
    assert table(broker.servers, to) == count(*records, b"new word1", b"new")
    send(broker, topic, [b"new"], 2)
    counted(broker, topic, *options)
    assert table(broker.servers, to) == count(*records, b"new word1", b"new", b"new")
    assert run_warm("get", tmp_path / "state", "new").stdout == "new: 3\n"
