"""Whether the files of a checkpoint are whole, by their checksums, and which of them a batch needs."""

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from streaming.errors import UNUSABLE
from streaming.state.checkpoint import batch_partitions

#: How Hadoop begins a file of checksums; the size of the blocks follows, and the CRC-32 of each.
_HEADER = b"crc\x00"
_HEADER_BYTES = 8
#: A version of the counts is a snapshot, or what changed since the version before: in memory, or in RocksDB.
_SNAPSHOTS = (".snapshot", ".zip")
_CHANGES = (".delta", ".changelog")
#: A version of RocksDB has an id of its own in its names, so that a batch that is run again writes other files.
_VERSION_NAME = re.compile(r"(\d+)(?:_([0-9a-f-]+))?(\.\w+)")
_NO_IDS: Mapping[int, str] = MappingProxyType({})
Ids = dict[str, list[list[str]]]  #: the ids of a version as a commit has them, by operator, partition and store


def is_whole(file: Path) -> bool:
    """Return whether a file is there, holds something, and has the content that its checksums are of."""
    try:
        if file.stat().st_size == 0:
            return False
        return _fits(file, checksum_of(file).read_bytes())
    except FileNotFoundError:
        return file.exists()  # Spark reads a file without checksums
    except OSError:
        return False


def _fits(file: Path, sums: bytes) -> bool:
    if not sums.startswith(_HEADER) or len(sums) < _HEADER_BYTES:
        return True  # Hadoop reads a file as if it had no checksums if it cannot read their header
    block = int.from_bytes(sums[4:_HEADER_BYTES], "big")
    at = _HEADER_BYTES
    with file.open("rb") as data:
        while content := data.read(block):
            if sums[at : at + 4] != zlib.crc32(content).to_bytes(4, "big"):
                return False
            at += 4
    return at == len(sums)


def checksum_of(file: Path) -> Path:
    """Return the file of a file's checksums."""
    return file.with_name(f".{file.name}.crc")


def is_whole_log(file: Path) -> bool:
    """Return whether a file of ``offsets`` or ``commits`` is whole: a version, and lines of JSON or ``-``."""
    if not is_whole(file):
        return False
    try:
        version, *lines = file.read_text("utf-8").split("\n")
        for line in lines:
            if line != "-":
                json.loads(line)
    except (OSError, *UNUSABLE):
        return False
    return version in {"v1", "v2"} and lines != []


def remove(file: Path) -> None:
    """Remove a file and its checksums, which need not be there."""
    checksum_of(file).unlink(missing_ok=True)
    file.unlink(missing_ok=True)


def numbers_in(folder: Path) -> set[int]:
    """Return the numbers that files of a folder are named by."""
    return {int(name) for name in (os.listdir(folder) if folder.is_dir() else []) if name.isdigit()}


def has_counts(checkpoint: Path) -> bool:
    """Return whether there is a version of the counts at all."""
    return numbers_in(checkpoint / "state") != set()


def broken_state_file(checkpoint: Path, version: int) -> Path | None:
    """Return a file that is missing or damaged and that a version of the counts needs; None if all are whole."""
    if version == 0:
        return None
    committed = _committed_ids(checkpoint)
    # Spark does not change the number in the metadata when it repartitions.
    partitions = batch_partitions(checkpoint, version - 1)
    for number in sorted(numbers_in(checkpoint / "state")):
        operator = checkpoint / "state" / str(number)
        metadata = operator / "_metadata" / "metadata"
        if (stores := _stores(metadata)) is None:
            return metadata
        for name, count in stores:
            for partition in range(partitions or count):
                folder = operator / str(partition) / ("" if name == "default" else name)
                ids = {
                    each: found[str(number)][partition][0]
                    for each, found in committed.items()
                    if partition < len(found.get(str(number), []))
                }
                if broken := _broken_version(folder, version, ids):
                    return broken
        schema = operator / "0" / "_metadata" / "schema"
        if not is_whole(schema):
            return schema
    return None


def _stores(metadata: Path) -> list[tuple[str, int]] | None:
    """Return the name and the number of partitions of each store of an operator, None if its metadata are damaged."""
    if not is_whole_log(metadata):
        return None
    try:
        found = json.loads(metadata.read_text("utf-8").split("\n")[1])["stateStoreInfo"]
        return [(str(store["storeName"]), int(store["numPartitions"])) for store in found]
    except UNUSABLE:
        return None


