"""Checkpoint folders as Spark 4.3 writes them, made by hand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def entry(path: Path, offset: int) -> str:
    """Return the line of a file in the log of the source."""
    return json.dumps({"path": path.as_uri(), "timestamp": 1000 * offset, "batchId": offset}, separators=(",", ":"))


def write_log(folder: Path, name: str, lines: Iterable[str]) -> Path:
    """Write a log entry, and next to it a checksum, whose content does not matter here."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f".{name}.crc").write_bytes(b"crc\x00")
    file = folder / name
    file.write_text("\n".join(["v1", *lines]), "utf-8")
    return file


def make(checkpoint: Path, sources: Mapping[str, Sequence[str]], offsets: Sequence[int], committed: int) -> None:
    """Make a checkpoint.

    Args:
        checkpoint: its folder.
        sources: the entries by name of the log, as ``3`` and ``9.compact``.
        offsets: the offset of the source by batch.
        committed: how many of the batches are committed.
    """
    for name, entries in sources.items():
        write_log(checkpoint / "sources" / "0", name, entries)
    for batch, offset in enumerate(offsets):
        write_log(checkpoint / "offsets", str(batch), ['{"batchWatermarkMs":0,"conf":{}}', f'{{"logOffset":{offset}}}'])
    for batch in range(committed):
        write_log(checkpoint / "commits", str(batch), ['{"nextBatchWatermarkMs":0}'])
