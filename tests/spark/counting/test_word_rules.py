"""Each word rule splits the golden lines as expected, and invalid patterns are refused."""

import pytest
from pyspark.sql import SparkSession

from producer.common.errors import UsageError
from streaming.counting.pattern_check import checked_rule
from streaming.counting.rules import WordRule
from streaming.counting.words import split_words
from tests.support.golden_rules import GOLDEN_RULES, GoldenRule


@pytest.mark.parametrize("golden", GOLDEN_RULES, ids=lambda golden: golden.name)
def test_the_golden_rules(spark: SparkSession, golden: GoldenRule) -> None:
    lines = spark.createDataFrame([(line,) for line in golden.lines], "value string").coalesce(1)

    assert [row.word for row in split_words(lines, rule=golden.rule).collect()] == golden.words


def test_no_row_passes_through_python(spark: SparkSession) -> None:
    lines = spark.createDataFrame([("a b",)], "value string")
    rules = [golden.rule for golden in GOLDEN_RULES]

    assert all("Python" not in split_words(lines, rule=rule)._jdf.queryExecution().toString() for rule in rules)


def test_the_first_group_is_the_word_if_there_is_one(spark: SparkSession) -> None:
    assert checked_rule(lambda: spark, WordRule(regex=r"a\((b|c)")).group == 1
    assert checked_rule(lambda: spark, WordRule(regex=r"[(]a(?:b)")).group == 0
    assert checked_rule(lambda: spark, WordRule()) == WordRule()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (WordRule(regex="a(b"), r"--regex 'a(b': Unclosed group near index 3"),
        (WordRule(match="[z-a]"), "--match '[z-a]': Illegal character range near index 3"),
        (WordRule(not_match="a{2,1}"), "--not-match 'a{2,1}': Illegal repetition range near index"),
        (WordRule(not_match="*"), "--not-match '*': Dangling meta character '*' near index 0"),
    ],
)
def test_an_invalid_pattern_is_refused_with_the_position(spark: SparkSession, rule: WordRule, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_rule(lambda: spark, rule)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
