"""What options mean, as far as no Java is asked."""

from pathlib import Path
from typing import Any

import pytest

from producer.errors import UsageError
from streaming.rules import windows_of, word_rule
from streaming.windows import Windows
from streaming.words import WordRule

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
