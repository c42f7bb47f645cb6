"""When a file was made, which tells it from an earlier one whose inode it was given.

Linux gives the inode of a deleted file to the next one made, often at once; where both hold the same bytes nothing else
tells them apart. Python offers the time of birth on Linux from 3.15 on (``os.statx``); until then it is asked of the C
library. The layout is that of ``struct statx`` in statx(2).
"""

import ctypes

_EMPTY_PATH = 0x1000  # AT_EMPTY_PATH: the descriptor itself
_BIRTH = 0x800  # STATX_BTIME


class _Statx(ctypes.Structure):
    _fields_ = (
        ("mask", ctypes.c_uint32),
        ("before", ctypes.c_uint8 * 76),
        ("seconds", ctypes.c_int64),
        ("nanoseconds", ctypes.c_uint32),
        ("after", ctypes.c_uint8 * 164),
    )


_statx = getattr(ctypes.CDLL(None), "statx", None)


def birth_ns(descriptor: int) -> int:
    """Return when an open file was made, in nanoseconds since 1970; 0 where system or file system do not tell.

    >>> with open(__file__) as file:
    ...     birth_ns(file.fileno()) >= 0
    True
    """
    result = _Statx()
    if _statx is None or _statx(descriptor, b"", _EMPTY_PATH, _BIRTH, ctypes.byref(result)) != 0:
        return 0
    seconds, nanoseconds = int(result.seconds), int(result.nanoseconds)
    return seconds * 1_000_000_000 + nanoseconds if result.mask & _BIRTH else 0
