"""What a word is, and how words are counted: the one piece of logic that batch and stream share.

Functions from DataFrame to DataFrame, made of Spark's built-in functions: no Python runs in the way of a row.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

#: How words are made, as the state's manifest records it: counts made by another rule do not mix with these.
SPLIT_RULE = "one space"


def split_words(lines: DataFrame, column: str = "value") -> DataFrame:
    """Split lines into words, one a row.

    Empty lines do not count. One space splits, so two spaces have an empty word between them, which counts, as do those
    before a leading and after a trailing space. Bytes that are not UTF-8 become U+FFFD, one for each maximal part of a
    sequence, as the Unicode Standard recommends (section 3.9) and Python's ``bytes.decode("utf-8", "replace")`` does.

    Args:
        lines: any DataFrame, batch or streaming.
        column: its column of lines, a string without line ends; null counts as no line.

    Returns:
        One column, ``word`` (string, never null).

    >>> lines = spark.createDataFrame([("to be  or",), ("",)], "value string")
    >>> [row.word for row in split_words(lines).collect()]
    ['to', 'be', '', 'or']
    """
    line = F.make_valid_utf8(F.col(column))
    # -1 keeps the empty words after a trailing space. The literal is a regular expression that Java splits by without
    # its regular expression engine.
    return lines.where(F.col(column) != "").select(F.explode(F.split(line, " ", -1)).alias("word"))


def count_words(lines: DataFrame, column: str = "value") -> DataFrame:
    """Count how often each word occurs in lines, with words as ``split_words`` makes them.

    Args:
        lines: any DataFrame, batch or streaming.
        column: its column of lines, a string without line ends; null counts as no line.

    Returns:
        Two columns: ``word`` (string, never null) and ``count`` (long, at least 1), one row a word.

    >>> lines = spark.createDataFrame([("to be",), ("or not to be",)], "text string")
    >>> sorted((row.word, row["count"]) for row in lines.transform(count_words, "text").collect())
    [('be', 2), ('not', 1), ('or', 1), ('to', 2)]
    """
    return split_words(lines, column).groupBy("word").count()


def most_frequent_first(counts: DataFrame) -> DataFrame:
    """Order counts for reading: the most frequent first, equal counts in code-point order of the word.

    Args:
        counts: columns ``word`` and ``count``.

    Returns:
        The same rows in one partition, ordered.

    >>> counts = spark.createDataFrame([("b", 1), ("c", 2), ("a", 1)], "word string, count long")
    >>> [row.word for row in most_frequent_first(counts).collect()]
    ['c', 'a', 'b']
    """
    return counts.coalesce(1).sortWithinPartitions(F.desc("count"), "word")