def _committed_ids(checkpoint: Path) -> dict[int, Ids]:
    """Return the ids of each version, as far as the commits say them; only those of RocksDB have any."""
    ids = {}
    for batch in numbers_in(checkpoint / "commits"):
        commit = checkpoint / "commits" / str(batch)
        if is_whole_log(commit):
            with contextlib.suppress(*UNUSABLE):  # a version of which nothing is known
                stores = json.loads(commit.read_text("utf-8").split("\n")[1]).get("stateUniqueIds") or {}
                if found := {name: [[each[0]] for each in partitions] for name, partitions in stores.items()}:
                    ids[batch + 1] = found
    return ids


def has_ids(checkpoint: Path, batch: int) -> bool:
    """Return whether the version of the counts that a committed batch has made has ids."""
    return batch + 1 in _committed_ids(checkpoint)


def version_ids(checkpoint: Path, version: int) -> Ids | None:
    """Return the ids of a version as a commit has them, from the names of its files; None if they are not unique.

    It is empty if the files of this state have no ids.
    """
    found: Ids = {}
    count = batch_partitions(checkpoint, version - 1)  # folders of more partitions may be left from before
    for number in sorted(numbers_in(checkpoint / "state")):
        partitions = []
        for partition in sorted(numbers_in(checkpoint / "state" / str(number))):
            if count is not None and partition >= count:
                continue
            folder = checkpoint / "state" / str(number) / str(partition)
            ids = {each.id for each in _versions(folder, _SNAPSHOTS + _CHANGES) if each.number == version}
            if len(ids) != 1:
                return None
            partitions.append([*ids])
        found[str(number)] = partitions
    return {} if found == {number: [[""]] * len(each) for number, each in found.items()} else found


def _broken_version(folder: Path, version: int, ids: Mapping[int, str]) -> Path | None:
    """Return a file that a version needs and that is not whole: of the last whole snapshot, and the changes since."""
    broken = None
    base = 0
    for number, file in _snapshots(folder, version, ids):
        if is_whole(file):
            base = number
            break
        broken = broken or file
    changes = {each.number: each.file for each in _versions(folder, _CHANGES, ids)}
    ending = next(iter(changes.values())).suffix if changes else _CHANGES[0]

    def file_of(number: int) -> Path:
        return changes.get(number, folder / f"{number}{'_' + ids[number] if number in ids else ''}{ending}")

    without_snapshot = next(
        (file for number in range(base + 1, version + 1) if not is_whole(file := file_of(number))), None
    )
    return without_snapshot and (broken or without_snapshot)


def _snapshots(folder: Path, version: int, ids: Mapping[int, str] = _NO_IDS) -> list[tuple[int, Path]]:
    """Return the snapshots of a version and of those before, the newest first."""
    versions = _versions(folder, _SNAPSHOTS, ids)
    return sorted(((each.number, each.file) for each in versions if each.number <= version), reverse=True)


def broken_snapshots(checkpoint: Path, version: int) -> Iterator[Path]:
    """Yield the damaged snapshots that Spark would load for a version; the changes say the same."""
    for folder in _state_folders(checkpoint):
        for _, file in _snapshots(folder, version):
            if is_whole(file):
                break
            yield file


def versions_after(checkpoint: Path, version: int) -> Iterator[Path]:
    """Yield the files of later versions of the counts."""
    for folder in _state_folders(checkpoint):
        yield from (each.file for each in _versions(folder, _SNAPSHOTS + _CHANGES) if each.number > version)


def _state_folders(checkpoint: Path) -> list[Path]:
    return sorted({file.parent for file in (checkpoint / "state").glob("[0-9]*/**/[0-9]*.*")})


class _VersionFile(NamedTuple):
    """A file of a version of the counts: the number of the version, its id or '', and the file."""

    number: int
    id: str
    file: Path


def _versions(folder: Path, endings: tuple[str, ...], ids: Mapping[int, str] = _NO_IDS) -> Iterator[_VersionFile]:
    """Yield the files with one of the endings, without those that have another id than ``ids`` says."""
    for name in os.listdir(folder) if folder.is_dir() else []:
        found = _VERSION_NAME.fullmatch(name)
        if found and found[3] in endings:
            number, id_ = int(found[1]), found[2] or ""
            if ids.get(number, id_) == id_:
                yield _VersionFile(number, id_, folder / name)
