"""``wordcount`` starts without what only another command or source needs."""

import subprocess
import sys

_HELP = """
import sys
from streaming.cli.app import app
try:
    app(["--help"])
finally:
    print("\\n".join(sys.modules), file=sys.stderr)
"""
#: What a stream of a folder imports.
_FOLDER = """
import sys
import streaming.query.runner, streaming.kafka.connector, streaming.kafka.topics, producer.kafka.client_config
print("\\n".join(sys.modules))
"""
_NOT_NEEDED = {"pyspark", "py4j", "kafka", "javaproperties", "rich", "tzlocal", "pydoc_data", "streaming.query.runner"}


def test_help_loads_neither_spark_nor_kafka_nor_rich() -> None:
    result = subprocess.run([sys.executable, "-c", _HELP], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(result.stderr.split())

    assert "wordcount stream" in result.stdout
    assert "streaming.cli.stream" in loaded
    assert not _NOT_NEEDED & loaded


def test_a_stream_of_a_folder_does_not_load_kafka() -> None:
    result = subprocess.run([sys.executable, "-c", _FOLDER], capture_output=True, text=True, timeout=60, check=True)

    assert "streaming.query.runner" in result.stdout
    assert "kafka" not in result.stdout.split()
