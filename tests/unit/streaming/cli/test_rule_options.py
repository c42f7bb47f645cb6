"""What options mean, as far as no Java is asked."""

from pathlib import Path
from typing import Any

import pytest

from producer.common.errors import UsageError
from streaming.cli.rule_options import windows_of, word_rule
from streaming.counting.rules import LineTime, Windows, WordRule

_NO_WORDS: dict[str, Any] = {
    "split": None,
    "regex": None,
    "match": None,
    "not_match": None,
    "normalize": False,
    "lowercase": False,
    "min_length": None,
    "stop_words": None,
}


def rule(**options: Any) -> WordRule:
    return word_rule(**{**_NO_WORDS, **options})


def windows(**options: Any) -> Windows | None:
    return windows_of(**{**dict.fromkeys(("slide", "time_format", "time_regex", "late", "untimed")), **options})


@pytest.mark.parametrize("pattern", ["caf\udce9", "\udcff"])
def test_a_pattern_that_is_not_utf_8_is_refused(pattern: str) -> None:
    told = f"{pattern!r} is not UTF-8, which all lines are; write it so"
    for option in ("regex", "match", "not_match"):
        with pytest.raises(UsageError) as caught:
            rule(**{option: pattern})
        assert str(caught.value) == f"--{option.replace('_', '-')} {told}"
    for option in ("time_format", "time_regex"):
        with pytest.raises(UsageError) as caught:
            windows(**{"window": "5m", "time_format": "yyyy", "time_regex": ".", option: pattern})
        assert str(caught.value) == f"--{option.replace('_', '-')} {told}"


@pytest.mark.parametrize("pattern", ["caf\u00e9", "\U0001f44d", "\ufffd", "?"])
def test_a_pattern_of_any_letters_is_taken(pattern: str) -> None:
    assert rule(regex=pattern).regex == pattern


@pytest.mark.parametrize(
    ("normalize", "words"),
    [
        (False, {"the", "e\u0301", "j\u030c"}),
        (True, {"the", "\u00e9", "\u01f0"}),  # the last is composed in lower case alone
    ],
)
def test_stop_words_are_as_words_of_lines(tmp_path: Path, words: set[str], *, normalize: bool) -> None:
    (tmp_path / "stop.txt").write_text("\ufeffThe THE\n E\u0301\tJ\u030c\n", "utf-8")

    assert rule(stop_words=str(tmp_path / "stop.txt"), normalize=normalize).stop_words == words


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (WordRule(), "--split space"),
        (WordRule(split="words"), "--split words"),
        (WordRule(regex="a+"), "--regex 'a+'"),
        (WordRule(match="a"), "--split space --match 'a'"),
        (WordRule(not_match="a"), "--split space --not-match 'a'"),
        (WordRule(normalize=True), "--split space --normalize"),
        (WordRule(lowercase=True), "--split space --lowercase"),
        (WordRule(min_length=2), "--split space --min-length 2"),
        (WordRule(stop_words=frozenset({"a"})), "--split space --stop-words (1 words, ca234c55)"),
        (WordRule(stop_words=frozenset({"b"})), "--split space --stop-words (1 words, fd9d3f51)"),
    ],
)
def test_a_state_knows_each_option_of_words(rule: WordRule, said: str) -> None:
    assert str(rule) == said


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        (Windows(300, 300), "--window 300s --slide 300s"),
        (Windows(300, 60, late=5), "--window 300s --slide 60s"),
        (Windows(60, 60, LineTime("iso")), "--window 60s --slide 60s --time-format iso --untimed aside"),
        (
            Windows(60, 60, LineTime("yyMMdd", r"^\d+"), untimed="arrival"),
            r"--window 60s --slide 60s --time-regex '^\\d+' --time-format yyMMdd --untimed arrival",
        ),
    ],
)
def test_a_state_knows_each_option_of_windows_that_counts_depend_on(windows: Windows, said: str) -> None:
    assert str(windows) == said
