"""The tree of errors. Every message is one line: what happened, to which value, and what to do.

WordCountError           something went wrong while running          exit status 1
├── UsageError           an option, argument or setting is wrong     exit status 2
├── LostLinesError       the target has lost published lines         exit status 1
├── LockedError          another process uses the state or target    exit status 1
├── OutputClosedError    the reader of standard output closed it     exit status 141
└── (streaming.errors adds the errors that only Spark and Java cause)
"""

import errno
from collections.abc import Sequence

#: Stands for the text of a library that may quote a password.
_LEFT_OUT = "a reason that is not shown, as it may quote a password of --kafka-config"


class WordCountError(Exception):
    """Something went wrong while running. The message is for the person at the terminal."""

    exit_status = 1


class UsageError(WordCountError):
    """An option, an argument or a setting is wrong. Nothing was started."""

    exit_status = 2


class OutputClosedError(WordCountError):
    """The reader of standard output closed it, as ``head`` does. No message is shown."""

    exit_status = 141  # as a shell reports an end by SIGPIPE


class LostLinesError(WordCountError):
    """Lines that were published, and taken as safe, are gone from the target."""


class LockedError(WordCountError):
    """Another process uses the same state or target."""


#: What the system says where a write was stopped, and what to do.
_LIMITS = {"No space left on device": "make room", "File too large": "raise ulimit -f,"}
_secrets: list[str] = []


def hide(secrets: Sequence[str]) -> None:
    """Let no message show these, and no others, from now on where it quotes a library; see ``foreign``."""
    _secrets[:] = secrets


def foreign(text: str) -> str:
    """Return what a library says, as a part of a message; a text with a secret in it is left out as a whole.

    Only a library may quote the setting that holds a secret. If the secret alone were masked, a reader who knows the
    library's text would see what it is.

    >>> foreign("the broker has no such topic")
    'the broker has no such topic'
    """
    return _LEFT_OUT if any(secret in text for secret in _secrets) else text


def limit_reached(texts: Sequence[str]) -> str | None:
    """Return what to do where a disk or a limit has stopped a write, by what a library says; None for anything else.

    >>> limit_reached(["java.io.IOException: File too large"])  # doctest: +ELLIPSIS
    'output, state or temporary folder: File too large; raise ulimit -f, and run the same command again...'
    """
    for sign, advice in _LIMITS.items():
        if any(sign in text for text in texts):
            return (
                f"output, state or temporary folder: {sign}; {advice} and run the same command again: nothing is lost"
            )
    return None


def one_line(error: BaseException) -> str:
    """Return an error as one line for the person at the terminal.

    >>> one_line(FileNotFoundError(2, "No such file or directory", "words.txt"))
    'words.txt: No such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        # Asked where this process is, the system names no file.
        name = error.filename or ("the current folder" if error.errno == errno.ENOENT else "output")
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return f"{name}: {error.strerror}; make room and run the same command again: nothing is lost"
        if error.errno == errno.EFBIG:
            return f"{name}: {error.strerror}; raise ulimit -f, and run the same command again: nothing is lost"
        if error.errno in {errno.EMFILE, errno.ENFILE}:
            return f"{error.strerror}; raise ulimit -n, and run the same command again: nothing is lost"
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return f"{name}: {error.strerror}; allow access and run the same command again: nothing is lost"
        return f"{name}: {error.strerror}"
    text = " ".join(str(error).split()) or type(error).__name__
    return text if isinstance(error, WordCountError) else foreign(text)
