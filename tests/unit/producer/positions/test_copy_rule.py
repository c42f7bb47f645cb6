"""The rule that tells a copy of a rotated log from another file that begins alike."""

from typing import Any

import pytest

from producer.positions.copy_rule import Evidence, Fate, Verdict, judge

EXISTS, NAMELESS, CUT, GONE = Fate.EXISTS, Fate.NAMELESS, Fate.CUT, Fate.GONE
COPY, WAIT, OTHER = Verdict.COPY, Verdict.WAIT, Verdict.OTHER


def evidence(fate: Fate, **changed: Any) -> Evidence:
    """Return the evidence of a file of another name, created at 20, after a log of 10 and before that was cut at 30."""
    usual: dict[str, Any] = {
        "is_related": False, "has_same_path": False, "is_log": True, "is_packed": False, "is_settled": False,
        "counts_copies": False, "birth_ns": 20, "mtime_ns": 21, "original_birth_ns": 10, "original_mtime_ns": 15,
        "cut_ns": 30 if fate is CUT else 0, "now_ns": 40,
    }  # fmt: skip
    return Evidence(fate=fate, **usual | changed)


@pytest.mark.parametrize(
    ("what", "verdict", "given"),
    [
        ("a copy of a log that was truncated then", COPY, evidence(CUT)),
        ("the same, if the times of birth are unknown", COPY, evidence(CUT, birth_ns=0, original_birth_ns=0)),
        ("the same, if only that of the log is unknown", COPY, evidence(CUT, original_birth_ns=0)),
        ("a file of a folder", COPY, evidence(CUT, is_log=False)),
        ("a new log that begins like one truncated before", OTHER, evidence(CUT, birth_ns=31)),
        ("what a copy was compressed to, later", COPY, evidence(CUT, birth_ns=31, is_packed=True)),
        ("what is named like a copy, written later", COPY, evidence(CUT, birth_ns=31, is_related=True)),
        ("an older file", OTHER, evidence(CUT, birth_ns=9)),
        ("an older file of the same log", OTHER, evidence(CUT, birth_ns=9, is_related=True)),
        ("what replaces a log by the same content", OTHER, evidence(CUT, has_same_path=True)),
        ("a restored one in its place", COPY, evidence(CUT, has_same_path=True, mtime_ns=15)),
        ("the same, the clock set back", COPY, evidence(CUT, has_same_path=True, mtime_ns=15, birth_ns=9, now_ns=9)),
        ("the same when the clock is right again", COPY, evidence(GONE, birth_ns=9, mtime_ns=15, is_related=True)),
        ("a copy by name, if the clock was set back", COPY, evidence(CUT, birth_ns=5, is_related=True, cut_ns=6)),
        ("the same, before its log is truncated", WAIT, evidence(EXISTS, birth_ns=5, is_related=True, now_ns=6)),
        ("a copy, if the clock was set back until it was cut", COPY, evidence(CUT, birth_ns=45)),
        ("a copy, before its log is truncated", WAIT, evidence(EXISTS)),
        ("the same, named like a copy", WAIT, evidence(EXISTS, is_related=True, is_settled=True)),
        ("the same file twice", OTHER, evidence(EXISTS, is_settled=True)),
        ("the same file, compressed", OTHER, evidence(EXISTS, is_packed=True)),
        ("the same file in a new folder", OTHER, evidence(EXISTS, counts_copies=True)),
        ("a copy by name in a new folder", OTHER, evidence(EXISTS, counts_copies=True, is_related=True)),
        ("a new log that begins like one deleted before", OTHER, evidence(NAMELESS)),
        ("a log moved to another disk, which is still open", WAIT, evidence(NAMELESS, mtime_ns=15)),
        ("what a deleted log was compressed to", WAIT, evidence(NAMELESS, birth_ns=31, is_packed=True)),
        ("a new file like one that is gone", OTHER, evidence(GONE)),
        ("a log moved to another disk", COPY, evidence(GONE, mtime_ns=15)),
        ("a log that grew, and was moved to another disk", COPY, evidence(GONE, mtime_ns=19)),
        ("a file of a folder with a later time", OTHER, evidence(GONE, mtime_ns=19, is_log=False)),
        ("a file moved to another disk", COPY, evidence(GONE, mtime_ns=15, is_log=False)),
        ("what a log that is gone was compressed to", COPY, evidence(GONE, is_packed=True)),
        ("a compressed file like one that is gone", OTHER, evidence(GONE, is_packed=True, is_log=False)),
        ("what is named like a copy of a log that is gone", COPY, evidence(GONE, is_related=True)),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)  # fmt: skip
def test_a_copy_is_told_from_another_file(what: str, verdict: Verdict, given: Evidence) -> None:
    assert judge(given) is verdict, what
