"""The state folder: who may use it, what it was made with, and where its parts are.

manifest.json   format version, source, word rule, and the settings that Spark freezes at the first start
lock            held by the process that uses it, and by its JVM
positions.db    how far each source has been handed on
spool/          chunks that wait to be counted
released/       a file once all that was there at the start is counted, and windows may close
checkpoint/     Spark's own: offsets, commits, and the counts

The output folder has the state in it, as ``state``, or a file ``.state`` that says where it is.
"""

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from producer.common.atomic_file import temporary_path, write_file
from producer.common.lock import lock
from producer.positions.sqlite_store import PositionStore
from streaming.counting.rules import ONE_SPACE, Windows, WordRule
from streaming.errors import StateError
from streaming.kafka.topic_watch import find_change
from streaming.sources.remote import is_remote
from streaming.spark.session import STATE_STORES, TIME_ZONE
from streaming.state import checkpoint

MANIFEST = "manifest.json"
_VERSION = 1
_IN_OUTPUT, _PLACE = "state", ".state"
_STORES = {provider: name for name, provider in STATE_STORES.items()}


class State:
    """A state folder in use by this process.

    Args:
        folder: made where it is missing.
        source: what is counted, as text that is the same for the same source.
        chosen: Spark's settings.
        rule: how words are made.
        windows: of time, that the counts are of.
        topic_ids: the id of each topic that is read, by its name; a topic that is deleted and recreated gets another.

    Raises:
        LockedError: another process uses it.
        StateError: it was made with another source, rule or setting, or by a newer version, or is no state folder, or
            lacks something.
    """

    def __init__(  # each is a part of the manifest
        self,
        folder: Path,
        source: str,
        chosen: Mapping[str, str],
        rule: WordRule = ONE_SPACE,
        *,
        windows: Windows | None = None,
        topic_ids: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.spool = folder / "spool"
        self.released = folder / "released"
        self.checkpoint = folder / "checkpoint"
        self.positions = folder / "positions.db"
        manifest = folder / MANIFEST
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = {"lock", temporary_path(manifest).name, ".manifest.tmp"}  # the last is of earlier versions
        if not manifest.exists() and any(name not in unfinished for name in os.listdir(folder)):
            raise StateError(f"{folder} is no state folder and not empty; give --checkpoint an empty or a new folder")
        self._opened = ExitStack()
        self.lock = self._opened.enter_context(lock(folder / "lock", f"the state in {folder}"))
        self._wanted = {
            "source": source,
            **({} if topic_ids is None else {"topic ids": ids_text(topic_ids)}),
            "words": str(rule),
            "windows": "none" if windows is None else str(windows),
            **({} if windows is None else {"time zone": chosen[TIME_ZONE]}),
            "shuffle partitions": chosen["spark.sql.shuffle.partitions"],
            "state store": _STORES.get(store := chosen["spark.sql.streaming.stateStore.providerClass"], store),
        }
        self.resumed = manifest.exists()
        self._manifest = manifest
        if self.resumed:
            self._check()

    def begin(self) -> None:
        """Note what the state is made with; from now on it is in use."""
        if not self.resumed:
            _write(self._manifest, {"format": _VERSION, **self._wanted})
        self.spool.mkdir(exist_ok=True)

    def close(self) -> None:
        """Let other processes use the state, once no child that inherited the lock is left."""
        self._opened.close()

    @property
    def output(self) -> str | None:
        """The id of the topic that has all counts, None where none has."""
        return read_manifest(self.folder).get("output")

    def note_output(self, topic_id: str) -> None:
        """Note the id of the topic that has all counts from now on."""
        _write(self._manifest, {"format": _VERSION, **read_manifest(self.folder), "output": topic_id})

    def _check(self) -> None:
        made = read_manifest(self.folder)
        for name, value in self._wanted.items():
            if name == "topic ids" and made.get(name) != value:
                change = find_change(_ids(made.get(name, "")), _ids(value))
                raise change.error() if change else StateError(f"{self._manifest} has no topic ids; start anew")
            if made.get(name) != value:
                raise StateError(
                    f"the state in {self.folder} was made with {name} {made.get(name)!r}, not {value!r};"
                    f" go on with the former, or give another --output or --checkpoint to count anew"
                )
        if is_remote(self._wanted["source"]):
            return  # Spark reads that itself, and looks after its files
        committed = checkpoint.committed_offset(self.checkpoint)
        if not self.positions.exists():
            if committed >= 0:
                raise StateError(f"{self.positions} is missing; restore the state folder from a copy, or start anew")
            return
        if missing := self._missing_chunk(committed):
            raise StateError(
                f"{missing} is missing, whose lines are not counted yet; if the state folder was moved, move it back to"
                f" {missing.parent.parent}, else restore it from a copy, or start anew"
            )

    def _missing_chunk(self, committed: int) -> Path | None:
        """Return a chunk that is neither counted nor there: Spark would take it for an empty one, and go on."""
        newest = 0
        for file in checkpoint.source_files(self.checkpoint, after=-1):
            newest = max(newest, int(file.path.stem.rpartition("-")[2]))
            if file.offset > committed and not file.path.exists():
                return file.path
        with closing(PositionStore(self.positions)) as positions:
            last = positions.last_chunk()
            if (last[0] if last else 0) < newest:
                raise StateError(
                    f"{self.positions} is older than the checkpoint beside it; restore both from one copy of the state"
                    " folder, or start anew"
                )
            for number in range(newest + 1, last[0] + 1 if last else 0):
                name = positions.chunk_name(number)
                if not (self.spool / name).exists() and not (self.spool / f".{name}.tmp").exists():
                    return self.spool / name
        return None


def ids_text(ids: Mapping[str, str]) -> str:
    """Return the ids of topics as the manifest has them.

    >>> ids_text({"words": "2", "lines": "1"})
    'lines 1, words 2'
    """
    return ", ".join(f"{name} {ids[name]}" for name in sorted(ids))


def _ids(text: str) -> dict[str, str]:
    """Return the ids of topics, by their names, that a manifest has as text."""
    return {name: id_ for name, _, id_ in (entry.partition(" ") for entry in text.split(", ")) if name}


def read_manifest(folder: Path) -> dict[str, str]:
    """Return what a state folder says it was made with.

    Raises:
        StateError: it cannot be read, or was made by a newer version.
    """
    manifest = folder / MANIFEST
    try:
        made = json.loads(manifest.read_text("utf-8"))
        version = int(made.pop("format"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"{manifest} cannot be read ({error}); restore it from a copy, or start anew") from error
    if version > _VERSION:
        raise StateError(
            f"{folder} has state format {version}, made by a newer version; this one knows {_VERSION}:"
            " use the newer one, or give another --checkpoint"
        )
    return {name: str(value) for name, value in made.items()}


def in_output(output: Path) -> Path:
    """Return where the state is kept in an output folder, unless it is said to be elsewhere."""
    return output / _IN_OUTPUT


def note_place(output: Path, folder: Path) -> None:
    """Have an output folder lead to the state folder that its counts come from."""
    place = output / _PLACE
    if folder == in_output(output):
        place.unlink(missing_ok=True)  # of a run that kept its state elsewhere
    else:
        # As it is from the root: whoever asks may be anywhere. A state that is moved is found again at its next start.
        write_file(place, f"{folder}\n".encode())


def noted_place(output: Path) -> Path | None:
    """Return the state folder that an output folder leads to, None where it says nothing of one elsewhere."""
    try:
        return Path((output / _PLACE).read_text("utf-8").removesuffix("\n"))
    except (OSError, ValueError):
        return None


def _write(manifest: Path, content: Mapping[str, object]) -> None:
    write_file(manifest, json.dumps(content, indent=2, ensure_ascii=False).encode())
