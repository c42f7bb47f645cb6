"""A state as it is after a million batches: one of a few batches, whose numbers are moved."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

_NUMBER = re.compile(r"(\d+)(\.\w+)?$")
_CHUNK = re.compile(r"-(\d{9,})\.txt")


def move_numbers(state: Path, by: int, listed: int) -> None:
    """Move the numbers of all batches, chunks and versions of the counts.

    Args:
        state: a state in memory that no process uses, which has counted all its chunks, each in a batch of its own with
            the same words, so that the last change has all counts.
        by: how far, a multiple of ten, so that Spark compacts the log of its source at the same batches.
        listed: how many chunks the last compact log lists.
    """
    checkpoint = state / "checkpoint"
    for file in checkpoint.rglob(".*.crc"):
        file.unlink()
    for folder in ("offsets", "commits", "sources/0", "state/0/0"):
        for file in _numbered(checkpoint / folder):
            file.rename(file.with_name(_moved(file.name, by)))
    for file in (checkpoint / "offsets").iterdir():
        text = re.sub(r'"logOffset":(\d+)', lambda found: f'"logOffset":{int(found[1]) + by}', file.read_text())
        file.write_text(text)
    for file in _numbered(checkpoint / "sources" / "0"):
        version, *lines = file.read_text().splitlines()
        entries = [_moved_entry(json.loads(line), by) for line in lines]
        if file.suffix == ".compact":
            first = entries[0]
            entries = [_moved_entry(first, -number) for number in range(listed - len(entries), 0, -1)] + entries
        file.write_text("\n".join([version, *(json.dumps(entry, separators=(",", ":")) for entry in entries)]))
    changes = checkpoint / "state" / "0" / "0"
    last = max(changes.glob("*.delta"), key=lambda file: int(file.stem))
    shutil.copyfile(last, last.with_suffix(".snapshot"))  # of the same form
    with sqlite3.connect(state / "positions.db") as database:
        number, name = database.execute("select number, name from chunk").fetchone()
        database.execute("update chunk set number = ?, name = ?", (number + by, _moved_chunk(name, by)))


def _numbered(folder: Path) -> Iterable[Path]:
    return [file for file in folder.iterdir() if _NUMBER.match(file.name)]


def _moved(name: str, by: int) -> str:
    return _NUMBER.sub(lambda found: f"{int(found[1]) + by}{found[2] or ''}", name)


def _moved_chunk(name: str, by: int) -> str:
    return _CHUNK.sub(lambda found: f"-{int(found[1]) + by:09d}.txt", name)


def _moved_entry(entry: dict[str, str | int], by: int) -> dict[str, str | int]:
    return {
        "path": _moved_chunk(str(entry["path"]), by),
        "timestamp": int(entry["timestamp"]) + 1000 * by,
        "batchId": int(entry["batchId"]) + by,
    }
