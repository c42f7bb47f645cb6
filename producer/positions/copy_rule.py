"""The rule that tells a copy of a rotated log from another file that happens to begin alike. Pure: no I/O.

A rotated log may get any name and any folder, so names decide little. It is known by its content, and by when it was
created: a copy is created after its original, and before its original is cut. Two files that a user drops with the same
content both count, as long as neither takes the place of the other.
"""

from dataclasses import dataclass
from enum import Enum, auto

#: The bytes of a few lines: a new log may begin with the very same.
FEW_LINES_BYTES = 512


class Fate(Enum):
    """What became of the file whose published content a new file begins with."""

    EXISTS = auto()  #: it still holds that content
    NAMELESS = auto()  #: it still holds that content and is kept open, but it was deleted or moved out of sight
    CUT = auto()  #: it was truncated or overwritten, or another file has its path
    GONE = auto()  #: it has no name any longer, and nothing took its place


class Verdict(Enum):
    """What a new file is."""

    COPY = auto()  #: what was published of the other file was published of this one
    WAIT = auto()  #: the other file is published itself; if it still has its name, it may be about to be truncated
    OTHER = auto()  #: another file, which counts whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a new file and of another one, whose published content it begins with.

    Attributes:
        fate: what became of the other file.
        is_related: their names are those of one log.
        has_same_path: the new file is where the other one was: it replaces it.
        is_log: the new file was found next to followed logs, and not as one of the files of a folder.
        is_packed: the new file is compressed.
        is_settled: the new file has been there, unchanged, for the settling time.
        counts_copies: a copy of a file that exists counts as well.
        birth_ns: when the new file was created, in nanoseconds; 0 if unknown.
        mtime_ns: when its content last changed.
        original_birth_ns: when the other file was created; 0 if unknown.
        original_mtime_ns: when the content of the other file had last changed when it was last read; 0 if unknown.
        cut_ns: the latest time at which the other file may have been cut; 0 if unknown.
        now_ns: the present time.
    """

    fate: Fate
    is_related: bool
    has_same_path: bool
    is_log: bool
    is_packed: bool
    is_settled: bool
    counts_copies: bool
    birth_ns: int
    mtime_ns: int
    original_birth_ns: int
    original_mtime_ns: int
    cut_ns: int
    now_ns: int


def judge(evidence: Evidence) -> Verdict:
    """Tell what a new file is that begins with all that was published of another one.

    Of a file that exists, it begins with that file's content as far as both go.
    """
    times = evidence.birth_ns, evidence.original_birth_ns, evidence.cut_ns
    was_set_back = clock_was_set_back(*times, evidence.now_ns)
    has_its_time = evidence.mtime_ns == evidence.original_mtime_ns
    is_older = 0 < evidence.birth_ns < evidence.original_birth_ns and not (was_set_back or has_its_time)
    if is_older or (evidence.has_same_path and not _is_restored(evidence, was_set_back=was_set_back)):
        return Verdict.OTHER
    is_in_time = evidence.birth_ns <= evidence.cut_ns or 0 in {evidence.birth_ns, evidence.cut_ns} or was_set_back
    match evidence.fate:
        case Fate.EXISTS:
            return _judge_of_existing(evidence)
        case Fate.NAMELESS:
            # A new log that begins like the deleted one may have been created at any time.
            is_copy = evidence.is_related or evidence.is_packed or _has_kept_its_time(evidence)
            return Verdict.WAIT if is_copy else Verdict.OTHER
        case Fate.CUT:
            return Verdict.COPY if evidence.is_related or evidence.is_packed or is_in_time else Verdict.OTHER
        case Fate.GONE:
            return Verdict.COPY if evidence.is_related or _has_kept_its_time(evidence) else Verdict.OTHER


def clock_was_set_back(birth_ns: int, original_birth_ns: int, cut_ns: int, now_ns: int) -> bool:
    """Tell whether the clock was set back since a file or its original was created: no time tells which is older.

    Then one of them was created in the future, or the original was cut before it was created.
    """
    return now_ns < max(birth_ns, original_birth_ns) or 0 < cut_ns < original_birth_ns


def _judge_of_existing(evidence: Evidence) -> Verdict:
    """Tell what a file is that begins with the content of a file that exists.

    A copy is truncated as soon as it is complete. By the time a compressed file is read, it is complete.
    """
    if evidence.is_related:
        return Verdict.OTHER if evidence.counts_copies else Verdict.WAIT
    return Verdict.OTHER if evidence.is_packed or evidence.is_settled or evidence.counts_copies else Verdict.WAIT


def _is_restored(evidence: Evidence, *, was_set_back: bool) -> bool:
    """Tell whether a file is where the other one was because that was compressed and decompressed again."""
    has_its_time = evidence.mtime_ns == evidence.original_mtime_ns
    return evidence.is_log and has_its_time and (evidence.birth_ns > evidence.mtime_ns or was_set_back)


def _has_kept_its_time(evidence: Evidence) -> bool:
    """Tell whether a file has the time of one that is gone, as after a move to another disk or a compression.

    Only a copy that keeps times is created after its content last changed. A log may grow before it is moved.
    """
    if evidence.mtime_ns == evidence.original_mtime_ns:
        return True
    was_kept = evidence.birth_ns > evidence.mtime_ns >= evidence.original_mtime_ns > 0
    return evidence.is_log and (was_kept or evidence.is_packed)
