"""How far topics are counted: Spark's offsets in the checkpoint, and next to them what the brokers said of them.

Spark knows a position by its number alone. ``topics.json`` in the state folder adds the leader epoch in which each
batch read its partitions, for the last batches: if a partition loses its end, the numbers may soon be there again, but
not in that epoch.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from producer.common.atomic_file import write_file
from streaming.errors import UNUSABLE, StateError
from streaming.kafka.losses import Counted, Held, Loss, Partition
from streaming.state.checkpoint import REMEDY, is_repartition, last_commit, read_text

_NOTES = "topics.json"
#: The batch at hand may be undone, and the one before it.
_KEPT_BATCHES = 3
_FORMAT = 1

Offsets = dict[Partition, int]


def batch_offsets(checkpoint: Path, batch: int) -> Offsets:
    """Return where a batch ends in each partition.

    Raises:
        StateError: the offsets of the batch are damaged.
    """
    file = checkpoint / "offsets" / str(batch)
    return _parsed(file, "".join(read_text(file).split("\n")[2:3]))


def counted_offsets(checkpoint: Path) -> Offsets:
    """Return the first offset of each partition that is not counted; empty if that is not decided yet.

    Raises:
        StateError: the offsets are damaged.
    """
    batch = last_commit(checkpoint)
    if batch is not None:
        return batch_offsets(checkpoint, batch)
    file = _first_offsets(checkpoint)
    return _parsed(file, read_text(file).split("\n")[-1]) if file.exists() else {}


def resume_at(checkpoint: Path, losses: list[Loss]) -> None:
    """Let the next batch begin where each loss resumes. The last batch must be committed."""
    offsets = counted_offsets(checkpoint)
    for loss in losses:
        if loss.resume < 0:
            offsets.pop(loss.partition, None)
        else:
            offsets[loss.partition] = loss.resume
    batch = last_commit(checkpoint)
    file = _first_offsets(checkpoint) if batch is None else checkpoint / "offsets" / str(batch)
    lines = read_text(file).split("\n")
    lines[-1 if batch is None else 2] = offsets_text(offsets)
    replace_text(file, "\n".join(lines))


def end_batch_before(checkpoint: Path, batch: int, partition: Partition, offset: int) -> None:
    """Let a batch that is not committed end before an offset of a partition."""
    file = checkpoint / "offsets" / str(batch)
    lines = read_text(file).split("\n")
    lines[2] = offsets_text({**batch_offsets(checkpoint, batch), partition: offset})
    replace_text(file, "\n".join(lines))


def offsets_text(offsets: Mapping[Partition, int]) -> str:
    """Return offsets as Spark's connector writes them.

    >>> offsets_text({Partition("lines", 0): 5, Partition("lines", 1): 7})
    '{"lines":{"0":5,"1":7}}'
    """
    topics: dict[str, dict[str, int]] = {}
    for partition, offset in sorted(offsets.items()):
        topics.setdefault(partition.topic, {})[str(partition.number)] = offset
    return json.dumps(topics, separators=(",", ":"))


def replace_text(file: Path, text: str) -> None:
    """Replace a file of the checkpoint. Spark reads a file without a checksum, but not one with a wrong checksum."""
    with contextlib.suppress(FileNotFoundError):
        file.with_name(f".{file.name}.crc").unlink()
    write_file(file, text.encode())


def note(folder: Path, batch: int, held: Mapping[Partition, Held]) -> None:
    """Note in the state folder what the brokers hold of the partitions that a batch is about to read.

    In real time it is what they hold while it reads them.
    """
    batches = _notes(folder)
    batches[str(batch)] = [
        [partition.topic, partition.number, now.epoch, now.end] for partition, now in sorted(held.items())
    ]
    write_file(folder / _NOTES, _notes_text(batches))


def note_repartition(folder: Path, checkpoint: Path) -> None:
    """Note for the last committed batch what is noted of the one before, if it is a repartition, which reads nothing.

    Raises:
        StateError: the offsets or the notes are damaged.
    """
    batch = last_commit(checkpoint)
    if batch is None or not is_repartition(checkpoint, batch):
        return
    if batch_offsets(checkpoint, batch) != batch_offsets(checkpoint, batch - 1):
        return  # losses were passed over since, and the leaders noted anew
    batches = _notes(folder)
    before = batches.get(str(batch - 1))
    if before is not None and batches.get(str(batch)) != before:
        write_file(folder / _NOTES, _notes_text({**batches, str(batch): before}))


def held_while_reading(folder: Path, batch: int) -> dict[Partition, Counted]:
    """Return what was noted of a batch in real time, as if all of it was counted, whether it was committed or not.

    Raises:
        StateError: the notes are damaged.
    """
    notes = _notes(folder).get(str(batch), [])
    return {Partition(topic, number): Counted(end, epoch, end) for topic, number, epoch, end in notes}


def missing_note(folder: Path, checkpoint: Path) -> Path | None:
    """Return the file that should note the last committed batch, if it does not; None if it does, or there is none.

    Raises:
        StateError: the notes are damaged.
    """
    batch = last_commit(checkpoint)
    return None if batch is None or str(batch) in _notes(folder) else folder / _NOTES


def counted(folder: Path, checkpoint: Path) -> dict[Partition, Counted]:
    """Return how far each partition is counted, with what was noted when the last committed batch read it.

    Raises:
        StateError: the offsets or the notes are damaged.
    """
    noted = {
        Partition(topic, number): (epoch, end)
        for topic, number, epoch, end in _notes(folder).get(str(last_commit(checkpoint)), [])
    }
    return {
        partition: Counted(offset, *noted.get(partition, (None, 0)))
        for partition, offset in counted_offsets(checkpoint).items()
    }


def _notes(folder: Path) -> dict[str, Any]:
    file = folder / _NOTES
    if not file.exists():
        return {}
    try:
        return dict(json.loads(read_text(file))["batches"])
    except UNUSABLE as error:
        raise StateError(f"{file} is damaged ({error}); {REMEDY}") from error


def _notes_text(batches: Mapping[str, Any]) -> bytes:
    kept = {number: batches[number] for number in sorted(batches, key=int)[-_KEPT_BATCHES:]}
    return json.dumps({"format": _FORMAT, "batches": kept}).encode()


def _first_offsets(checkpoint: Path) -> Path:
    """Return the file in which Spark notes where the first batch begins."""
    return checkpoint / "sources" / "0" / "0"


def _parsed(file: Path, text: str) -> Offsets:
    try:
        return {
            Partition(topic, int(number)): int(offset)
            for topic, numbers in json.loads(text).items()
            for number, offset in numbers.items()
        }
    except UNUSABLE as error:
        raise StateError(f"{file} is damaged ({text!r}); {REMEDY}") from error
