"""The gap that reading one file has stopped at, and for how long it has been there."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from producer.content import gaps
from producer.content.gaps import Circumstances, Gap


@dataclass(slots=True)
class GapWatch:
    """What is known of the first gap in one file.

    Attributes:
        start: where the gap begins, None if the file has none.
        gap: the gap, once it was measured.
        least: the fewest NULs that are a gap; more once NULs of this file were found to be text.
        text_to: NULs before this offset are text.
        has_nuls: NULs that nobody wrote over were found in this file before.
        is_reported: the user was told of this gap.
        was_reported: the user was told of a gap at the end since the file last had none.
    """

    start: int | None = None
    gap: Gap | None = None
    least: int = gaps.MIN_NULS
    text_to: int = 0
    has_nuls: bool = False
    is_reported: bool = False
    was_reported: bool = False
    _since: float = 0.0  # when this start was found, in seconds of the monotonic clock
    _unchanged_since: float = 0.0  # when the gap was measured, or when the file changed before
    _size: int = 0  # of the file at that time
    _measured: tuple[int, int] = (0, 0)  # size and time of change of the file when the gap was last measured

    def find(self, data: bytes, offset: int, size: int, read: Callable[[int, int], bytes], unit: int) -> int | None:
        """Return where the first gap begins in a part of the file, None if there is none.

        Args:
            data: the part.
            offset: where it begins in the file.
            size: the file's size, in bytes.
            read: returns so many bytes of the file from an offset on.
            unit: how many bytes a line feed has.
        """
        end = offset + len(data)
        if data.endswith(b"\0") and end < size:  # what follows tells whether these NULs are enough
            data += read(min(self.least + unit, size - end), end)
        found = self._find(data, offset, is_end=offset + len(data) == size, unit=unit)
        return found if found is not None and found < end else None

    def _find(self, data: bytes, offset: int, *, is_end: bool, unit: int) -> int | None:
        text = max(0, min(self.text_to - offset, len(data)))
        part = data[text:] if text else data
        return gaps.find(part, offset + text, is_end=is_end, least=self.least, unit=unit)

    def stopped_at(self, start: int, idle_seconds: float) -> None:
        """Note that a gap begins at ``start``, in a file that has not changed for some seconds."""
        if start != self.start:
            self.start, self.gap, self.is_reported = start, None, False
            self._since = time.monotonic() - idle_seconds

    def clear(self) -> None:
        """Note that the file has no gap."""
        self.start, self.gap, self.is_reported, self.was_reported = None, None, False, False

    def is_due(self, settle: float) -> bool:
        """Tell whether the gap has begun at the same byte for the settling time."""
        return time.monotonic() - self._since >= settle

    def measured(self, descriptor: int, version: tuple[int, int], idle_seconds: float, *, again: bool = False) -> Gap:
        """Return the gap; it is only measured if the file has changed, or ``again``.

        Args:
            descriptor: the open file.
            version: the file's size in bytes, and the time of its last change.
            idle_seconds: for how long the file has not changed.
            again: measure it in any case.
        """
        if self.gap is None or version != self._measured or again:
            gap = gaps.measure(descriptor, self.start or 0)
            if self.gap is None or gap[:2] != self.gap[:2]:
                self._unchanged_since, self._size = time.monotonic() - idle_seconds, version[0]
            self.gap, self._measured = gap, version
        return self.gap

    def is_text(self, gap: Gap, line_start: int) -> bool:
        """Tell, and note, whether a gap that is passed is part of a line; the line begins at ``line_start``."""
        self.has_nuls |= not gap.has_hole
        if gap.has_hole or gap.start == line_start or gap.end - gap.start >= gaps.PAGE_BYTES:
            return False
        self.text_to, self.least = gap.end, gaps.PAGE_BYTES
        return True

    def circumstances(self, size: int, settle: float, *, is_log: bool, was_cut: bool) -> Circumstances:
        """Return what is known of the file, which has ``size`` bytes, now that the gap is measured."""
        return Circumstances(
            size=size,
            settle=settle,
            unchanged=time.monotonic() - self._unchanged_since,
            has_grown=size > self._size,
            is_log=is_log,
            was_cut=was_cut,
            has_nuls=self.has_nuls,
        )
