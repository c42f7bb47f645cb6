"""The manifest of a state folder: what its counts mean, written once when the state is new."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from producer.common.atomic_file import write_file
from streaming.counting.rules import Windows, WordRule
from streaming.errors import StateError
from streaming.kafka.topics import ChangeKind, find_change
from streaming.spark.settings import STATE_STORES, TIME_ZONE
from streaming.state.checkpoint import REMEDY

MANIFEST = "manifest.json"
_VERSION = 1
_TOPIC_IDS = "topic ids"
_STORES = {provider: name for name, provider in STATE_STORES.items()}


@dataclass(frozen=True)
class Manifest:
    """What counts mean. A state continues only with the values it was made with.

    Attributes:
        source: what the state calls the source.
        words: the options that say what a word is.
        windows: the options of the windows, or ``none``.
        shuffle_partitions: fixed by Spark when the query first starts.
        state_store: the name of the option, or the class of another provider.
        time_zone: the time zone of the windows; None if there are none.
        topic_ids: the id of each topic that is read, by its name; a topic that is deleted and recreated gets another.
    """

    source: str
    words: str
    windows: str
    shuffle_partitions: str
    state_store: str
    time_zone: str | None = None
    topic_ids: Mapping[str, str] | None = None

    @classmethod
    def for_stream(
        cls,
        source: str,
        settings: Mapping[str, str],
        rule: WordRule,
        windows: Windows | None = None,
        topic_ids: Mapping[str, str] | None = None,
    ) -> Self:
        """Return the manifest of a stream.

        Args:
            source: what the state calls the source.
            settings: Spark's settings.
            rule: how lines become words.
            windows: the windows that words are counted in; None if there are none.
            topic_ids: those of the source; None if it is no topic.
        """
        store = settings["spark.sql.streaming.stateStore.providerClass"]
        return cls(
            source=source,
            words=str(rule),
            windows="none" if windows is None else str(windows),
            shuffle_partitions=settings["spark.sql.shuffle.partitions"],
            state_store=_STORES.get(store, store),
            time_zone=None if windows is None else settings[TIME_ZONE],
            topic_ids=topic_ids,
        )

    def entries(self) -> dict[str, str]:
        """Return the manifest as its file has it, without the entries that do not apply."""
        entries = {
            "source": self.source,
            _TOPIC_IDS: None if self.topic_ids is None else ids_text(self.topic_ids),
            "words": self.words,
            "windows": self.windows,
            "time zone": self.time_zone,
            "shuffle partitions": self.shuffle_partitions,
            "state store": self.state_store,
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
            if stored.get(name) == value:
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


def read_manifest(folder: Path) -> dict[str, str]:
    """Return the entries of a state folder's manifest.

    Raises:
        StateError: the manifest cannot be read, or a newer version has written it.
    """
    manifest = folder / MANIFEST
    try:
        stored = json.loads(manifest.read_text("utf-8"))
        version = int(stored.pop("format"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
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
