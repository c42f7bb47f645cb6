"""What a word is, and how words are counted: the one piece of logic that batch and stream share.

Functions from DataFrame to DataFrame, made of Spark's built-in functions: no Python runs in the way of a row.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812  # as everybody who writes Spark calls it

from streaming.counting.rules import ONE_SPACE, WordRule

# Of Java's regular expressions. Those with ++ and *+ give back nothing they took, so no line makes them slow.
_SPACES = r"(?U)\s+"
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*+"  # a mark alone, as is left of an emoji, is no word
_WORDS = rf"{_LETTERS}(?:['\u2019]{_LETTERS})*+"


def split_words(
    lines: DataFrame, column: str = "value", rule: WordRule = ONE_SPACE, keep: Sequence[str] = ()
) -> DataFrame:
    r"""Split lines into words, one a row.

    Empty lines do not count. By the default rule one space splits, so two spaces have an empty word between them, which
    counts, as do those before a leading and after a trailing space. Bytes that are not UTF-8 become U+FFFD, one for
    each maximal part of a sequence, as the Unicode Standard recommends (section 3.9) and Python's
    ``bytes.decode("utf-8", "replace")`` does.

    Args:
        lines: any DataFrame, batch or streaming.
        column: its column of lines, a string without line ends; null counts as no line.
        rule: how lines become words.
        keep: other columns that each word of a line gets, too.

    Returns:
        One column, ``word`` (string, never null), after those of ``keep``.

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


def line_counts(line: Column, rule: WordRule) -> Column:
    """Return whether a line counts: it is not empty, and the rule's ``match`` and ``not_match`` do not leave it out."""
    return (line != "") & _matches(_text(line, rule), rule)


def _text(line: Column, rule: WordRule) -> Column:
    valid = F.make_valid_utf8(line)
    return _composed(valid) if rule.normalize else valid


def _lower(word: Column, rule: WordRule) -> Column:
    lower = F.lower(word)
    # Some letters, as J with a caron, are one character in lower case alone.
    return _composed(lower) if rule.normalize else lower


def _composed(text: Column) -> Column:
    # Spark's own functions compose no characters; ICU, which comes with it, does.
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
    # -1 keeps the empty words after a trailing space. The literal is a regular expression that Java splits by without
    # its regular expression engine.
    return F.split(line, " ", -1)


def count_words(lines: DataFrame, column: str = "value", rule: WordRule = ONE_SPACE) -> DataFrame:
    """Count how often each word occurs in lines, with words as ``split_words`` makes them.

    Args:
        lines: any DataFrame, batch or streaming.
        column: its column of lines, a string without line ends; null counts as no line.
        rule: how lines become words.

    Returns:
        Two columns: ``word`` (string, never null) and ``count`` (long, at least 1), one row a word.

    >>> lines = spark.createDataFrame([("to be",), ("or not to be",)], "text string")
    >>> sorted((row.word, row["count"]) for row in lines.transform(count_words, "text").collect())
    [('be', 2), ('not', 1), ('or', 1), ('to', 2)]
    """
    return split_words(lines, column, rule).groupBy("word").count()


def most_frequent_first(counts: DataFrame) -> DataFrame:
    """Order counts for reading: the most frequent first, equal counts in code-point order of the word.

    Args:
        counts: columns ``word`` and ``count``; where it has ``window_start``, the windows are in the order of time.

    Returns:
        The same rows in one partition, ordered.

    >>> counts = spark.createDataFrame([("b", 1), ("c", 2), ("a", 1)], "word string, count long")
    >>> [row.word for row in most_frequent_first(counts).collect()]
    ['c', 'a', 'b']
    """
    windows = [name for name in counts.columns if name == "window_start"]
    return counts.coalesce(1).sortWithinPartitions(*windows, F.desc("count"), "word")


def most_frequent(counts: DataFrame, number: int) -> DataFrame:
    """Return the so many most frequent words of counts, or of each window of them.

    >>> counts = spark.createDataFrame([("b", 1), ("c", 2), ("a", 1)], "word string, count long")
    >>> sorted(row.word for row in most_frequent(counts, 2).collect())
    ['a', 'c']
    """
    if "window_start" not in counts.columns:
        return counts.orderBy(F.desc("count"), "word").limit(number)
    ranks = Window.partitionBy("window_start", "window_end").orderBy(F.desc("count"), "word")
    return counts.withColumn("rank", F.row_number().over(ranks)).where(F.col("rank") <= number).drop("rank")
