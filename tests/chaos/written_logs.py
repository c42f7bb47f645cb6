"""Logs that a program writes to, and what a follower can know of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.chaos.expected import Content, Expected


class WrittenLogs:
    """Logs in a folder, and their rotated files.

    Args:
        folder: the folder.
        rotated: the folder of their rotated files.
        expected: is told what is written and what is lost.
    """

    def __init__(self, folder: Path, rotated: Path, expected: Expected) -> None:
        self.folder, self.rotated = folder, rotated
        self.expected = expected
        self.contents: list[Content] = []
        self.is_followed = False  #: the follower runs
        self.linked = set[str]()  #: the logs that the follower may know by their second names

    # What the program that logs does

    def write(self, log: str, padding: int) -> None:
        content = self._current(log) or self._create(log)
        if content.writer is None:
            self.synchronise(log)
        else:
            self._write_line(content, padding)

    def write_half(self, log: str, padding: int) -> None:
        content = self._current(log) or self._create(log)
        if content.number is None and content.writer is not None:
            content.number, line = self.expected.new_line(padding)
            self._append(content, line[: len(line) // 2])
            content.rest = line[len(line) // 2 :]

    def write_to_former(self, log: str, padding: int) -> None:
        """Write to the file that the log was until it was rotated, as a program does that does not know of that."""
        formers = [one for one in self.contents if one.log == log and one.writer and one.path != self.folder / log]
        if formers:
            self._write_line(formers[-1], padding)

    def synchronise(self, log: str) -> None:
        """Put a file in the place of a log that begins with all the log has, and has more, as rsync does."""
        if (content := self._current(log)) is not None and content.number is None and log not in self.linked:
            number, line = self.expected.new_line(0)
            new = self.folder / f".new-{number}"
            new.write_bytes(content.at().read_bytes() + line)
            shutil.copystat(content.at(), new)  # as by now its content is older than its name
            new.rename(content.at())
            content.close()  # no program writes to this file: what comes next comes in the same way
            content.is_held, content.puts = False, content.puts + 1
            self.expected.completed(content, number)

    def _write_line(self, content: Content, padding: int) -> None:
        if content.number is not None:
            number, data, content.number = content.number, content.rest, None
        else:
            number, data = self.expected.new_line(padding)
        self._append(content, data)
        self.expected.completed(content, number)

    def _append(self, content: Content, data: bytes) -> None:
        assert content.writer is not None
        content.writer.write(data)
        content.writer.flush()

    # What a follower can know of it

    def seen_in(self, poll: Callable[[], bool], *, is_packed_seen: bool) -> None:
        """Take what is there before and after a poll, if that was completed, for seen by it.

        One that was cut off may have seen, and remembered, that a log was rotated.
        """
        before = {one: (one.path, len(one.lines), one.is_held, one.puts) for one in self.contents}
        if not poll():
            for one, (path, *_) in before.items():
                one.was_log &= path in {None, self.folder / one.log}
            return
        self.linked = {log for log in self.linked if (self.folder / f"also-{log}").exists()}
        for one, (path, lines, is_held, puts) in before.items():
            if one not in self.contents or (one.path, one.puts) != (path, puts) or not (path or is_held):
                continue
            if is_packed_seen or not one.is_packed:
                self.expected.seen(one, lines)
                one.seen_puts = puts
            one.is_held = not (one.is_packed or one.may_be_idle)
            one.was_log = path == self.folder / one.log

    def unfollow(self) -> None:
        """Note that the follower has ended, and keeps nothing open any longer."""
        self.is_followed = False
        for content in list(self.contents):
            content.is_held = False
            if content.path is None:
                self._remove(content)

    def close(self) -> None:
        for content in self.contents:
            content.close()

    def _remove_second_name(self, log: str) -> None:
        """Remove a hard link: a file counts twice if it is there under two names, and one of them is a copy."""
        name = self.folder / f"also-{log}"
        if not name.is_symlink():
            name.unlink(missing_ok=True)

    def _current(self, log: str) -> Content | None:
        return next((one for one in self.contents if one.path == self.folder / log), None)

    def _rotated(self, log: str) -> list[Content]:
        return [one for one in self.contents if one.log == log and one.path not in {None, self.folder / log}]

    def _create(self, log: str) -> Content:
        path = self.folder / log
        self.contents.append(content := Content(log, path, path.open("ab")))
        return content

    def _begin_again(self, content: Content) -> None:
        """Begin a new content of the same file."""
        self.contents.append(
            Content(content.log, content.path, content.writer, number=content.number, rest=content.rest)
        )
        content.writer, content.number = None, None
        self.contents[-1].is_held = content.is_held

    def _nameless(self, content: Content) -> None:
        content.path = None
        self.expected.split(content)
        if not content.is_held:
            self._lose(content)

    def _lose(self, content: Content) -> None:
        # Nothing tells what was written to a log of which nothing was read, or to a rotated file that was read.
        was_read = content.was_log and not content.is_put and len(content.unseen) < len(content.lines)
        must_be_told = was_read and not self.is_followed
        self.expected.lost(content, content.lines, must_be_told=must_be_told)
        self._remove(content)

    def _remove(self, content: Content) -> None:
        self.expected.lost(content, content.lines)
        content.close()
        self.contents.remove(content)
