"""Mend a checkpoint whose last batches are damaged, as a power cut leaves it; refuse one that is damaged elsewhere.

Spark does not force its checkpoint to the disk, so that the last files may be empty or cut. All batches after the last
whole one are undone, with their versions of the counts, and are then counted again from the source. If the counts of a
batch are whole and only the note that they are committed is damaged, the note is written anew: what the batch has read
may be gone.
"""

import json
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from producer.common.atomic_file import write_file
from streaming.errors import UNUSABLE, StateError
from streaming.state.checkpoint import REMEDY, is_repartition, log_offset
from streaming.state.checkpoint_files import (
    broken_snapshots,
    broken_state_file,
    checksum_of,
    is_whole,
    is_whole_log,
    numbers_in,
    remove,
    version_ids,
    versions_after,
)

#: What Spark wants empty before a first batch. A kill leaves a temporary file there, and a query that is stopped
#: before its first checkpoint in real time a store without counts.
_OF_BATCHES = ("offsets", "commits", "state")


@dataclass
class Mending:
    """What makes a checkpoint whole again.

    Attributes:
        last: the last batch there is any file of; None if there is none.
        committed: the last batch that is committed then; None if there is none.
        broken: the file for which batches are undone that were committed; None if none are.
        removed: the files, or folders, to remove.
        written: the files to write.
    """

    last: int | None
    committed: int | None
    broken: Path | None = None
    removed: list[Path] = field(default_factory=list)
    written: dict[Path, str] = field(default_factory=dict)

    @property
    def first_undone(self) -> int:
        """The first batch that is undone, if there is one."""
        return 0 if self.committed is None else self.committed + 1

    @property
    def forgets_all(self) -> bool:
        """Whether the first batch is undone, with the note of what it reads."""
        return self.committed is None and any(path.name == "state" for path in self.removed)

    def carry_out(self) -> None:
        """Remove and write the files."""
        for path in self.removed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                remove(path)
        for path, text in self.written.items():
            checksum_of(path).unlink(missing_ok=True)
            write_file(path, text.encode())


def find_mending(checkpoint: Path, *, is_file_source: bool) -> Mending:
    """Return what mends a checkpoint; nothing is changed yet.

    Args:
        checkpoint: its folder, which no query uses.
        is_file_source: the source keeps a log of the files it has read.

    Raises:
        StateError: it is damaged in a place that undoing the last batch does not mend; the message names the file.
    """
    committed = numbers_in(checkpoint / "commits")
    last = max(committed | numbers_in(checkpoint / "offsets"), default=None)
    mending = Mending(None, None) if last is None else _mend_last(checkpoint, last, committed)
    _mend_sources(checkpoint, mending, is_file_source=is_file_source)
    if checkpoint.exists() and not _is_whole_metadata(checkpoint / "metadata"):
        mending.written[checkpoint / "metadata"] = json.dumps({"id": str(uuid.uuid4())})  # no count depends on it
    # Spark reads the offsets before those of the last batch, too.
    offsets = {checkpoint / "offsets" / str(number) for number in numbers_in(checkpoint / "offsets")}
    left = offsets.difference(mending.removed)
    if not left:
        mending.removed += [checkpoint / name for name in _OF_BATCHES]
    former = max((int(file.name) for file in left), default=0) - 1
    if former >= 0 and not is_whole_log(checkpoint / "offsets" / str(former)):
        raise damaged(checkpoint / "offsets" / str(former))
    return mending


def undo(checkpoint: Path, batch: int) -> None:
    """Undo a batch that is not committed, so that the next one may read other offsets."""
    remove(checkpoint / "offsets" / str(batch))
    for file in list(versions_after(checkpoint, batch)):
        remove(file)
    if batch == 0:
        for name in _OF_BATCHES:
            shutil.rmtree(checkpoint / name, ignore_errors=True)


