"""Records of the position topic."""

import json
import os
from dataclasses import replace

import pytest

from producer.common.errors import WordCountError
from producer.kafka.position_topic import decoded, encoded
from producer.positions.position import Forgotten, HistoryEntry, LostContent, Position, Record

_POSITION = Position(
    device=1, inode=2**64 - 1, path=os.fsdecode(b"/\xff.log"), position=3, extent=4, fingerprint=b"\x00\xff", size=5,
    ctime_ns=6, birth_ns=7, complete=True, earlier=2, earlier_fingerprint=b"\x01", copy_pending=True, next_to_log=True,
)  # fmt: skip
_LOST = LostContent.from_position(_POSITION, 2, 1234)
_ENTRY = HistoryEntry(name_hash=5, value="/in", time_ns=77)


@pytest.mark.parametrize("record", [_POSITION, _LOST, _ENTRY], ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert decoded(*encoded(record)) == record


@pytest.mark.parametrize("record", [_POSITION, _LOST, _ENTRY], ids=lambda record: type(record).__name__)
def test_a_record_without_a_value_removes_the_one_with_its_key(record: Record) -> None:
    key, value = encoded(Forgotten(record.key))

    assert (key, value) == (encoded(record)[0], None)
    assert decoded(key, value) == Forgotten(record.key)


def test_records_of_different_kinds_have_different_keys() -> None:
    assert [encoded(record)[0] for record in (_POSITION, _LOST, _ENTRY)] == [
        b"1:18446744073709551615", b"lost:18446744073709551615:2", b"history:5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("device", "ctime_ns", "record"),
    [
        (1, 6, _POSITION),
        (-3, 1234, _LOST),
        (-1000, 77, HistoryEntry(name_hash=_POSITION.inode, value=_POSITION.path, time_ns=77)),
    ],
)
def test_a_record_of_the_former_format_keeps_its_meaning(device: int, ctime_ns: int, record: Record) -> None:
    former = {
        "device": device, "inode": 2**64 - 1, "path": "/\udcff.log", "position": 3, "extent": 4, "fingerprint": "AP8=",
        "size": 5, "ctime_ns": ctime_ns, "birth_ns": 7, "complete": True, "copy": True, "beside": True, "earlier": 2,
        "earlier_fingerprint": "AQ==",
    }  # fmt: skip

    assert decoded(f"{device}:{2**64 - 1}".encode(), json.dumps(former).encode()) == record


def test_a_record_of_the_format_before_keeps_its_meaning() -> None:
    key, value = encoded(_POSITION)
    before = json.loads(value)
    del before["next_to_log"]
    before["copy"] = before.pop("copy_pending")

    assert decoded(key, json.dumps(before).encode()) == replace(_POSITION, next_to_log=False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"a line"),
        (None, b"{}"),
        (b"1:2", b"not JSON"),
        (b"1:2", b"{}"),
        (b"1:2", b"[]"),
        (b"lost:2:0", encoded(_POSITION)[1]),
        (b"1:2", encoded(replace(_LOST, slot=0))[1]),
        (b"lines", None),
        (None, None),
    ],
)
def test_a_record_of_another_program_is_refused_in_one_line(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(WordCountError, match="written by another program") as caught:
        decoded(key, value)

    assert "\n" not in str(caught.value)
