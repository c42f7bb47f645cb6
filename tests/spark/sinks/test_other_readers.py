"""Other programs read the same words and counts from the saved files, whatever the words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from pyspark.sql import SparkSession

from streaming.sinks.files import save
from tests.spark.sinks.test_files import WORDS, counts_of

_COLUMNS = "{'word': 'VARCHAR', 'count': 'BIGINT'}"
_READERS: dict[tuple[str, str], Callable[[str], Any]] = {
    ("DuckDB", "csv"): lambda file: duckdb.sql(
        f"select * from read_csv('{file}', header=true, delim=',', quote='\"', escape='\"', columns={_COLUMNS},"
        " allow_quoted_nulls=false)"
    ).fetchall(),
    ("DuckDB", "json"): lambda file: duckdb.sql(
        f"select * from read_json('{file}', format='newline_delimited', columns={_COLUMNS})"
    ).fetchall(),
    ("DuckDB", "parquet"): lambda file: duckdb.sql(f"select * from read_parquet('{file}')").fetchall(),
    ("pandas", "csv"): lambda file: pd.read_csv(file, dtype={"word": str}, keep_default_na=False).itertuples(
        index=False, name=None
    ),
    ("pandas", "json"): lambda file: pd.read_json(file, lines=True, dtype={"word": str}).itertuples(
        index=False, name=None
    ),
    ("pandas", "parquet"): lambda file: pd.read_parquet(file).itertuples(index=False, name=None),
    ("Polars", "csv"): lambda file: pl.read_csv(file, schema={"word": pl.String, "count": pl.Int64}).rows(),
    ("Polars", "json"): lambda file: pl.read_ndjson(file, schema={"word": pl.String, "count": pl.Int64}).rows(),
    ("Polars", "parquet"): lambda file: pl.read_parquet(file).rows(),
}


@pytest.mark.parametrize(("program", "format_name"), _READERS)
def test_it_reads_the_same(spark: SparkSession, tmp_path: Path, program: str, format_name: str) -> None:
    expected = {word: number for number, word in enumerate(WORDS, 1)}
    file = tmp_path / f"counts.{format_name}"

    save(counts_of(spark, expected), file, format_name)

    assert dict(_READERS[program, format_name](str(file))) == expected