def _mend_last(checkpoint: Path, last: int, committed: set[int]) -> Mending:
    """Return what undoes the batches after the last one that is whole.

    Spark does not force its files to the disk, so that a power cut may damage those of several batches.
    """
    broken: Path | None = None
    for batch in sorted(committed, reverse=True):
        found = _broken_file(checkpoint, batch)
        commit = checkpoint / "commits" / str(batch)
        if found == commit and broken_state_file(checkpoint, batch + 1) is None:
            text = _commit_text(checkpoint, batch)
            if text is not None:
                mending = _undo_after(checkpoint, batch, last, broken)
                mending.written[commit] = text
                return mending
        if found is None:
            return _undo_after(checkpoint, batch, last, broken)
        broken = broken or found
    if broken is not None and last > 0:
        raise damaged(broken)
    return _undo_after(checkpoint, None, last, broken)


def _commit_text(checkpoint: Path, batch: int) -> str | None:
    """Return what the commit of a batch said whose counts are whole; None if it is not known which files they are."""
    ids = version_ids(checkpoint, batch + 1)
    if ids is None:
        return None
    offsets = (checkpoint / "offsets" / str(batch)).read_text("utf-8")
    commit: dict[str, object] = {"nextBatchWatermarkMs": json.loads(offsets.split("\n")[1])["batchWatermarkMs"]}
    text = json.dumps({**commit, "stateUniqueIds": ids} if ids else commit, separators=(",", ":"))
    return f"{'v2' if ids else 'v1'}\n{text}"


def _undo_after(checkpoint: Path, committed: int | None, last: int, broken: Path | None) -> Mending:
    """Return what undoes the batches after one; the first of them keeps what it is to read, if that is known.

    A repartition reads nothing, and Spark starts no query on one that is not finished: it keeps nothing.
    """
    mending = Mending(last, committed, broken)
    first = mending.first_undone
    if first < last:  # it was committed, or the next one would not have begun
        mending.broken = broken or checkpoint / "commits" / str(first)
    mending.removed += [*broken_snapshots(checkpoint, first), *versions_after(checkpoint, first)]
    for batch in range(first, last + 1):
        offsets = checkpoint / "offsets" / str(batch)
        mending.removed.append(checkpoint / "commits" / str(batch))
        if batch > first or not is_whole_log(offsets) or is_repartition(checkpoint, batch):
            mending.removed.append(offsets)
    return mending


def _broken_file(checkpoint: Path, batch: int) -> Path | None:
    """Return a file without which Spark cannot go on after a batch; None if all are whole."""
    for log in ("offsets", "commits"):
        if not is_whole_log(checkpoint / log / str(batch)):
            return checkpoint / log / str(batch)
    return broken_state_file(checkpoint, batch + 1)


def _mend_sources(checkpoint: Path, mending: Mending, *, is_file_source: bool) -> None:
    """Forget what a source has found for a batch that is undone, if the note of it is damaged."""
    for folder in sorted((checkpoint / "sources").glob("[0-9]*")):
        if not is_file_source:
            # A topic has the place where it begins there, which only the first batch needs.
            if mending.committed is None and (folder / "0").exists() and not is_whole(folder / "0"):
                raise damaged(folder / "0")
            continue
        known = log_offset(checkpoint, mending.committed, int(folder.name))
        files = [file for file in folder.iterdir() if not file.name.startswith(".")]
        if known >= 0 and not any(_lists(file, known) for file in files):
            raise damaged(folder / str(known))
        for file in files:
            if not is_whole(file):
                if not file.name.isdigit() or int(file.name) <= known:
                    raise damaged(file)
                mending.removed += [checkpoint / "offsets" / str(mending.first_undone), file]


def _lists(file: Path, offset: int) -> bool:
    """Return whether a file of a source's log has the entries of an offset; a compact one has those of all before."""
    number, _, ending = file.name.partition(".")
    return number.isdigit() and (int(number) == offset or (ending == "compact" and int(number) > offset))


def _is_whole_metadata(file: Path) -> bool:
    try:
        return is_whole(file) and "id" in json.loads(file.read_text("utf-8"))
    except UNUSABLE:
        return False


def damaged(file: Path) -> StateError:
    """Return the error of a file that is missing or damaged."""
    how = "damaged" if file.exists() else "missing"
    return StateError(f"{file} is {how}; {REMEDY}")
