"""File formats of counts: which there are, and how Spark writes each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriter

FormatName = Literal["text", "csv", "json", "parquet"]


def _text(counts: "DataFrame") -> "DataFrameWriter":
    """Return what writes a line for each row: ``word: count``, after the times of the window if there is one."""
    times = [name for name in counts.columns if name not in {"word", "count"}]
    parts = ", ".join([*times, "concat(word, ': ', count)"])
    return counts.selectExpr(f"concat_ws(' ', {parts})").write.format("text")


def _csv(counts: "DataFrame") -> "DataFrameWriter":
    """Return what writes CSV with a header, as RFC 4180 has it: a quote in a word is doubled."""
    # By default, Spark puts a backslash before a quote, and trims words.
    return counts.write.format("csv").options(
        header=True, escape='"', ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False
    )


def _json(counts: "DataFrame") -> "DataFrameWriter":
    """Return what writes one JSON object a line."""
    return counts.write.format("json")


def _parquet(counts: "DataFrame") -> "DataFrameWriter":
    return counts.write.format("parquet")


_Writer = Callable[["DataFrame"], "DataFrameWriter"]
_FORMATS: dict[str, tuple[str, _Writer]] = {
    "text": (".txt", _text),
    "csv": (".csv", _csv),
    "json": (".json", _json),
    "parquet": (".parquet", _parquet),
}
_WITH_TIMES = {"parquet"}  # formats with a type for times; in the others they are text
FORMATS = get_args(FormatName)


def file_name(stem: str, format_name: str) -> str:
    """Return the name of a file of counts.

    >>> file_name("counts", "text")
    'counts.txt'
    """
    return stem + _FORMATS[format_name][0]


def writer(counts: "DataFrame", format_name: str) -> "DataFrameWriter":
    """Return what writes counts, in the order they have, as files of a format.

    Args:
        counts: columns ``word`` and ``count``, or those of windows.
        format_name: one of ``FORMATS``.
    """
    from streaming.counting.windows import with_times_as_text  # noqa: PLC0415  # pyspark takes 0.2 s, --help needs none

    counts = counts if format_name in _WITH_TIMES else with_times_as_text(counts)
    return _FORMATS[format_name][1](counts)
