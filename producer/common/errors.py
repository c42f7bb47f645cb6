"""What can go wrong, as one tree; every message is one line that says what, which value, and what to do.

WordCountError      something went wrong while running      exit status 1
├── UsageError      a wrong option, argument or setting     exit status 2
├── LineTooLongError   a line is larger than a topic takes  exit status 1
├── LockedError     another process holds the state         exit status 1
├── NobodyReadsError   standard output was closed          exit status 141
└── (streaming.errors adds what only Spark and Java can cause)
"""

import errno


class WordCountError(Exception):
    """Something went wrong while running; the message is meant for the person at the terminal."""

    exit_status = 1


class UsageError(WordCountError):
    """An option, an argument or a setting is wrong; nothing was started."""

    exit_status = 2


class OutputClosedError(WordCountError):
    """Standard output was closed by who read it, as ``head`` does; there is nobody to tell."""

    exit_status = 141  # as a shell reports the end by a closed pipe


class LineTooLongError(WordCountError):
    """A line is larger than the target takes."""

    def __init__(self, size: int, limit: int, where: str = "a line") -> None:
        super().__init__(
            f"{where} has {size:,} bytes, more than the {limit:,} that the topic takes; raise max.message.bytes of the"
            " topic (and max.request.size in --kafka-config, where it is set)"
        )
        self.size, self.limit = size, limit

    def at(self, source: str, place: int) -> "LineTooLongError":
        """Return the same, with the line's source and its place there in bytes."""
        return LineTooLongError(self.size, self.limit, f"{source}: the line at byte {place:,}")


class LockedError(WordCountError):
    """Another process works on the same state."""


def one_line(error: BaseException) -> str:
    """Return what went wrong as one line for the person at the terminal.

    >>> one_line(FileNotFoundError(2, "No such file or directory", "words.txt"))
    'words.txt: No such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        name = error.filename or "output"
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            return f"{name}: {error.strerror}; make room and run the same command again: nothing is lost"
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return f"{name}: {error.strerror}; allow it and run the same command again: nothing is lost"
        return f"{name}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
