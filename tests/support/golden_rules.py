"""Lines, rules and the words they must give; every one written by hand."""
# ruff: noqa: RUF001  # signs that look alike are what these are about

from typing import NamedTuple

from streaming.counting.rules import WordRule


class GoldenRule(NamedTuple):
    name: str
    rule: WordRule
    lines: list[str]
    words: list[str]


_WHITESPACE = WordRule(split="whitespace")
_WORDS = WordRule(split="words")
_SYSLOG = "Jun 14 15:16:01 combo sshd[19939]: authentication failure; rhost=218.188.2.4 status=401"

GOLDEN_RULES = [
    GoldenRule("one space", WordRule(), ["a  b ", " c"], ["a", "", "b", "", "", "c"]),
    GoldenRule("white space", _WHITESPACE, ["  a\tb   c  ", "\t \t", "d"], ["a", "b", "c", "d"]),
    GoldenRule("Unicode's white space", _WHITESPACE, ["a\u00a0b\u3000c\u2028d\u200be"], ["a", "b", "c", "d\u200be"]),
    GoldenRule("white space, Korean", _WHITESPACE, ["한국어　단어\t둘"], ["한국어", "단어", "둘"]),
    GoldenRule(
        "words", _WORDS, ["Hello, world! (1st) e-mail a_b -- ..."], ["Hello", "world", "1st", "e", "mail", "a", "b"]
    ),
    GoldenRule(
        "words with apostrophes",
        _WORDS,
        ["don't 'quoted' l’été rock'n'roll dogs'"],
        ["don't", "quoted", "l’été", "rock'n'roll", "dogs"],
    ),
    GoldenRule("words, Korean", _WORDS, ["한국어는, 어렵다! 2개(둘)"], ["한국어는", "어렵다", "2개", "둘"]),
    GoldenRule(
        "words, decomposed", _WORDS, ["e\u0301te\u0301 \u1112\u1161\u11ab."], ["e\u0301te\u0301", "\u1112\u1161\u11ab"]
    ),
    GoldenRule(
        "words begin with no mark",
        _WORDS,
        ["I \u2764\ufe0f you \u0301 \u0301a'\u0301b c'd\u0301 1\ufe0f\u20e3"],
        ["I", "you", "a", "b", "c'd\u0301", "1\ufe0f\u20e3"],
    ),
    GoldenRule("words of many scripts", _WORDS, ["слово，λόγος。مرحبًا 𝒳𝒴"], ["слово", "λόγος", "مرحبًا", "𝒳𝒴"]),
    GoldenRule("words, no UTF-8 left", _WORDS, ["a\ufffdb"], ["a", "b"]),
    GoldenRule(
        "a match", WordRule(regex=r"\d+"), [_SYSLOG], ["14", "15", "16", "01", "19939", "218", "188", "2", "4", "401"]
    ),
    GoldenRule(
        "its first group",
        WordRule(regex=r"status=(\d+)", group=1),
        [_SYSLOG, "status=x status=200 status=404"],
        ["401", "200", "404"],
    ),
    GoldenRule("an address", WordRule(regex=r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), [_SYSLOG, "no address"], ["218.188.2.4"]),
    GoldenRule(
        "a level",
        WordRule(regex=r"\b(INFO|WARN|ERROR)\b", group=1),
        ["x INFO y ERROR", "INFORMATION", "WARN"],
        ["INFO", "ERROR", "WARN"],
    ),
    GoldenRule(
        "a match, Korean",
        WordRule(regex=r"상태=(\S+)", group=1),
        ["상태=정상 상태=오류", "상태 없음"],
        ["정상", "오류"],
    ),
    GoldenRule("an empty match is no word", WordRule(regex=r"\d*"), ["a1b22"], ["1", "22"]),
    GoldenRule("a group that took no part is no word", WordRule(regex=r"(a)|b", group=1), ["abba"], ["a", "a"]),
    GoldenRule(
        "lower case",
        WordRule(lowercase=True),
        ["The THE the ÄÖ İ ΑΣ 한국어"],
        ["the", "the", "the", "äö", "i̇", "ας", "한국어"],
    ),
    GoldenRule(
        "lower case after the match", WordRule(regex="[A-Z]+", lowercase=True), ["GET /a POST"], ["get", "post"]
    ),
    GoldenRule("composed", WordRule(normalize=True), ["e\u0301 é \u1112\u1161\u11ab 한"], ["é", "é", "한", "한"]),
    GoldenRule("composed before the match", WordRule(normalize=True, regex="é"), ["cafe\u0301"], ["é"]),
    GoldenRule(
        "composed after it is lowered, too",
        WordRule(normalize=True, lowercase=True, min_length=2),
        ["J\u030c \u01f0 J\u030cA"],
        ["\u01f0a"],
    ),
    GoldenRule("composed where case stays", WordRule(normalize=True), ["J\u030c"], ["J\u030c"]),
    GoldenRule("lowered and not composed", WordRule(lowercase=True), ["J\u030c \u01f0"], ["j\u030c", "\u01f0"]),
    GoldenRule(
        "stop words that are composed in lower case alone",
        WordRule(normalize=True, stop_words=frozenset({"\u01f0"})),
        ["J\u030c j\u030c \u01f0 a"],
        ["a"],
    ),
    GoldenRule(
        "a shortest length", WordRule(min_length=2), ["a bb  ccc 한 한국 👍 👍👍"], ["bb", "ccc", "한국", "👍👍"]
    ),
    GoldenRule("a shortest length of what is composed", WordRule(min_length=2, normalize=True), ["e\u0301 ab"], ["ab"]),
    GoldenRule("no empty words", WordRule(min_length=1), ["a  b "], ["a", "b"]),
    GoldenRule(
        "stop words", WordRule(stop_words=frozenset({"the", "은"})), ["The cat the THE 은 cats"], ["cat", "cats"]
    ),
    GoldenRule(
        "many stop words",
        WordRule(stop_words=frozenset(f"w{n}" for n in range(300))),
        ["w7 W8 x w299 w300"],
        ["x", "w300"],
    ),
    GoldenRule(
        "lines with a match",
        WordRule(match="fail(ure|ed)"),
        ["a failed", "b fails", "failure c"],
        ["a", "failed", "failure", "c"],
    ),
    GoldenRule("lines without a match", WordRule(not_match="^#|오류"), ["# a", "b # c", "오류 d"], ["b", "#", "c"]),
    GoldenRule(
        "lines with one and without another",
        WordRule(match="sshd", not_match="Accepted"),
        ["sshd Accepted", "sshd no", "cron no"],
        ["sshd", "no"],
    ),
    GoldenRule(
        "all of it",
        WordRule(
            split="words", match="한", normalize=True, lowercase=True, min_length=2, stop_words=frozenset({"the"})
        ),
        ["The \u1112\u1161\u11ab국 IS e\u0301 It's", "no match"],
        ["한국", "is", "it's"],
    ),
]
