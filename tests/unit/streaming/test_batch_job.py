"""What a batch gives Spark to read, what it refuses before, and how it shows its progress."""

import lzma
import os
from pathlib import Path

import pytest

from producer.common.errors import WordCountError
from producer.discovery.found_file import FoundFile
from streaming.batch_job import BatchInputs, linked


def test_a_compression_that_spark_does_not_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(lzma.compress(b"one\n"))
    file = FoundFile.from_status(str(path), str(path), os.stat(path))

    with (
        pytest.raises(WordCountError, match=r"/a: compressed as \.xz, .* stream --once"),
        linked(BatchInputs([file], [])),
    ):
        pass
