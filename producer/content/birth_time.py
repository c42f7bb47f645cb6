"""The time a file was created, which distinguishes it from an earlier file with the same inode.

Linux often gives the inode of a deleted file to the next file created. If both hold the same bytes, nothing else tells
them apart. Python offers the time of birth on Linux from 3.15 on (``os.statx``); until then the C library is called.
The layout is that of ``struct statx`` in statx(2).
"""

import ctypes
import os

_HERE = -100  # AT_FDCWD: a relative path starts at the working directory
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


statx = getattr(ctypes.CDLL(None), "statx", None)


def birth_ns(file: int | str) -> int:
    """Return when a file, open or at a path, was created, in nanoseconds since 1970; 0 if that is unknown.

    >>> with open(__file__) as file:
    ...     birth_ns(file.fileno()) == birth_ns(__file__) >= 0
    True
    """
    result = _Statx()
    which = (file, b"", _EMPTY_PATH) if isinstance(file, int) else (_HERE, os.fsencode(file), 0)
    if statx is None or statx(*which, _BIRTH, ctypes.byref(result)) != 0:
        return 0
    seconds, nanoseconds = int(result.seconds), int(result.nanoseconds)
    return seconds * 1_000_000_000 + nanoseconds if result.mask & _BIRTH else 0
