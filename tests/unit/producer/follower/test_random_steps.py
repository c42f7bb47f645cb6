"""Whatever is appended in whatever pieces, with polls, rotations and restarts in between, counts once."""

import gzip
import os
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.discovery import open_logs, scanner, symlinks
from producer.reading import plain_reader
from producer.rotation import rotations
from producer.targets.directory import DirectoryTarget
from tests.support.reference import count
from tests.support.watched import Watched
from tests.support.written_file import WrittenFile

_NAMES = st.integers(0, 2)

_PIECE = st.lists(
    st.sampled_from([b"\n", b"\r", b" ", b"a", b"bc", b"\xef\xbb\xbf", b"\xed\x95", b"\x9c", b"long " * 9]),
    min_size=1,
    max_size=5,
).map(b"".join)

_STEP = (
    st.tuples(st.just("append"), _NAMES, _PIECE)
    | st.tuples(st.just("poll"), st.none(), st.none())
    | st.tuples(st.just("restart"), st.none(), st.none())
    | st.tuples(st.just("rename"), _NAMES, st.none())
    | st.tuples(st.just("preallocate"), _NAMES, st.none())
    | st.tuples(st.just("write out of order"), _NAMES, _PIECE)
    | st.tuples(st.just("rewrite"), _NAMES, st.none())
)

#: The inputs, the log's path, and the path of a symlink to it, by how the log is found.
_INPUTS = {
    "its name": (["app.log"], "app.log", None),
    "a pattern with a symlink to it": (["*.log"], "app.log", "current.log"),
    "a pattern with a symlink before it": (["*.log"], "app.log", "a.log"),
    "a symlink alone": (["current.log"], "far/app.log", "current.log"),
    "a folder and a pattern": (["", "*.log"], "app.log", None),
    "a pattern that names all": (["app*"], "app.log", None),
    "a dated name": (["*.log"], "app-2026-01-01.log", None),
    "a pattern of dated names": (["app-*.log"], "app-2026-01-01.log", None),
    "a symlink to dated names": (["current.log"], "far/app-2026-01-01.log", "current.log"),
    "a symlink among dated names": (["*.log"], "app-2026-01-01.log", "current.log"),
}

_LOG_STEPS = (
    ["write"] * 4
    + ["poll"] * 3
    + ["half", "restart", "rename", "date", "copy", "copy by date", "pack", "next", "delete"]
    + ["rename oddly", "copy oddly"]
)


