"""What must be counted of logs, what may be missing, and what was told."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO


@dataclass(eq=False)
class Content:
    """What was written to a log between two rotations, and where it is now."""

    log: str
    path: Path | None  #: None if it is deleted
    writer: BinaryIO | None = None  #: of the program that logs; a copy has none
    lines: list[int] = field(default_factory=list)  #: the numbers of its complete lines
    unseen: set[int] = field(default_factory=set)  #: those of them that were not there at any poll
    number: int | None = None  #: of its last line, if that is not complete
    rest: bytes = b""  #: what is not written yet of this line
    is_packed: bool = False
    is_held: bool = False  #: the follower keeps its file open
    may_be_idle: bool = False  #: its time was changed: once it is rotated, it need not be read on
    puts: int = 0  #: how often another file took the place of its file
    seen_puts: int = 0  #: the same at the last poll
    may_be_missed: bool = False  #: nothing leads to its file
    was_log: bool = False  #: it was the log itself at the last poll, for all that this one can have seen

    @property
    def is_put(self) -> bool:
        """Whether no poll has seen the file that has it now."""
        return self.puts != self.seen_puts

    def at(self) -> Path:
        assert self.path is not None
        return self.path

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None


class Expected:
    """Lines, each of which is unlike any other.

    A line must be counted once it was complete at a poll that could read it. It may be missing if its file was deleted,
    cut or overwritten before.
    """

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._numbers: dict[bytes, int] = {}
        self._complete = set[int]()
        self._may_be_missing = set[int]()
        self._may_be_split = set[int]()
        # What was lost while nothing ran: the name of the log, the lines, and how many warnings there were before.
        self._losses = list[tuple[str, set[int], int]]()
        self.warnings: list[tuple[str, str]] = []  #: the paths and reasons that the follower has warned of so far

    def new_line(self, padding: int) -> tuple[int, bytes]:
        number = len(self._lines)
        padding += number * number  # so that a log hardly ever has its former size again: see docs/logs.md
        line = b"%06d %s%06d" % (number, b"x" * padding, number)
        self._lines.append(line)
        self._numbers[line] = number
        return number, line + b"\n"

    def completed(self, content: Content, number: int) -> None:
        content.lines.append(number)
        content.unseen.add(number)
        self._complete.add(number)
        if content.may_be_missed:
            self._may_be_missing.add(number)

    def may_miss(self, content: Content) -> None:
        """Note that nothing leads to the file of a content: what it has now, and what is added, may be missing."""
        content.may_be_missed = True
        self._may_be_missing.update(content.lines)

    def seen(self, content: Content, lines: int) -> None:
        content.unseen.difference_update(content.lines[:lines])

    def lost(self, content: Content, lines: Iterable[int], *, must_be_told: bool = False) -> None:
        """Note that lines are no longer in any file."""
        unseen = content.unseen.intersection(lines)
        self._may_be_missing |= unseen
        if must_be_told:
            self._losses.append((content.log, unseen, len(self.warnings)))

    def forget_losses(self) -> None:
        """Expect no report of what was lost until now, if none was made yet."""
        self._losses.clear()

    def split(self, content: Content) -> None:
        """Note that the last line of a log may count as two, if it is not complete."""
        if content.number is not None:
            self._may_be_split.add(content.number)

    def check(self, lines: Counter[bytes]) -> None:
        """Check that what was published is whole lines, each at most once."""
        for line, count in lines.items():
            if (number := self._numbers.get(line)) is not None:
                assert count == 1, f"line {number} was counted {count} times"
            else:
                halves = (self._lines[number] for number in self._may_be_split)
                assert any(one.startswith(line) or one.endswith(line) for one in halves), f"no line is {line!r}"

    def check_all(self, lines: Counter[bytes]) -> None:
        """Check also that no line is missing that must be there, and that losses were told after they happened."""
        self.check(lines)
        missing = {number for number in self._complete if self._lines[number] not in lines}
        must = missing - self._may_be_missing - self._may_be_split
        assert not must, f"lines {sorted(must)} are missing"
        told = set[int]()  # the warnings that told of a loss: each loss has its own
        for log, lost, before in self._losses:
            if lost & missing:
                told.add(number := self._told_of(log, before, told))
                assert number, f"that lines {sorted(lost)} of {log} are missing was not told"

    def _told_of(self, log: str, before: int, told: set[int]) -> int:
        """Return the number of a warning, none of the first ``before``, that lines of a log are missing; 0 if none."""
        for number, (path, reason) in enumerate(self.warnings[before:], before + 1):
            if number not in told and log in os.path.basename(path) and "counted" in reason:
                return number
        return 0
