"""Tells of a pattern that Java does not get done with: one that backtracks may take longer than anybody waits."""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from streaming.counting.rules import Windows, WordRule
from streaming.repeating import repeated

#: For how long no line is counted before a user is told, and how often that is looked at, which takes some ms.
PATIENCE_SECONDS, POLL_SECONDS = 30.0, 1.0
#: So many times one after the other Java must be at a pattern: it may be there once by chance, as between two batches.
_MATCHING_POLLS = 3


class Tasks(Protocol):
    """The tasks that count."""

    def progress(self) -> Hashable:
        """Return what changes whenever lines are counted; None if nothing is being counted."""

    def is_matching(self) -> bool:
        """Return whether a task is at a pattern right now."""


class PatternWatch:
    """Warns if for a while no line is counted, and Java is at a pattern all the time.

    Args:
        patterns: the patterns that the user has given, by their options.
        tasks: the tasks that count by them.
        say: shows a message to the user.
    """

    def __init__(self, patterns: Mapping[str, str], tasks: Tasks, say: Callable[[str], None]) -> None:
        self._shown = " or ".join(f"{option} {pattern!r}" for option, pattern in patterns.items())
        self._tasks = tasks
        self._say = say
        self._last: Hashable = None
        self._since = 0.0
        self._matching = 0

    def poll(self) -> None:
        """Warn if it is time to, once until lines are counted again."""
        now = time.monotonic()
        if (progress := self._tasks.progress()) is None or progress != self._last:
            self._last, self._since, self._matching = progress, now, 0
        elif now - self._since >= PATIENCE_SECONDS and self._matching < _MATCHING_POLLS:
            self._matching = self._matching + 1 if self._tasks.is_matching() else 0
            if self._matching == _MATCHING_POLLS:
                self._say(
                    f"warning: no line was counted for {PATIENCE_SECONDS:g} s: Java is at the pattern of {self._shown},"
                    " which may never end on some lines; if it does not, stop, and give one that does not backtrack,"
                    " with *+ for * and ++ for +"
                )


def patterns_of(rule: WordRule, windows: Windows | None) -> dict[str, str]:
    """Return the patterns that a user has given, by their options.

    >>> patterns_of(WordRule(regex="a+", match="b"), None)
    {'--regex': 'a+', '--match': 'b'}
    """
    of_time = None if windows is None or windows.time is None else windows.time.regex
    options = {"--regex": rule.regex, "--match": rule.match, "--not-match": rule.not_match, "--time-regex": of_time}
    return {option: pattern for option, pattern in options.items() if pattern is not None}


@contextmanager
def watching(rule: WordRule, windows: Windows | None, tasks: Tasks, say: Callable[[str], None]) -> Iterator[None]:
    """Watch the patterns of a rule and of windows while the block runs, in a thread of its own; without any do nothing.

    Args:
        rule: how lines become words.
        windows: the windows that words are counted in; None if there are none.
        tasks: the tasks that count by them.
        say: shows a message to the user.
    """
    patterns = patterns_of(rule, windows)
    if not patterns:
        yield
        return
    watch = PatternWatch(patterns, tasks, say)

    def poll() -> bool:
        try:
            watch.poll()
        except Exception:  # noqa: BLE001  # Java is gone, which is told elsewhere
            return False
        return True

    with repeated(poll, POLL_SECONDS, "patterns"):
        yield
