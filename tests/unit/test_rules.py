"""What options mean, as far as no Java is asked."""

from pathlib import Path
from typing import Any

import pytest

from streaming.rules import word_rule
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
