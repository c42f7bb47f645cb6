"""Finds out whether a new file is a copy of a rotated log, and how much of its original was published.

``copytruncate`` copies a log and empties it, and a rotated log is compressed, which also makes a new file of it. Such a
copy is identified by its content, under any name: see ``producer.positions.copy_rule`` for the rule.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from producer.content.birth_time import birth_ns
from producer.discovery.found_file import FoundFile, Warn
from producer.log_names import family, is_compressed, may_be_copied_from
from producer.positions.copy_rule import FEW_LINES_BYTES, Evidence, Fate, Verdict, judge
from producer.positions.position import Content, LostContent, Position
from producer.reading.open_file import ChangedError, OpenFile, opened
from producer.reading.originals import fingerprints_of, is_as_read, is_related, points


class Copy(NamedTuple):
    """What a file is a copy of.

    Attributes:
        published: how many of its first bytes, uncompressed, were published of its original.
        original: what is known of the original; None if the file is no copy, or may turn out to be none. Unless the
            copy is pending, no other copy may be identified by it.
        is_pending: the file must not be read: its original still exists and is published itself, or the file may still
            be growing.
        has_grown_original: its original still exists, and is longer. Nothing tells whether that was truncated since and
            has the same lines again.
        is_continued: the file was put in the place of its original, and continues it.
    """

    published: int
    original: Position | LostContent | None = None
    is_pending: bool = False
    has_grown_original: bool = False
    is_continued: bool = False


class Judging(NamedTuple):
    """What a possible copy is judged by, besides its content.

    Attributes:
        current_file: returns the file that a position belongs to, None if it is gone.
        is_log: it was found next to followed logs.
        is_current: it has the path of a followed log.
        is_sought: it was found where the rest of a log was looked for.
        is_idle: it has not changed for the settling time.
        has_waited: it has been the same as another file for a while.
        counts_copies: a copy of a file that still exists counts as well, as any file of a folder does.
        counts_copies_by_name: the same of a copy that is named like a rotated log.
    """

    current_file: Callable[[Position], FoundFile | None]
    is_log: bool
    is_current: bool
    is_sought: bool
    is_idle: bool
    has_waited: bool
    counts_copies: bool
    counts_copies_by_name: bool


def find_original(source: OpenFile, contents: Sequence[Position | LostContent], judging: Judging) -> Copy:
    """Find what a file without a position is a copy of.

    Args:
        source: the file.
        contents: what is known of files of the same log or with the same beginning, also contents that were lost.
        judging: what else the file is judged by.

    Raises:
        BrokenError: the file is compressed, and cut short or damaged.
        ChangedError: the file changes meanwhile.
    """
    named = {content.key: _is_related(source.file.real, content, judging) for content in contents}
    contents = [one for one in contents if named[one.key] or not _stands_apart(source, one, judging)]
    if not contents:
        return Copy(0)
    size, fingerprints = fingerprints_of(source, [extent for content in contents for extent, _ in points(content)])
    copy = Copy(0)
    # What is known of the same log by its name decides over what only begins alike, and the longest over the others.
    for content in sorted(contents, key=lambda content: (named[content.key], content.extent)):
        if copy.is_pending and not named[content.key] and _is_unchanged(content, judging):
            continue  # it is one more that this file waits for
        is_published = any(extent and fingerprints.get(extent) == known for extent, known in points(content))
        file = _file_of(content, judging)
        if judging.is_current and _continues(source, content, file, fingerprints):
            copy = Copy(content.position, content, is_continued=True)
            continue
        existing = None if file is None else _existing_beginning(source, file, content, size)
        if not is_published if existing is None else not size or existing != fingerprints[size]:
            continue
        evidence = _evidence(source, content, judging, file, exists_up_to=None if existing is None else size)
        match judge(evidence):
            case Verdict.COPY:
                copy = Copy(min(content.position, size), content)
            case Verdict.WAIT if evidence.is_related or evidence.fate is Fate.NAMELESS:
                is_whole = bool(source.compression) and content.position >= size
                has_grown = evidence.fate is Fate.EXISTS and file is not None and file.size > size
                return Copy(min(content.position, size), content, not is_whole, has_grown)
            case Verdict.WAIT if copy.original is None:
                copy = Copy(0, is_pending=True)
    return copy


def _is_unchanged(content: Content, judging: Judging) -> bool:
    """Tell whether the file of a content has its name, and still is as it was when all of it was read."""
    file = _file_of(content, judging)
    is_unchanged = file is not None and file.descriptor is None and is_as_read(file, content)
    return is_unchanged and not is_compressed(content.path)  # else this file may be its decompressed copy


def _file_of(content: Content, judging: Judging) -> FoundFile | None:
    """Return the file that has a content, None if it is gone; another file may have its inode by now."""
    file = judging.current_file(content) if isinstance(content, Position) else None
    return file if file is not None and birth_ns(file.opened_by) == content.birth_ns else None


def _is_related(path: str, content: Content, judging: Judging) -> bool:
    """Tell by its name whether a file may be a copy of a content of the same log, whose file may be renamed since."""
    file = _file_of(content, judging)
    if is_related(path, content) or file is None or not is_compressed(file.real):
        return is_related(path, content)
    return family(path) == content.family and may_be_copied_from(path, file.real)


def _stands_apart(source: OpenFile, content: Content, judging: Judging) -> bool:
    """Tell whether a file counts whole although it begins like another one, whose name is not that of the same log.

    So it is if the other one is unchanged once this one has settled: see ``producer.positions.copy_rule``. Of many
    equal files, none is compared with others then.
    """
    has_settled = source.compression is not None or judging.is_idle or judging.counts_copies
    return has_settled and not judging.is_sought and _is_unchanged(content, judging)


def warn_of_twin(warn: Warn, path: str, log: str) -> None:
    """Warn that a file may be a copy of what a log had before it was truncated and got the same lines again."""
    warn(
        path,
        f"holds the same lines as the beginning of {log}, and is taken for a copy of it; if {log} was truncated since"
        " and has written the same lines again, these are missing from the counts",
    )


def _continues(source: OpenFile, content: Content, file: FoundFile | None, fingerprints: Mapping[int, bytes]) -> bool:
    """Tell whether a file is put in the place of a log that is deleted, and begins with all that was counted of it.

    A whole file replaces a log that has grown, as rsync does. A new log may have the very same few lines, but it gets
    them under its own name: only a file that was renamed has changed at another time than its content. At a path that
    logs are rotated to, each file is another one.
    """
    was_put = source.file.ctime_ns != source.file.mtime_ns
    is_whole = content.extent >= max(content.position, 1 if was_put else FEW_LINES_BYTES)
    if content.path != source.file.real or not is_whole or fingerprints.get(content.extent) != content.fingerprint:
        return False
    if isinstance(content, LostContent):  # of another file, whose inode may be reused
        return content.birth_ns != source.birth_ns
    return file is None or (file.descriptor is not None and os.fstat(file.descriptor).st_nlink == 0)


def _evidence(
    source: OpenFile,
    content: Position | LostContent,
    judging: Judging,
    file: FoundFile | None,
    *,
    exists_up_to: int | None,
) -> Evidence:
    """Return what tells whether a file is a copy that begins with what was published of another ``file``.

    The other file is None if it is gone. If it still holds its content, both have the same bytes up to
    ``exists_up_to``, which is otherwise None.
    """
    related = judging.is_sought or _is_related(source.file.real, content, judging)
    fate, cut_ns = _fate(content, file, exists=exists_up_to is not None)
    has_caught_up = file is not None and exists_up_to is not None and file.size <= exists_up_to
    return Evidence(
        fate=fate,
        is_related=related,
        has_same_path=content.path == source.file.real,
        is_log=judging.is_log,
        is_packed=bool(source.compression),
        is_settled=judging.is_idle or (judging.has_waited and has_caught_up),
        counts_copies=judging.counts_copies_by_name if related else judging.counts_copies,
        birth_ns=source.birth_ns,
        mtime_ns=source.file.mtime_ns,
        original_birth_ns=content.birth_ns,
        original_mtime_ns=content.mtime_ns,
        cut_ns=cut_ns,
        now_ns=time.time_ns(),
    )


def _fate(content: Position | LostContent, file: FoundFile | None, *, exists: bool) -> tuple[Fate, int]:
    """Return what became of the file that had a content, and until when it may have been cut."""
    if isinstance(content, LostContent):
        return Fate.CUT, content.lost_ns
    if file is not None and exists:
        has_name = file.descriptor is None or _inode_at(file.path) == file.inode
        return (Fate.EXISTS if has_name else Fate.NAMELESS), 0
    if file is not None:
        return Fate.CUT, file.ctime_ns
    try:
        successor = os.stat(content.path)
    except OSError:
        return Fate.GONE, 0
    # A file that has its path still exists, but is not followed by this command.
    is_itself = successor.st_ino == content.inode
    return (Fate.EXISTS, 0) if is_itself else (Fate.CUT, successor.st_ctime_ns)


def _inode_at(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def _existing_beginning(source: OpenFile, file: FoundFile, content: Content, size: int) -> bytes | None:
    """Return what ``_beginning`` returns; of a compressed file, which identifies its decompressed copy, None or b""."""
    beginning = _beginning(file, content, size)
    if beginning is None or not is_compressed(content.path):
        return beginning
    return None if may_be_copied_from(source.file.real, file.real) else b""  # else it was renamed since


def _beginning(file: FoundFile, content: Content, size: int) -> bytes | None:
    """Return the fingerprint of the first ``size`` bytes of a file.

    Returns:
        b"" if the file has fewer bytes; None if it no longer holds what was published.
    """
    if size >= content.extent and is_as_read(file, content):
        return content.fingerprint if size == content.extent else b""
    try:
        with opened(file) as original:
            if original.file.key != file.key:
                return None
            if original.fingerprint(content.extent).digest() != content.fingerprint:
                return None
            return original.fingerprint(size).digest() if size <= original.size else b""
    except (OSError, ChangedError):
        return None
