"""The manifest of a state folder: what its counts mean, written once when the state is new."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from producer.common.atomic_file import write_file
from streaming.counting.rules import Windows, WordRule
from streaming.errors import UNUSABLE, StateError
from streaming.kafka.topics import ChangeKind, find_change
from streaming.spark.settings import PARTITIONS, STATE_STORES, STORE, TIME_ZONE, is_cluster
from streaming.state.checkpoint import REMEDY

MANIFEST = "manifest.json"
_VERSION = 1
_TOPIC_IDS = "topic ids"
_PARTITIONS, _STORE = "shuffle partitions", "state store"
CHECKPOINT = "checkpoint"
_STORES = {provider: name for name, provider in STATE_STORES.items()}


@dataclass(frozen=True)
class Manifest:
    """What counts mean. A state continues only with the values it was made with.

    Attributes:
        source: what the state calls the source.
        words: the options that say what a word is.
        windows: the options of the windows, or ``none``.
        shuffle_partitions: how many the counts are in; None if it is not known before Spark runs.
        state_store: the name of the option, or the class of another provider.
        kept: the names of entries that the user did not ask for, so that a state keeps its own.
        time_zone: the time zone of the windows; None if there are none.
        topic_ids: the id of each topic that is read, by its name; a topic that is deleted and recreated gets another.
    """

    source: str
    words: str
    windows: str
    shuffle_partitions: str | None
    state_store: str
    time_zone: str | None = None
    topic_ids: Mapping[str, str] | None = None
    kept: frozenset[str] = frozenset()

    @classmethod
    def for_stream(
        cls,
        source: str,
        settings: Mapping[str, str],
        rule: WordRule,
        windows: Windows | None = None,
        topic_ids: Mapping[str, str] | None = None,
        given: Collection[str] = (PARTITIONS, STORE),
    ) -> Self:
        """Return the manifest of a stream.

        Args:
            source: what the state calls the source.
            settings: Spark's settings.
            rule: how lines become words.
            windows: the windows that words are counted in; None if there are none.
            topic_ids: those of the source; None if it is no topic.
            given: which of the settings that a state keeps the user has given.
        """
        store = settings[STORE]
        is_known = PARTITIONS in given or not is_cluster(settings)
        return cls(
            source=source,
            words=str(rule),
            windows="none" if windows is None else str(windows),
            shuffle_partitions=settings[PARTITIONS] if is_known else None,
            state_store=_STORES.get(store, store),
            time_zone=None if windows is None else settings[TIME_ZONE],
            topic_ids=topic_ids,
            kept=frozenset(name for key, name in ((PARTITIONS, _PARTITIONS), (STORE, _STORE)) if key not in given),
        )

    @classmethod
    def of_state(cls, entries: Mapping[str, str]) -> Self:
        """Return the manifest that goes on with a state, whatever it was made with.

        Args:
            entries: of the state's manifest.
        """
        topic_ids = stored_ids(entries) if _TOPIC_IDS in entries else None
        return cls(
            entries.get("source", ""), entries.get("words", ""), entries.get("windows", ""), None,
            entries.get(_STORE, ""), entries.get("time zone"), topic_ids, frozenset(entries),
        )  # fmt: skip

    def entries(self) -> dict[str, str]:
        """Return the manifest as its file has it, without the entries that do not apply."""
        entries = {
            "source": self.source,
            _TOPIC_IDS: None if self.topic_ids is None else ids_text(self.topic_ids),
            "words": self.words,
            "windows": self.windows,
            "time zone": self.time_zone,
            _PARTITIONS: self.shuffle_partitions,
            _STORE: self.state_store,
        }
        return {name: value for name, value in entries.items() if value is not None}

    def check(self, folder: Path, *, goes_on: bool = False) -> None:
        """Refuse a state folder that was made with other values.

        Args:
            folder: the state folder.
            goes_on: accept topics that were recreated.

        Raises:
            StateError: a value differs, or the manifest of the folder cannot be read.
            WordCountError: a topic was deleted, or deleted and recreated.
        """
        stored = read_manifest(folder)
        for name, value in self.entries().items():
            if stored.get(name) == value or name in self.kept or name == _PARTITIONS:
                continue
            if name == _STORE and self.converts(stored):
                continue
            if name == _TOPIC_IDS:
                change = find_change(stored_ids(stored), self.topic_ids or {})
                if change is not None and goes_on and change.kind is ChangeKind.RECREATED:
                    continue
                if change is not None:
                    raise change.error()
                raise StateError(f"{folder / MANIFEST} has no topic ids, so the topics may be other ones; {REMEDY}")
            raise StateError(
                f"the state in {folder} was made with {name} {stored.get(name)!r}, not {value!r}; continue with the"
                " former value, or give another --output or --checkpoint to count from the start"
            )

    def converts(self, stored: Mapping[str, str]) -> bool:
        """Return whether the user has given RocksDB for a state in memory, whose entries are given."""
        is_given = _STORE not in self.kept and self.state_store == "rocksdb"
        return is_given and stored_store(stored) == STATE_STORES["memory"]

    @property
    def gives_partitions(self) -> bool:
        """Whether the user has given the number of partitions."""
        return _PARTITIONS not in self.kept

    def check_partitions(self, folder: Path) -> None:
        """Refuse a state that has another number of partitions than the user has given.

        Raises:
            StateError: it has; or the manifest of the folder cannot be read.
        """
        stored = read_manifest(folder)
        number = stored_partitions(stored)
        if number is None or self.shuffle_partitions in {None, number} or not self.gives_partitions:
            return
        change = f"change their number with 'wordcount repartition {folder} {self.shuffle_partitions}'"
        if stored_store(stored) != STATE_STORES["rocksdb"] and not self.converts(stored):
            change = "give another --output or --checkpoint to count from the start"
        raise StateError(
            f"the state in {folder} has {partitions_text(number)}, not {self.shuffle_partitions}; leave the number out"
            f" to go on, or {change}"
        )


def read_manifest(folder: Path) -> dict[str, str]:
    """Return the entries of a state folder's manifest.

    Raises:
        StateError: the manifest cannot be read, or a newer version has written it.
    """
    manifest = folder / MANIFEST
    try:
        stored = json.loads(manifest.read_text("utf-8"))
        version = int(stored.pop("format"))
    except (OSError, *UNUSABLE) as error:
        raise StateError(f"{manifest} cannot be read ({error}); {REMEDY}") from error
    if version > _VERSION:
        raise StateError(
            f"{folder} has state format {version}, which a newer version has written; this version knows {_VERSION}:"
            " use the newer version, or give another --checkpoint"
        )
    return {name: str(value) for name, value in stored.items()}


def write_manifest(folder: Path, entries: Mapping[str, str]) -> None:
    """Write the entries of a state folder's manifest, in one step."""
    content = json.dumps({"format": _VERSION, **entries}, indent=2, ensure_ascii=False)
    write_file(folder / MANIFEST, content.encode())


