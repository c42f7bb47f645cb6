"""Make the checkpoint of another query into one that a stream goes on with, its counts in RocksDB.

A query that has counted the counts has them as version 1, with the ids of its files in ``commits/0``. They become the
version of the last committed batch. What the stream has read and is to read stays as it is, also of a batch that is
begun and not committed: the next query runs it.
"""

import json
import re
import shutil
from pathlib import Path

from producer.common.atomic_file import write_file
from streaming.spark.settings import STATE_STORES, STORE
from streaming.state.checkpoint import SyncedFiles, read_text
from streaming.state.checkpoint_files import checksum_of, numbers_in

_FIRST_VERSION = re.compile(r"(\.?)1(?=_)")
#: The folder of the counts as rows, in the new checkpoint while it is made.
ROWS = "rows"


def complete(old: Path, new: Path, committed: int | None) -> None:
    """Make a new checkpoint the successor of an old one, whole on the disk.

    Args:
        old: the checkpoint of the stream, with its counts in memory; it stays as it is.
        new: the checkpoint of the query that has counted its counts; without a committed batch, a folder or nothing.
        committed: the last committed batch of the old one; None if there is none.
    """
    ids = None if committed is None else json.loads(read_text(new / "commits" / "0").split("\n")[1])["stateUniqueIds"]
    for name in (ROWS, "offsets", "commits", "sources"):
        shutil.rmtree(new / name, ignore_errors=True)
    (new / "offsets").mkdir(parents=True)
    (new / "commits").mkdir()
    if (old / "sources").exists():
        shutil.copytree(old / "sources", new / "sources")
    _copy(old / "metadata", new / "metadata")
    for batch in numbers_in(old / "offsets"):
        if committed is None or batch >= committed - 1:  # Spark reads those of the batch before, too
            write_file(new / "offsets" / str(batch), _in_rocksdb(read_text(old / "offsets" / str(batch))).encode())
    if committed is not None:
        commit = {**json.loads(read_text(old / "commits" / str(committed)).split("\n")[1]), "stateUniqueIds": ids}
        write_file(new / "commits" / str(committed), f"v2\n{json.dumps(commit, separators=(',', ':'))}".encode())
        _take_counts(old / "state", new / "state", committed + 1)
    SyncedFiles(new).sync()  # the old counts are removed


def _in_rocksdb(offsets: str) -> str:
    """Return the offsets of a batch with RocksDB as the store that it counts in."""
    version, metadata, *sources = offsets.split("\n")
    entries = json.loads(metadata)
    entries["conf"][STORE] = STATE_STORES["rocksdb"]
    return "\n".join([version, json.dumps(entries, separators=(",", ":")), *sources])


def _take_counts(old: Path, new: Path, version: int) -> None:
    """Give the counts their version, and the schema with which the stream's own query has made the old ones."""
    for folder in ("0/_metadata", "0/0/_metadata"):
        shutil.rmtree(new / folder)
        shutil.copytree(old / folder, new / folder)
    for file in list(new.glob("0/*/*")):  # snapshots, Spark's checksums of them, and Hadoop's of both
        if found := _FIRST_VERSION.match(file.name):
            file.rename(file.with_name(f"{found[1]}{version}{file.name[found.end() :]}"))


def _copy(file: Path, to: Path) -> None:
    for source, target in ((file, to), (checksum_of(file), checksum_of(to))):
        target.unlink(missing_ok=True)
        if source.exists():
            shutil.copyfile(source, target)
