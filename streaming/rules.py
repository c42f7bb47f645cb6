"""Make a word rule of what was asked for, and have Java check its patterns before anything is counted by them."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from producer.errors import UsageError
from producer.units import whole_number
from streaming.words import SPLITS, WordRule

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ENGLISH = "org/apache/spark/ml/feature/stopwords/english.txt"  # of Spark's library for machine learning


def word_rule(  # noqa: PLR0913  # each is an option of the commands
    *,
    split: str | None,
    regex: str | None,
    match: str | None,
    not_match: str | None,
    normalize: bool,
    lowercase: bool,
    min_length: str | None,
    stop_words: str | None,
) -> WordRule:
    """Return the rule that options of the command line mean.

    Raises:
        UsageError: an option does not hold.
    """
    if split is not None and split not in SPLITS:
        raise UsageError(f"--split {split!r} is unknown; take one of {', '.join(SPLITS)}")
    if split is not None and regex is not None:
        raise UsageError("--split and --regex both say what a word is; give one of them")
    for option, pattern in (("--regex", regex), ("--match", match), ("--not-match", not_match)):
        if pattern == "":
            raise UsageError(f"{option} is empty, and finds nothing or everything; give a pattern")
    return WordRule(
        split=split or WordRule.split,
        regex=regex,
        match=match,
        not_match=not_match,
        normalize=normalize,
        lowercase=lowercase,
        min_length=0 if min_length is None else whole_number(min_length, "--min-length"),
        stop_words=frozenset() if stop_words is None else _stop_words(stop_words, normalize=normalize),
    )


def _stop_words(name: str, *, normalize: bool) -> frozenset[str]:
    try:
        text = _english() if name == "english" else Path(name).read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"--stop-words {name}: {error.strerror}; give a file of words, or english") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--stop-words {name}: is not UTF-8 at byte {error.start}; give a file of UTF-8") from error
    words = (unicodedata.normalize("NFC", word) if normalize else word for word in text.split())
    return frozenset(word.lower() for word in words)


def _english() -> str:
    spec = find_spec("pyspark")
    (jar,) = Path(spec.origin if spec and spec.origin else "").parent.glob("jars/spark-mllib_*.jar")
    with ZipFile(jar) as archive:
        return archive.read(_ENGLISH).decode("utf-8")


def checked(session: Callable[[], "SparkSession"], rule: WordRule) -> WordRule:
    """Return the rule with the first group of its ``regex``, where that has one, as the word.

    Args:
        session: returns Spark's session; called only where there is a pattern, as it waits for Spark to start.
        rule: as it was asked for.

    Raises:
        UsageError: a pattern does not hold; the message has the place in it.
    """
    groups = _groups(session, "--regex", rule.regex)
    _groups(session, "--match", rule.match)
    _groups(session, "--not-match", rule.not_match)
    return replace(rule, group=min(groups, 1))


def _groups(session: Callable[[], "SparkSession"], option: str, pattern: str | None) -> int:
    """Return how many groups a pattern has."""
    if pattern is None:
        return 0
    from pyspark.errors import IllegalArgumentException  # noqa: PLC0415  # 0.2 s, spent while the JVM starts

    try:
        jvm: Any = session()._jvm  # noqa: SLF001  # pyspark passes on none of it
        return int(jvm.java.util.regex.Pattern.compile(pattern).matcher("").groupCount())
    except IllegalArgumentException as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{option} {pattern!r}: {reason}; give a pattern as Java takes it") from error