def stored_partitions(entries: Mapping[str, str]) -> str | None:
    """Return the number of partitions in the entries of a manifest; None if it is not decided yet."""
    return entries.get(_PARTITIONS)


def partitions_text(number: object) -> str:
    """Return how many partitions there are, in words.

    >>> partitions_text(1)
    '1 partition'
    """
    return f"{number} {'partition' if str(number) == '1' else 'partitions'}"


def with_partitions(entries: Mapping[str, str], number: int) -> dict[str, str]:
    """Return the entries of a manifest with another number of partitions."""
    return {**entries, _PARTITIONS: str(number)}


def stored_store(entries: Mapping[str, str]) -> str:
    """Return the class of the state store in the entries of a manifest.

    >>> stored_store({"state store": "rocksdb"}).rpartition(".")[2]
    'RocksDBStateStoreProvider'
    """
    name = entries.get(_STORE, "memory")
    return next((provider for provider, known in _STORES.items() if known == name), name)


def in_rocksdb(entries: Mapping[str, str], checkpoint: str) -> dict[str, str]:
    """Return the entries of a manifest whose state goes on in RocksDB, in the checkpoint of this name."""
    return {**entries, _STORE: "rocksdb", CHECKPOINT: checkpoint}


def stored_ids(entries: Mapping[str, str]) -> dict[str, str]:
    """Return the ids of topics in the entries of a manifest, by their names.

    >>> stored_ids({"topic ids": "lines 1, words 2"})
    {'lines': '1', 'words': '2'}
    """
    return dict(entry.split(" ", 1) for entry in entries.get(_TOPIC_IDS, "").split(", ") if " " in entry)


def with_ids(entries: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of a manifest with other ids of topics."""
    return {**entries, _TOPIC_IDS: ids_text(ids)}


def ids_text(ids: Mapping[str, str]) -> str:
    """Return the ids of topics as the manifest has them.

    >>> ids_text({"words": "2", "lines": "1"})
    'lines 1, words 2'
    """
    return ", ".join(f"{name} {ids[name]}" for name in sorted(ids))
