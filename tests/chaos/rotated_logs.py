"""Logs that are rotated, compressed, cut, deleted and replaced."""

import bz2
import gzip
import lzma
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from producer.content.compression import zstd
from tests.chaos.expected import Content
from tests.chaos.written_logs import WrittenLogs

_PACK = {".gz": gzip.compress, ".bz2": bz2.compress, ".zst": zstd.compress, ".xz": lzma.compress}
_UNPACK = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".zst": zstd.decompress, ".xz": lzma.decompress}

#: What happens in the middle of a step.
Between = Callable[[], object]


class RotatedLogs(WrittenLogs):
    """Written logs to which all that happens to logs is done. A step that does not apply does nothing."""

    # What rotates the logs

    def rename(self, log: str, between: Between) -> None:
        if (content := self._current(log)) is not None and not content.is_put:
            self._archived(content)
            content.path = content.at().rename(self._make_room(log))
            self.expected.split(content)
            between()
            if self._current(log) is None:
                self._create(log)

    def link_and_unlink(self, log: str, between: Between) -> None:
        if (content := self._current(log)) is not None and content.writer is not None:
            to = self._make_room(log)
            self._archived(content)
            os.link(content.at(), to)
            between()
            content.at().unlink()
            content.path = to
            self.expected.split(content)
            self._create(log)

    def copy_and_truncate(self, log: str, between: Between) -> None:
        if (content := self._current(log)) is not None and content.writer is not None:
            self._remove_second_name(log)
            to = self._make_room(log)
            self._archived(content)
            self._copied(content)
            shutil.copyfile(content.at(), to)
            copied = len(content.lines)
            self.expected.split(content)
            between()
            os.truncate(content.at(), 0)
            self.expected.lost(content, content.lines[copied:])
            del content.lines[copied:]
            self._begin_again(content)
            content.path, content.is_held = to, False

    def pack(self, log: str, place: int, suffix: str, between: Between) -> None:
        if plain := [one for one in self._rotated(log) if not one.is_packed]:
            self._remove_second_name(log)
            content = plain[place % len(plain)]
            self._copied(content)
            path = content.at()
            packed = path.with_name(f"{path.name}{suffix}")
            packed.write_bytes(_PACK[suffix](path.read_bytes()))
            shutil.copystat(path, packed)
            lines = len(content.lines)
            between()
            path.unlink()
            self.expected.lost(content, content.lines[lines:])
            del content.lines[lines:]
            content.close()
            content.path, content.is_packed, content.is_held = packed, True, False
            content.puts += 1

    def unpack(self, log: str, place: int, between: Between) -> None:
        if packed := [one for one in self._rotated(log) if one.is_packed and not one.is_put]:
            content = packed[place % len(packed)]
            self._copied(content)
            path = content.at()
            unpacked = path.with_suffix("")
            unpacked.write_bytes(_UNPACK[path.suffix](path.read_bytes()))
            shutil.copystat(path, unpacked)
            between()
            path.unlink()
            content.path, content.is_packed = unpacked, False

    def _archived(self, content: Content) -> None:
        """Note that a log goes to where only a search finds it, by the log that a poll has seen."""
        if self.rotated != self.folder and not content.was_log:
            self.expected.may_miss(content)

    def _copied(self, content: Content) -> None:
        """Note that a content goes to another file, which a search knows only by lines that were read before."""
        if self.rotated != self.folder and len(content.unseen) == len(content.lines):
            self.expected.may_miss(content)

    def _make_room(self, log: str) -> Path:
        """Give each rotated file the next number, and return the path for the number 1."""
        numbers = {int(one.at().name.removeprefix(f"{log}.").partition(".")[0]): one for one in self._rotated(log)}
        for number, one in sorted(numbers.items(), reverse=True):
            suffix = one.at().suffix if one.is_packed else ""
            one.path = one.at().rename(self.rotated / f"{log}.{number + 1}{suffix}")
        return self.rotated / f"{log}.1"

    # What else happens to files

    def cut(self, log: str) -> None:
        if (content := self._current(log)) is not None:
            os.truncate(content.at(), 0)
            self.expected.split(content)
            self._begin_again(content)
            self._lose(content)

    def delete(self, log: str, place: int) -> None:
        if files := [one for one in self.contents if one.log == log and one.path]:
            content = files[place % len(files)]
            content.at().unlink()
            self._nameless(content)

    def replace(self, log: str, between: Between) -> None:
        """Put a new file in the place of a log."""
        if (content := self._current(log)) is not None:
            number, line = self.expected.new_line(0)
            new = self.folder / f".new-{number}"
            new.write_bytes(line)
            between()
            new.rename(self.folder / log)
            if content in self.contents:  # nothing else has happened to it
                self._nameless(content)
            self.expected.completed(self._create(log), number)

    def link(self, log: str, *, is_symbolic: bool) -> None:
        """Give a log a second name, or take it away."""
        name = self.folder / f"also-{log}"
        if name.is_symlink() or name.exists():
            name.unlink()
        elif (self.folder / log).exists():
            (name.symlink_to if is_symbolic else name.hardlink_to)(self.folder / log)
            self.linked |= set() if is_symbolic else {log}

    def touch(self, log: str, place: int, seconds: float) -> None:
        """Change the time of a file."""
        if files := [one for one in self.contents if one.log == log and one.path]:
            content = files[place % len(files)]
            content.may_be_idle = True
            path = content.at()
            mtime = path.stat().st_mtime + seconds
            os.utime(path, (mtime, mtime))
