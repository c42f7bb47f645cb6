"""Split lines into words, and count the words: the logic that batch and stream share.

Functions from DataFrame to DataFrame, made of Spark's built-in functions: no row passes through Python.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.rules import ONE_SPACE, WordRule

# Java's regular expressions. ++ and *+ do not backtrack, so no line makes them slow.
_SPACES = r"(?U)\s+"
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*+"  # a mark alone, which an emoji may leave, is no word
_WORDS = rf"{_LETTERS}(?:['\u2019]{_LETTERS})*+"


def split_words(
    lines: DataFrame, column: str = "value", rule: WordRule = ONE_SPACE, keep: Sequence[str] = ()
) -> DataFrame:
    r"""Split lines into words, one per row.

    Empty lines do not count. By default one space splits, so two spaces have an empty word between them. It counts, as
    do the empty words before a leading and after a trailing space. Invalid UTF-8 becomes U+FFFD, one for each maximal
    subpart of a sequence, as the Unicode Standard recommends (section 3.9) and as Python's
    ``bytes.decode("utf-8", "replace")`` does.

    Args:
        lines: any DataFrame, batch or streaming.
        column: the column of lines, a string without line ends; null is no line.
        rule: how lines become words.
        keep: other columns of a line to repeat with each of its words.

    Returns:
        The columns of ``keep``, then one column ``word`` (string, never null).

    >>> lines = spark.createDataFrame([("to be  or",), ("",)], "value string")
    >>> [row.word for row in split_words(lines).collect()]
    ['to', 'be', '', 'or']
    >>> [row.word for row in split_words(lines, rule=WordRule(regex="b|o", match="e")).collect()]
    ['o', 'b', 'o']
    """
    valid = lines.where(F.col(column) != "").select(*keep, _text(F.col(column), rule).alias("line"))
    words = valid.where(_matches(F.col("line"), rule)).select(
        *keep, F.explode(_words(F.col("line"), rule)).alias("word")
    )
    if rule.lowercase:
        words = words.select(*keep, _lower(F.col("word"), rule).alias("word"))
    if shortest := max(rule.min_length, 0 if rule.regex is None and rule.split == "space" else 1):
        words = words.where(F.char_length("word") >= shortest)
    if rule.stop_words:
        words = words.where(~_lower(F.col("word"), rule).isin(sorted(rule.stop_words)))
    return words


def is_counted(line: Column, rule: WordRule) -> Column:
    """Return whether a line counts: it is not empty, and the rule's ``match`` and ``not_match`` let it pass."""
    return (line != "") & _matches(_text(line, rule), rule)


def _text(line: Column, rule: WordRule) -> Column:
    valid = F.make_valid_utf8(line)
    return _composed(valid) if rule.normalize else valid


def _lower(word: Column, rule: WordRule) -> Column:
    lower = F.lower(word)
    # Some letters, such as J with a caron, are a single character in lower case only.
    return _composed(lower) if rule.normalize else lower


def _composed(text: Column) -> Column:
    # None of Spark's functions composes characters; ICU, which comes with Spark, does.
    return F.java_method(F.lit("com.ibm.icu.text.Normalizer"), F.lit("compose"), text, F.lit(False))


def _matches(text: Column, rule: WordRule) -> Column:
    matches = F.lit(True)
    if rule.match is not None:
        matches &= text.rlike(rule.match)
    if rule.not_match is not None:
        matches &= ~text.rlike(rule.not_match)
    return matches


def _words(line: Column, rule: WordRule) -> Column:
    if rule.regex is not None:
        return F.regexp_extract_all(line, F.lit(rule.regex), F.lit(rule.group))
    if rule.split == "words":
        return F.regexp_extract_all(line, F.lit(_WORDS), F.lit(0))
    if rule.split == "whitespace":
        return F.split(line, _SPACES)
    # -1 keeps the empty words after a trailing space. A single space is a regular expression that Java splits by
    # without its regular expression engine.
    return F.split(line, " ", -1)


def count_words(lines: DataFrame, column: str = "value", rule: WordRule = ONE_SPACE) -> DataFrame:
    """Count how often each word occurs in lines. ``split_words`` says what a word is.

    Args:
        lines: any DataFrame, batch or streaming.
        column: the column of lines, a string without line ends; null is no line.
        rule: how lines become words.

    Returns:
        Two columns: ``word`` (string, never null) and ``count`` (long, at least 1), one row per word.

    >>> lines = spark.createDataFrame([("to be",), ("or not to be",)], "text string")
    >>> sorted((row.word, row["count"]) for row in lines.transform(count_words, "text").collect())
    [('be', 2), ('not', 1), ('or', 1), ('to', 2)]
    """
    return split_words(lines, column, rule).groupBy("word").count()


def most_frequent_first(counts: DataFrame) -> DataFrame:
    """Sort counts for reading: the most frequent word first, equal counts by the code points of the word.

    Args:
        counts: columns ``word`` and ``count``. If it has ``window_start``, it is sorted by window first.

    Returns:
        The same rows in one sorted partition.

    >>> counts = spark.createDataFrame([("b", 1), ("c", 2), ("a", 1)], "word string, count long")
    >>> [row.word for row in most_frequent_first(counts).collect()]
    ['c', 'a', 'b']
    """
    windows = [name for name in counts.columns if name == "window_start"]
    return counts.coalesce(1).sortWithinPartitions(*windows, F.desc("count"), "word")


def most_frequent(counts: DataFrame, number: int) -> DataFrame:
    """Return the ``number`` most frequent words of counts, or of each of their windows.

    >>> counts = spark.createDataFrame([("b", 1), ("c", 2), ("a", 1)], "word string, count long")
    >>> sorted(row.word for row in most_frequent(counts, 2).collect())
    ['a', 'c']
    """
    if "window_start" not in counts.columns:
        return counts.orderBy(F.desc("count"), "word").limit(number)
    ranks = Window.partitionBy("window_start", "window_end").orderBy(F.desc("count"), "word")
    return counts.withColumn("rank", F.row_number().over(ranks)).where(F.col("rank") <= number).drop("rank")