@settings(max_examples=60)
@given(st.lists(_STEP, max_size=25), st.sampled_from([float("inf"), 0.02, 1e-12]), st.none() | st.integers(1, 2))
def test_every_appended_byte_counts_once(
    steps: list[tuple[str, int, bytes]], full_scan_share: float, chunk_lines: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as root:
        patch.setattr(scanner, "FULL_SCAN_SHARE", full_scan_share)
        patch.setattr(DirectoryTarget, "chunk_bytes", 32)
        patch.setattr(plain_reader, "READ_BYTES", 8)
        patch.setattr(os, "fsync", lambda *_: None)  # no power cut is simulated
        files = [WrittenFile(f"{index}-0") for index in range(3)]
        watched = Watched(Path(root), settle=3600, chunk_lines=chunk_lines)
        for number, (step, index, piece) in enumerate(steps):
            if step == "poll":
                watched.poll()
            elif step == "restart":
                watched.restart()
            elif step == "rename":
                if (former := watched.path(files[index].name)).exists():
                    files[index].name = f"{index}-{number}"
                    former.rename(watched.path(files[index].name))
            else:
                files[index].step(watched, step, piece)
        for file in files:
            file.step(watched, "close", b"")
        watched.restart(settle=0)
        watched.poll()
        watched.close()

        assert watched.counts == count(*(file.content for file in files))


class _Writer:
    """Writes unique lines to a log, and rotates it in every way."""

    def __init__(self, watched: Watched, name: str, link: str | None, *, has_rotated: bool) -> None:
        self.watched = watched
        self.log = watched.path(name)
        self.log.parent.mkdir(exist_ok=True)
        self.log.touch()
        self.rotated: list[Path] = []  # newest first
        if has_rotated:
            self.rotated = [self.log.with_name(f"{self.log.name}.{end}") for end in ("1", "2.gz")]
            self.rotated[0].write_text("old\n")
            self.rotated[1].write_bytes(gzip.compress(b"old\n"))
        self.link = link and watched.path(link)
        if self.link:
            self.link.symlink_to(self.log)
        self.written: list[str] = []
        self.half, self.day = False, 1
        self.is_known = False  # some of the log was read since it was rotated

    def step(self, step: str) -> None:
        if step == "half" and not self.half:
            self._append(f"line-{len(self.written)}-")
            self.half = True
        elif step == "write" or self.half:
            self._append("\n" if self.half else f"line-{len(self.written)}-\n")
            self.written.append(f"line-{len(self.written)}-")
            self.half = False
        match step:
            case "rename" | "date" | "copy" | "copy by date":
                by_date = step in {"date", "copy by date"}
                self._rotate(self._dated() if by_date else self._numbered(), copy="copy" in step)
            case "rename oddly" | "copy oddly" if self.is_known:  # by its content
                self._rotate(self._odd(), copy="copy" in step)
            case "pack" if self.rotated and self.rotated[0].suffix != ".gz":
                packed = self.rotated[0].with_name(f"{self.rotated[0].name}.gz")
                packed.write_bytes(gzip.compress(self.rotated[0].read_bytes()))
                self.rotated[0].unlink()
                self.rotated[0] = packed
            case "next" if "2026-" in self.log.name:
                self.rotated.insert(0, self.log)
                self.is_known = False
                self.day += 1
                self.log = self.log.with_name(f"app-2026-01-{self.day:02}.log")
                self.log.touch()
                if self.link:
                    new = self.link.with_name(".new")
                    new.symlink_to(self.log)
                    new.rename(self.link)
            case "delete" if len(self.rotated) > 1:
                for _ in range(3):
                    self.poll()
                self.rotated.pop().unlink()

    def poll(self) -> None:
        self.watched.poll()
        self.is_known = self.is_known or b"\n" in self.log.read_bytes()

    def _append(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(text)

    def _odd(self) -> Path:
        self.day += 1
        (self.log.parent / "old").mkdir(exist_ok=True)
        return self.log.parent / ("old" if self.day % 2 else ".") / f"former {self.day} of app"

    def _numbered(self) -> Path:
        for place, path in reversed(list(enumerate(self.rotated))):
            if match := re.fullmatch(r"(.*\.log)\.(\d+)(\.gz)?", path.name):
                self.rotated[place] = path.rename(path.with_name(f"{match[1]}.{int(match[2]) + 1}{match[3] or ''}"))
        return self.log.with_name(f"{self.log.name}.1")

    def _dated(self) -> Path:
        self.day += 1
        return self.log.with_name(f"{self.log.name}-202601{self.day:02}")

    def _rotate(self, to: Path, *, copy: bool) -> None:
        self.is_known = False
        if copy:
            shutil.copyfile(self.log, to)
            os.truncate(self.log, 0)
        else:
            self.log.rename(to)
            self.log.touch()
        self.rotated.insert(0, to)


@pytest.mark.parametrize("found_by", _INPUTS)
@settings(max_examples=40)
@given(st.lists(st.sampled_from(_LOG_STEPS), max_size=30), st.sampled_from([float("inf"), 1e-12]), st.booleans())
def test_every_line_of_a_log_counts_once(
    found_by: str,
    steps: list[str],
    full_scan_share: float,
    has_rotated: bool,  # noqa: FBT001
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as root:
        patch.setattr(scanner, "FULL_SCAN_SHARE", full_scan_share)
        patch.setattr(scanner, "QUICK_SCAN_SHARE", float("inf"))
        for module, share in ((symlinks, "SCAN_SHARE"), (open_logs, "SCAN_SHARE"), (rotations, "SEARCH_SHARE")):
            patch.setattr(module, share, float("inf"))
        patch.setattr(os, "fsync", lambda *_: None)  # no power cut is simulated
        inputs, name, link = _INPUTS[found_by]
        watched = Watched(Path(root), inputs=inputs, follow_logs=True)
        try:
            # Files rotated before count if an input names them, too.
            writer = _Writer(watched, name, link, has_rotated=has_rotated and not {"", "app*"} & set(inputs))
            watched.poll()
            for step in steps:
                if step == "poll":
                    writer.poll()
                elif step == "restart":
                    watched.restart()
                else:
                    writer.step(step)
            if writer.half:
                writer.step("write")
            assert [watched.poll() for _ in range(3)][-1] == Counter(writer.written)
        finally:
            watched.close()
