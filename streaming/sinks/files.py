"""Counts in files, each replaced in one step."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from streaming.counting.words import most_frequent, most_frequent_first
from streaming.sinks.formats import FORMATS, file_name, writer

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_UNFINISHED = ".writing-"


def save(counts: "DataFrame", target: Path, format_name: str, top: int | None = None) -> None:
    """Write counts to one file, the most frequent first, replacing what was there in one step.

    Delivery guarantee: a reader sees the old file or the whole new one, also after a crash.

    Args:
        counts: columns ``word`` and ``count``, or those of windows.
        target: the file; its folder exists.
        format_name: ``text`` (``word: count``), ``csv`` (with a header), ``json`` (one object a line) or ``parquet``.
        top: how many words, in each window where there are some; None is all.
    """
    chosen = counts if top is None else most_frequent(counts, top)
    folder = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{target.name}.", dir=target.parent))
    try:
        writer(most_frequent_first(chosen), format_name).mode("overwrite").save(str(folder))
        part = next(folder.glob("part-*"))
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_other_formats(folder: Path, stem: str, format_name: str) -> None:
    """Remove the files of counts that earlier runs have saved in other formats: nobody keeps them up to date any more.

    Args:
        folder: where they are.
        stem: their names without the ending.
        format_name: that of the one that stays.
    """
    for other in FORMATS:
        if other != format_name:
            (folder / file_name(stem, other)).unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove the unfinished files that a process that was killed has left in an output folder."""
    for left in [*folder.glob(f"{_UNFINISHED}*"), *folder.glob(f"*/{_UNFINISHED}*")]:
        shutil.rmtree(left, ignore_errors=True)
