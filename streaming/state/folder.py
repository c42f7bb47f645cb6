"""The state folder: who may use it, and where its parts are.

manifest.json   what the counts mean, and the settings that Spark fixes at the first start
lock            locked by the process that uses the folder, and by its JVM
positions.db    how far each file was read
topics.json     the leaders that the partitions of topics had in the last batches
page.json       where the stream serves its page, while it does
spool/          chunks that wait to be counted; set-aside/ notes what was too long for that
released/       a file, once the backlog is counted and windows may close
checkpoint/     Spark's own: offsets, commits, and the counts; after a conversion in checkpoint-rocksdb/
"""

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from producer.common.atomic_file import temporary_path
from producer.common.folders import PRIVATE
from producer.common.lock import lock
from producer.positions.sqlite_store import PositionStore
from streaming.errors import StateError
from streaming.sources.remote import is_remote
from streaming.spark.settings import STATE_STORES
from streaming.state import checkpoint
from streaming.state.checkpoint import REMEDY
from streaming.state.checkpoint_files import has_counts
from streaming.state.location import CHECKPOINTS, checkpoint_in
from streaming.state.manifest import (
    MANIFEST,
    Manifest,
    in_rocksdb,
    read_manifest,
    stored_ids,
    stored_partitions,
    stored_store,
    with_ids,
    with_partitions,
    write_manifest,
)
from streaming.state.mending import Mending, damaged, find_mending
from streaming.state.topic_offsets import note_repartition

_LOCK = "lock"
_BEGUN = "has batches"
#: What a start leaves if it is cut off before there is a state; the last name is from earlier versions.
_LEFTOVERS = {_LOCK, temporary_path(Path(MANIFEST)).name, ".manifest.tmp"}


