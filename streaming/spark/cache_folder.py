"""The folder for what can be made or fetched again."""

import os
from pathlib import Path

from producer.common.errors import WordCountError


def cache_folder() -> Path:
    """Return it: ``wordcount`` in XDG_CACHE_HOME, which is ``~/.cache`` by default."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wordcount"


def make_cache_folder() -> Path:
    """Return it, made if missing.

    Raises:
        WordCountError: it cannot be made.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WordCountError(
            f"{folder} cannot be made: {error.strerror}; set XDG_CACHE_HOME to a folder you may write to"
        ) from error
    return folder
