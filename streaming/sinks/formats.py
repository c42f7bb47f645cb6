"""File formats of counts: which there are, and how Spark writes each."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from producer.common.errors import UsageError
from streaming.counting.windows import with_times_as_text

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriter


def _text(counts: "DataFrame") -> "DataFrameWriter":
    counts = with_times_as_text(counts)
    times = [name for name in counts.columns if name not in {"word", "count"}]
    return counts.select(F.concat_ws(" ", *times, F.concat("word", F.lit(": "), "count"))).write.format("text")


def _csv(counts: "DataFrame") -> "DataFrameWriter":
    # As RFC 4180 has it: a quote is doubled. By default Spark puts a backslash before it, and trims words.
    return (
        with_times_as_text(counts)
        .write.format("csv")
        .options(header=True, escape='"', ignoreLeadingWhiteSpace=False, ignoreTrailingWhiteSpace=False)
    )


def _json(counts: "DataFrame") -> "DataFrameWriter":
    return with_times_as_text(counts).write.format("json")


def _parquet(counts: "DataFrame") -> "DataFrameWriter":
    return counts.write.format("parquet")


_Writer = Callable[["DataFrame"], "DataFrameWriter"]
_FORMATS: dict[str, tuple[str, _Writer]] = {
    "text": (".txt", _text),
    "csv": (".csv", _csv),
    "json": (".json", _json),
    "parquet": (".parquet", _parquet),
}
FORMATS = tuple(_FORMATS)


def check_format(name: str) -> None:
    """Refuse the name of a file format that there is not.

    Raises:
        UsageError: there is no such format.
    """
    if name not in _FORMATS:
        raise UsageError(f"--format {name!r} is unknown; take one of {', '.join(_FORMATS)}")


def file_name(stem: str, format_name: str) -> str:
    """Return the name of a file of counts.

    >>> file_name("counts", "text")
    'counts.txt'
    """
    return stem + _FORMATS[format_name][0]


def writer(counts: "DataFrame", format_name: str) -> "DataFrameWriter":
    """Return what writes counts as files: columns ``word`` and ``count``, or those of windows, in the order they have.

    Text has one line a row, ``word: count``, after the window's begin and end where there are windows; csv a header;
    json one object a line.
    """
    return _FORMATS[format_name][1](counts)
