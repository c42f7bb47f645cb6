"""What a word is, and what a window of time is: plain values that need no Spark."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

Split = Literal["space", "whitespace", "words"]
#: What happens to a line without a time: it is not counted, or it is counted by its arrival.
Untimed = Literal["aside", "arrival"]
#: The time formats that have a name.
TIME_FORMATS = ("iso", "log4j", "apache", "syslog")
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class WordRule:
    r"""How lines become words. By default one space splits a line, and nothing is changed or left out.

    Attributes:
        split: ``space``; ``whitespace``, which is any run of Unicode white space; or ``words``, which are runs of
            Unicode letters, digits and the marks on them, with apostrophes inside. Only ``space`` makes empty words.
        regex: a Java regular expression that finds the words, instead of ``split``. An empty match is no word.
        group: the group of ``regex`` that is the word; 0 is the whole match.
        match: count only lines in which this regular expression is found.
        not_match: do not count lines in which this regular expression is found.
        normalize: compose characters (Unicode's NFC) before anything else, and again after lowering.
        lowercase: lower the letters of the words.
        min_length: do not count words of fewer characters (code points).
        stop_words: words that do not count, whatever their case; in lower case, and composed if ``normalize`` is set.
    """

    split: Split = "space"
    regex: str | None = None
    group: int = 0
    match: str | None = None
    not_match: str | None = None
    normalize: bool = False
    lowercase: bool = False
    min_length: int = 0
    stop_words: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return the rule as options of the command. Counts made by rules with different texts do not mix.

        >>> str(WordRule(split="words", min_length=2, stop_words=frozenset({"the", "a"})))
        '--split words --min-length 2 --stop-words (2 words, 6b00df1c)'
        """
        options = [f"--split {self.split}"] if self.regex is None else [f"--regex {self.regex!r}"]
        options += [f"--match {self.match!r}"] if self.match is not None else []
        options += [f"--not-match {self.not_match!r}"] if self.not_match is not None else []
        options += ["--normalize"] if self.normalize else []
        options += ["--lowercase"] if self.lowercase else []
        options += [f"--min-length {self.min_length}"] if self.min_length else []
        if self.stop_words:
            digest = blake2b(" ".join(sorted(self.stop_words)).encode(), digest_size=4).hexdigest()
            options += [f"--stop-words ({len(self.stop_words)} words, {digest})"]
        return " ".join(options)


#: The default rule: one space splits a line, and every word counts.
ONE_SPACE = WordRule()


@dataclass(frozen=True)
class LineTime:
    """Where a line has its time, and how the time is written.

    Attributes:
        format: one of ``TIME_FORMATS``, or a datetime pattern of Spark. A time without a zone is in the session's zone.
        regex: a Java regular expression that finds the time; None if the format has a name.
        group: the group of ``regex`` that is the time; 0 is the whole match.
    """

    format: str
    regex: str | None = None
    group: int = 0


@dataclass(frozen=True)
class Windows:
    """Windows of time of one length, one starting every ``slide``.

    They are aligned to 1970 in UTC. Windows of whole days start at midnight in the session's zone, where a day may have
    23 or 25 hours.

    Attributes:
        length: of a window, in seconds.
        slide: from the start of one window to the start of the next, in seconds; at most ``length``.
        time: where lines have their times. None takes their arrival: the start of the batch that counts them.
        late: how many seconds a line may be older than the newest one. A window that ended earlier is closed. If lines
            count by arrival, how many seconds the clock may be set back.
        untimed: what happens to a line without a time: ``aside`` or ``arrival``.
    """

    length: int
    slide: int
    time: LineTime | None = None
    late: int = 0
    untimed: Untimed = "aside"

    @property
    def of_days(self) -> bool:
        """Whether the windows are of whole days, which start at midnight."""
        return self.length % DAY_SECONDS == 0 and self.slide % DAY_SECONDS == 0

    def __str__(self) -> str:
        """Return, as options of the command, what the counts depend on.

        >>> str(Windows(300, 60, LineTime("iso"), late=5))
        '--window 300s --slide 60s --time-format iso --untimed aside'
        """
        options = f"--window {self.length}s --slide {self.slide}s"
        if self.time is None:
            return options
        regex = "" if self.time.regex is None else f" --time-regex {self.time.regex!r}"
        return f"{options}{regex} --time-format {self.time.format} --untimed {self.untimed}"


def cuts_lines(rule: WordRule, windows: Windows | None) -> bool:
    """Tell whether the pieces of a line that is cut at spaces have the same words, in the same windows, as the line."""
    takes_whole_lines = rule.regex is not None or rule.match is not None or rule.not_match is not None
    return not takes_whole_lines and (windows is None or windows.time is None)
