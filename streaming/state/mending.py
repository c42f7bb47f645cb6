"""Mend a checkpoint whose last batch is damaged, as a power cut leaves it; refuse one that is damaged in other places.

Spark does not force its checkpoint to the disk, so that the last files may be empty or cut. The last batch is undone
as a whole, with its version of the counts, and is then counted again from the source. If its counts are whole and only
the note that they are committed is damaged, the note is written anew: what the batch has read may be gone.
"""

import json
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from producer.common.atomic_file import write_file
from streaming.errors import StateError
from streaming.state.checkpoint import REMEDY, log_offset
from streaming.state.checkpoint_files import (
    broken_state_file,
    checksum_of,
    is_whole,
    is_whole_log,
    numbers_in,
    remove,
    versions_after,
)


@dataclass
class Mending:
    """What makes a checkpoint whole again.

    Attributes:
        last: the last batch there is any file of; None if there is none.
        committed: the last batch that is committed then; None if there is none.
        broken: the file for which a batch is undone that was committed; None if none is.
        removed: the files, or folders, to remove.
        written: the files to write.
    """

    last: int | None
    committed: int | None
    broken: Path | None = None
    removed: list[Path] = field(default_factory=list)
    written: dict[Path, str] = field(default_factory=dict)

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
    if last is None:
        return Mending(None, None)
    mending = _mend_last(checkpoint, last, is_committed=last in committed)
    _mend_sources(checkpoint, last, mending, is_file_source=is_file_source)
    if not _is_whole_metadata(checkpoint / "metadata"):
        mending.written[checkpoint / "metadata"] = json.dumps({"id": str(uuid.uuid4())})  # no count depends on it
    # Spark reads the offsets before those of the last batch, too.
    has_offsets = checkpoint / "offsets" / str(last) not in mending.removed
    former = (last if has_offsets else last - 1) - 1
    if former >= 0 and not is_whole_log(checkpoint / "offsets" / str(former)):
        raise damaged(checkpoint / "offsets" / str(former))
    return mending


def undo(checkpoint: Path, batch: int) -> None:
    """Undo a batch that is not committed, so that the next one may read other offsets."""
    remove(checkpoint / "offsets" / str(batch))
    for file in list(versions_after(checkpoint, batch)):
        remove(file)
    if batch == 0:
        shutil.rmtree(checkpoint / "state", ignore_errors=True)


def _mend_last(checkpoint: Path, last: int, *, is_committed: bool) -> Mending:
    offsets, commit = checkpoint / "offsets" / str(last), checkpoint / "commits" / str(last)
    broken = _broken_file(checkpoint, last)
    if is_committed and broken is None:
        return Mending(last, last, removed=list(versions_after(checkpoint, last + 1)))
    if is_committed and broken == commit and broken_state_file(checkpoint, last + 1) is None:
        watermark = json.loads(offsets.read_text("utf-8").split("\n")[1])["batchWatermarkMs"]
        return Mending(last, last, written={commit: f'v1\n{{"nextBatchWatermarkMs":{watermark}}}'})
    if last > 0 and (before := _broken_file(checkpoint, last - 1)) is not None:
        raise damaged(before)
    mending = Mending(last, last - 1 if last else None, broken if is_committed else None)
    mending.removed += [commit, *versions_after(checkpoint, last)]
    if not is_whole_log(offsets):
        mending.removed += [offsets] if last else [offsets, checkpoint / "state"]
    return mending


def _broken_file(checkpoint: Path, batch: int) -> Path | None:
    """Return a file without which Spark cannot go on after a batch; None if all are whole."""
    for log in ("offsets", "commits"):
        if not is_whole_log(checkpoint / log / str(batch)):
            return checkpoint / log / str(batch)
    return broken_state_file(checkpoint, batch + 1)


def _mend_sources(checkpoint: Path, last: int, mending: Mending, *, is_file_source: bool) -> None:
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
                mending.removed += [file, checkpoint / "offsets" / str(last)]


def _lists(file: Path, offset: int) -> bool:
    """Return whether a file of a source's log has the entries of an offset; a compact one has those of all before."""
    number, _, ending = file.name.partition(".")
    return number.isdigit() and (int(number) == offset or (ending == "compact" and int(number) > offset))


def _is_whole_metadata(file: Path) -> bool:
    try:
        return is_whole(file) and "id" in json.loads(file.read_text("utf-8"))
    except ValueError:
        return False


def damaged(file: Path) -> StateError:
    """Return the error of a file that is missing or damaged."""
    how = "damaged" if file.exists() else "missing"
    return StateError(f"{file} is {how}; {REMEDY}")
