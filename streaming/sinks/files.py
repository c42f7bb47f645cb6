"""Counts in files, each replaced in one step."""

from pathlib import Path
from typing import TYPE_CHECKING

from producer.common.atomic_file import replace_file
from streaming.counting.words import most_frequent, most_frequent_first
from streaming.sinks.formats import FORMATS, file_name, writer
from streaming.spark.temp_folder import remove_abandoned, temp_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Folders of an output folder: a file for each batch that changed counts, and for each that closed windows.
CHANGES, WINDOWS = "changes", "windows"
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
    with temp_folder(target.parent, f"{_UNFINISHED}{target.name}.") as folder:
        written = folder / "files"
        writer(most_frequent_first(chosen), format_name).save(str(written))
        replace_file(next(written.glob("part-*")), target)


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


def remove_unfinished(output: Path) -> None:
    """Remove the files that killed processes were writing to an output folder, and to the folders of its batches."""
    for folder in (output, output / CHANGES, output / WINDOWS):
        remove_abandoned(folder, _UNFINISHED)
