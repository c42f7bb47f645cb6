"""A pattern that takes for ever is seen where it runs: in the threads of Spark's tasks."""

import threading
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.counting import pattern_watch
from streaming.counting.pattern_watch import watching
from streaming.counting.rules import WordRule
from streaming.counting.words import count_words
from streaming.spark.metrics import TaskWatch
from tests.support.processes import wait_until

#: Takes some 10 s on ``_LINE``: it tries each way to choose 6 of 60 letters, and Java cannot be interrupted there.
_SLOW, _LINE = "(.*a){6}x", "a" * 60


def test_a_pattern_that_backtracks_is_named_while_it_runs(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pattern_watch, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(pattern_watch, "POLL_SECONDS", 0.1)
    (tmp_path / "a.txt").write_text(f"one\n{_LINE}\n")
    rule, tasks, said = WordRule(regex=_SLOW), TaskWatch(spark), list[str]()
    counts = count_words(spark.read.text(str(tmp_path)), rule=rule)
    assert tasks.progress() is None
    assert not tasks.is_matching()

    def count() -> None:
        spark.sparkContext.setJobGroup("slow", "a pattern that backtracks", interruptOnCancel=True)
        with pytest.raises(Exception, match="cancelled"):
            counts.collect()

    counting = threading.Thread(target=count)
    with watching(rule, None, tasks, said.append):
        counting.start()
        wait_until(lambda: bool(said), "the warning")
    spark.sparkContext.cancelJobGroup("slow")
    counting.join(timeout=60)
    assert len(said) == 1
    assert f"Java is at the pattern of --regex {_SLOW!r}" in said[0]
