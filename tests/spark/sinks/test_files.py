"""Counts in files can be read back, whatever the words, and are replaced in one step."""

import csv
import json
import os
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from streaming.sinks.files import save, save_batch
from tests.support.reference import parsed_file

_FORMATS = ["text", "csv", "json", "parquet"]
WORDS = [
    "plain", "",
    '"', '""', '"quoted"', "a,b", ",", "\\", '\\"', 'a\\"b', "\\\\", "\ta\t", "\t", "a\tb", "# ", "#", "#a",
    "\x00", "a\x00b", "\x00a", "'", "null", "NULL", "한국어", "👩\u200d🚀", "\ufeffa",
    "\u00a0", "\u2028", "\x85", "\x0b", "-",
    "=1+1", "a: 1", "{", "\x1b[2J", "\ufffd", "NaN",
    # No words of ours, as these do not hold spaces, but of another program's
    " leading", "trailing ", " ",
]  # fmt: skip


def counts_of(spark: SparkSession, words: dict[str, int]) -> DataFrame:
    return spark.createDataFrame(list(words.items()), "word string, count long")


def read_back(spark: SparkSession, file: Path, format_name: str) -> list[tuple[str, int]]:
    if format_name == "text":
        return list(parsed_file(file).items())
    if format_name == "csv":
        with file.open(encoding="utf-8", newline="") as lines:
            head, *rows = csv.reader(lines)
        assert head == ["word", "count"]
        return [(word, int(number)) for word, number in rows]
    if format_name == "json":
        entries = [json.loads(line) for line in file.read_bytes().decode("utf-8").split("\n")[:-1]]
        return [(entry["word"], entry["count"]) for entry in entries]
    return [(row["word"], row["count"]) for row in spark.read.parquet(str(file)).collect()]


@pytest.mark.parametrize("format_name", _FORMATS)
def test_any_word_comes_back(spark: SparkSession, tmp_path: Path, format_name: str) -> None:
    expected = {word: number for number, word in enumerate(WORDS, 1)}
    file = tmp_path / "counts"

    save(counts_of(spark, expected), file, format_name)

    assert dict(read_back(spark, file, format_name)) == expected


@pytest.mark.parametrize("format_name", _FORMATS)
def test_words_are_sorted_by_count_and_then_by_code_point(
    spark: SparkSession, tmp_path: Path, format_name: str
) -> None:
    counts = counts_of(spark, {"b": 1, "가": 1, "c": 3, "a": 1, "Z": 1, "😀": 1, "\uffee": 1}).repartition(4)
    expected = [("c", 3), ("Z", 1), ("a", 1), ("b", 1), ("가", 1), ("\uffee", 1), ("😀", 1)]

    save(counts, tmp_path / "counts", format_name)

    assert read_back(spark, tmp_path / "counts", format_name) == expected


@pytest.mark.parametrize("format_name", _FORMATS)
def test_no_counts_make_an_empty_file(spark: SparkSession, tmp_path: Path, format_name: str) -> None:
    save(spark.createDataFrame([], "word string, count long"), tmp_path / "counts", format_name)

    assert read_back(spark, tmp_path / "counts", format_name) == []


@pytest.mark.parametrize(("top", "expected"), [(1, ["c"]), (2, ["c", "a"]), (9, ["c", "a", "b"])])
def test_top_limits_the_words(spark: SparkSession, tmp_path: Path, top: int, expected: list[str]) -> None:
    save(counts_of(spark, {"b": 1, "c": 2, "a": 1}).repartition(3), tmp_path / "counts", "text", top)

    assert list(parsed_file(tmp_path / "counts")) == expected


def test_a_file_is_replaced_and_nothing_else_is_left(spark: SparkSession, tmp_path: Path) -> None:
    save(counts_of(spark, {"old": 1, "older": 2}), tmp_path / "counts.txt", "text")
    save(counts_of(spark, {"new": 1}), tmp_path / "counts.txt", "text")

    assert os.listdir(tmp_path) == ["counts.txt"]
    assert (tmp_path / "counts.txt").read_text("utf-8") == "new: 1\n"


def test_a_reader_keeps_the_file_it_opened(spark: SparkSession, tmp_path: Path) -> None:
    save(counts_of(spark, {"old": 1}), tmp_path / "counts.txt", "text")
    with (tmp_path / "counts.txt").open("rb") as reader:
        save(counts_of(spark, {"new": 1}), tmp_path / "counts.txt", "text")

        assert reader.read() == b"old: 1\n"


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(spark: SparkSession, tmp_path: Path) -> None:
    save(counts_of(spark, {"old": 1}), tmp_path / "counts.txt", "text")
    failing = counts_of(spark, {"new": 1}).selectExpr("raise_error('broken') as word", "count")

    with pytest.raises(Exception, match="broken"):
        save(failing, tmp_path / "counts.txt", "text")

    assert os.listdir(tmp_path) == ["counts.txt"]
    assert (tmp_path / "counts.txt").read_bytes() == b"old: 1\n"


@pytest.mark.parametrize("name", ["with space", "한국어", "a%41b", "a=1", "#x", "a;b", "a:b", "\\", "_x"])
def test_any_folder_can_be_saved_to(spark: SparkSession, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    save(counts_of(spark, {"a": 1}), tmp_path / name / "counts.txt", "text")

    assert (tmp_path / name / "counts.txt").read_bytes() == b"a: 1\n"


def test_a_batch_saved_again_in_another_format_leaves_one_file(spark: SparkSession, tmp_path: Path) -> None:
    counts = spark.createDataFrame([("a", 1)], "word string, count long")
    (tmp_path / "000000008.csv").touch()
    for name in ("csv", "text", "json"):
        save_batch(counts, tmp_path, 7, name)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000007.json", "000000008.csv"]
