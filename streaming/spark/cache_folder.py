"""The cache folder: what is in it can be made or fetched again."""

import os
from pathlib import Path

from producer.common.errors import WordCountError


def cache_folder() -> Path:
    """Return the folder: ``wordcount`` in XDG_CACHE_HOME, which is ``~/.cache`` by default."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wordcount"


def make_cache_folder() -> Path:
    """Return the folder, created if it is missing.

    Raises:
        WordCountError: it cannot be created.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WordCountError(
            f"{folder}: cannot be created: {error.strerror}; set XDG_CACHE_HOME to a folder you can write to"
        ) from error
    return folder
