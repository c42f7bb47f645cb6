"""Counts on standard output."""

import os
import tempfile
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.sinks.stdout import print_all, print_some
from tests.support.reference import printed


def test_printing_is_the_text_format_and_leaves_no_file(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words = {"b": 1, "c": 2, "a": 1, "": 5, "\x1b": 4}

    print_all(spark.createDataFrame(list(words.items()), "word string, count long"), 4)

    assert capfdbinary.readouterr().out == printed(words, 4).encode()
    assert os.listdir(tmp_path) == []


def test_some_words_of_windows_are_printed_and_those_in_none_are_returned(
    spark: SparkSession, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    row = "timestamp '2026-01-01 10:00:00Z' window_start, timestamp '2026-01-01 10:01:00Z' window_end"
    counts = spark.sql(f"select {row}, 'a' word, 2L count union all select {row}, 'b', 1L")

    assert print_some(counts, ["c", "a", "d", "c"]) == ["c", "d"]
    assert capfdbinary.readouterr().out.endswith(b" a: 2\n")
    assert print_some(counts, ["c"]) == ["c"]
    assert capfdbinary.readouterr().out == b""
    assert print_some(counts.select("word", "count"), ["c", "a"]) == []
    assert capfdbinary.readouterr().out == b"c: 0\na: 2\n"