class State:
    """A state folder that this process has locked; ``open_state`` opens one.

    Attributes:
        resumed: the folder holds the state of an earlier run.
        has_begun: it is in use, by this run or an earlier one.
        converted: where a conversion makes a new checkpoint.
        lock: the descriptor of the lock. A child process that inherits it keeps the lock for as long as it runs.
    """

    def __init__(self, folder: Path, manifest: Manifest, lock: int) -> None:
        self.folder = folder
        self.spool = folder / "spool"
        self.released = folder / "released"
        self.positions = folder / "positions.db"
        self.resumed = self.has_begun = (folder / MANIFEST).exists()
        self.checkpoint = checkpoint_in(folder, read_manifest(folder) if self.resumed else {})
        self.converted = folder / CHECKPOINTS[1]
        self.lock = lock
        self._manifest = manifest

    def begin(self) -> None:
        """Write the manifest of a new state; from now on the folder is in use."""
        if not self.resumed:
            write_manifest(self.folder, self._manifest.entries())
        self.has_begun = True
        self.spool.mkdir(PRIVATE, exist_ok=True)

    @property
    def partitions(self) -> int | None:
        """How many partitions the counts are in; None if that is not decided yet."""
        if not (self.folder / MANIFEST).exists():
            return None
        number = stored_partitions(read_manifest(self.folder))
        return None if number is None else int(number)

    @property
    def store(self) -> str | None:
        """The class of the state store, after a conversion that is due; None if that is not decided yet."""
        if not (self.folder / MANIFEST).exists():
            return None
        return STATE_STORES["rocksdb"] if self.is_to_convert else stored_store(read_manifest(self.folder))

    @property
    def is_to_convert(self) -> bool:
        """Whether the counts are in memory, and are to go on in RocksDB."""
        return self.resumed and self._manifest.converts(read_manifest(self.folder))

    def go_on_in_rocksdb(self) -> None:
        """Take the checkpoint in ``converted`` for that of the state, in one step, and remove the former."""
        write_manifest(self.folder, in_rocksdb(read_manifest(self.folder), self.converted.name))
        self.checkpoint = self.converted
        self._remove_other_checkpoint()

    def _remove_other_checkpoint(self) -> None:
        """Remove a checkpoint that was converted, or one of a conversion that was cut off."""
        for name in {*CHECKPOINTS} - {self.checkpoint.name}:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def note_partitions(self, number: int) -> None:
        """Note how many partitions the counts are in."""
        write_manifest(self.folder, with_partitions(read_manifest(self.folder), number))

    def follow_repartition(self) -> None:
        """Note what the checkpoint has: its last batch may be a repartition, whose command was killed before that."""
        number = checkpoint.batch_partitions(self.checkpoint, checkpoint.last_commit(self.checkpoint) or 0)
        if number is None or number == self.partitions:
            return
        if self._manifest.topic_ids is not None:
            note_repartition(self.folder, self.checkpoint)
        self.note_partitions(number)

    @property
    def output(self) -> str | None:
        """The id of the topic that has all counts; None if none has."""
        return read_manifest(self.folder).get("output")

    def note_output(self, topic_id: str) -> None:
        """Note the id of the topic that has all counts from now on."""
        write_manifest(self.folder, {**read_manifest(self.folder), "output": topic_id})

    def other_topics(self, ids: Mapping[str, str]) -> frozenset[str]:
        """Return the topics that were recreated since the state knows them, by their ids now."""
        known = stored_ids(read_manifest(self.folder))
        # Brokers before Kafka 2.8 give no ids.
        return frozenset(name for name, id_ in ids.items() if known.get(name) and id_ and known[name] != id_)

    def note_topics(self, ids: Mapping[str, str]) -> None:
        """Note the ids of the topics that are read from now on."""
        write_manifest(self.folder, with_ids(read_manifest(self.folder), ids))

    def note_batch(self) -> None:
        """Note that there are batches from now on, so that a checkpoint without any is known to be damaged."""
        self._note_begun(is_begun=True)

    def forget_batches(self) -> None:
        """Note that there is no batch any more: the first one was undone."""
        self._note_begun(is_begun=False)

    def check(self, *, goes_on: bool = False) -> None:
        """Check that the state is of the same counts, and that no line that is still to be counted is missing.

        A last batch that is damaged is undone if its lines are still there.

        Args:
            goes_on: accept topics that were recreated.

        Raises:
            StateError: the state is of other counts, is damaged, or lacks such a line.
            WordCountError: a topic was deleted, or deleted and recreated.
        """
        self._manifest.check(self.folder, goes_on=goes_on)
        self._remove_other_checkpoint()
        is_remote_source = is_remote(self._manifest.source)  # Spark reads it itself
        mending = find_mending(self.checkpoint, is_file_source=self._manifest.topic_ids is None)
        has_begun = _BEGUN in read_manifest(self.folder)
        if has_begun and mending.last is None:
            raise StateError(f"{self.checkpoint} holds no batch, but there were some; {REMEDY}")
        if has_begun and mending.committed is not None and not has_counts(self.checkpoint):
            raise damaged(self.checkpoint / "state")
        if not is_remote_source:
            self._check_chunks(mending)
        if mending.forgets_all:
            self.forget_batches()
        mending.carry_out()
        self.follow_repartition()
        if self.partitions is None or (mending.last is None and self._manifest.gives_partitions):
            self._take_partitions()
        self._manifest.check_partitions(self.folder)

    def _take_partitions(self) -> None:
        """Let a state that has no counts yet have the number of partitions that the user has given, if it is known."""
        if self._manifest.shuffle_partitions is not None:
            self.note_partitions(int(self._manifest.shuffle_partitions))

    def _check_chunks(self, mending: Mending) -> None:
        """Check that the chunks are there that are not counted, or not any more once the checkpoint is mended."""
        committed = checkpoint.log_offset(self.checkpoint, mending.committed)
        if not self.positions.exists():
            if committed >= 0:
                raise StateError(f"{self.positions} is missing; {REMEDY}")
            return
        if missing := self._missing_chunk(committed, mending.removed):
            if mending.broken is not None:
                raise damaged(mending.broken)
            raise StateError(
                f"{missing} is missing, and its lines are not counted yet; if the state folder was moved, move it back"
                f" to {missing.parent.parent}, else {REMEDY}"
            )

    def _note_begun(self, *, is_begun: bool) -> None:
        entries = read_manifest(self.folder)
        if (_BEGUN in entries) != is_begun:
            entries.pop(_BEGUN, None)
            write_manifest(self.folder, {**entries, _BEGUN: "yes"} if is_begun else entries)

    def _missing_chunk(self, committed: int, damaged_logs: Collection[Path]) -> Path | None:
        """Return a chunk that is gone but not counted, or None: Spark would silently read it as empty."""
        newest = 0
        for file in checkpoint.source_files(self.checkpoint, after=-1, without=damaged_logs):
            newest = max(newest, int(file.path.stem.rpartition("-")[2]))
            if file.offset > committed and not file.path.exists():
                return file.path
        with closing(PositionStore(self.positions)) as positions:
            last = positions.last_chunk()
            if (last[0] if last else 0) < newest:
                raise StateError(
                    f"{self.positions} is older than the checkpoint next to it; restore both from one copy of the state"
                    " folder, or remove the folder to count everything again"
                )
            for number in range(newest + 1, last[0] + 1 if last else 0):
                name = positions.chunk_name(number)
                if not (self.spool / name).exists() and not (self.spool / f".{name}.tmp").exists():
                    return self.spool / name
        return None


@contextmanager
def open_state(folder: Path, manifest: Manifest, *, goes_on: bool = False) -> Iterator[State]:
    """Lock a state folder while the block runs.

    Args:
        folder: created if missing, for this user alone.
        manifest: what the counts must mean.
        goes_on: accept topics that were recreated.

    Raises:
        LockedError: another process uses the folder.
        StateError: the folder is not a state folder, is of other counts, is damaged, or lacks a part.
        WordCountError: a topic was deleted, or deleted and recreated.
    """
    folder.mkdir(PRIVATE, parents=True, exist_ok=True)
    if not (folder / MANIFEST).exists() and not _LEFTOVERS.issuperset(os.listdir(folder)):
        raise StateError(f"{folder} is not empty and holds no state; give --checkpoint a new or an empty folder")
    with lock(folder / _LOCK, f"the state in {folder}") as descriptor:
        state = State(folder, manifest, descriptor)
        if state.resumed:
            state.check(goes_on=goes_on)
        yield state
