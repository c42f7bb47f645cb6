"""What the options about words and windows mean."""

from pathlib import Path

import pytest
import tzlocal

from producer.common.errors import UsageError
from streaming.cli.rule_options import WindowOptions, WordOptions, pattern
from streaming.counting.rules import LineTime, Windows, WordRule
from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


def rule(*, normalize: bool, stop_words: str) -> WordRule:
    return WordOptions(
        split=None, regex=None, match=None, not_match=None, normalize=normalize, lowercase=False, min_length=None,
        stop_words=stop_words,
    ).rule()  # fmt: skip


@pytest.mark.parametrize("text", ["caf\udce9", "\udcff"])
def test_a_pattern_that_is_not_utf_8_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        pattern(text, "--regex")

    assert str(caught.value) == f"--regex {text!r} is not UTF-8, as all lines are; give it in UTF-8"


@pytest.mark.parametrize("option", ["regex", "match", "not-match", "time-format", "time-regex"])
def test_every_option_that_takes_a_pattern_checks_it(in_process: InProcess, option: str) -> None:
    result = in_process("stream", "in", f"--{option}", "caf\udce9")

    assert_refused(result, f"--{option} 'caf\\udce9' is not UTF-8, as all lines are; give it in UTF-8")


@pytest.mark.parametrize("text", ["caf\u00e9", "\U0001f44d", "\ufffd", "?"])
def test_a_pattern_of_any_letters_is_taken(text: str) -> None:
    assert pattern(text, "--regex") == text


@pytest.mark.parametrize(
    ("normalize", "words"),
    [
        (False, {"the", "e\u0301", "j\u030c"}),
        (True, {"the", "\u00e9", "\u01f0"}),  # the last has a composed form in lower case only
    ],
)
def test_stop_words_are_lowered_and_composed_like_the_words_of_lines(
    tmp_path: Path, words: set[str], *, normalize: bool
) -> None:
    (tmp_path / "stop.txt").write_text("\ufeffThe THE\n E\u0301\tJ\u030c\n", "utf-8")

    assert rule(stop_words=str(tmp_path / "stop.txt"), normalize=normalize).stop_words == words


@pytest.mark.parametrize(
    ("rule", "text"),
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
def test_the_text_of_a_rule_has_each_option_of_words(rule: WordRule, text: str) -> None:
    assert str(rule) == text


@pytest.mark.parametrize(
    ("windows", "text"),
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
def test_the_text_of_windows_has_each_option_that_counts_depend_on(windows: Windows, text: str) -> None:
    assert str(windows) == text


@pytest.mark.parametrize(
    ("wanted", "zone"), [("", "UTC"), (":", "UTC"), (":Asia/Seoul", "Asia/Seoul"), (None, "America/Lima")], ids=str
)
def test_the_time_zone_is_that_of_tz(monkeypatch: pytest.MonkeyPatch, wanted: str | None, zone: str) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: "America/Lima")
    monkeypatch.delenv("TZ", raising=False)
    if wanted is not None:
        monkeypatch.setenv("TZ", wanted)
    assert windows().settings({})["spark.sql.session.timeZone"] == zone


@pytest.mark.parametrize("wanted", ["<+07>-7", ":/nonexistent", "EST5EDT4", "localtime"])
def test_a_tz_that_names_no_zone_is_refused(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setenv("TZ", wanted)
    with pytest.raises(UsageError, match="does not name a time zone; name it with --time-zone"):
        windows().settings({})


def windows() -> WindowOptions:
    return WindowOptions(window=60, slide=None, time_format=None, time_regex=None, time_zone=None)
