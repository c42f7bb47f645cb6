"""Counts in files, each replaced in one step."""

from pathlib import Path
from typing import TYPE_CHECKING

from producer.common.atomic_file import replace_file
from streaming.counting.words import most_frequent, most_frequent_first
from streaming.sinks.formats import FORMATS, file_name, writer
from streaming.spark.environment import file_uri
from streaming.spark.temp_folder import remove_abandoned, temp_folder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Folders in an output folder: one file for each batch that changed counts, and one for each that closed windows.
CHANGES, WINDOWS = "changes", "windows"
_UNFINISHED = ".writing-"


def save(counts: "DataFrame", target: Path, format_name: str, top: int | None = None) -> None:
    """Write counts to one file, the most frequent first, and replace a former file in one step.

    Delivery guarantee: a reader sees the old file or the whole new one, also after a crash.

    Args:
        counts: columns ``word`` and ``count``, or those of windows.
        target: the file; its folder exists.
        format_name: one of ``FORMATS``.
        top: how many words, in each window if there are windows; None is all.
    """
    chosen = counts if top is None else most_frequent(counts, top)
    with temp_folder(target.parent, f"{_UNFINISHED}{target.name}.") as folder:
        written = folder / "files"
        writer(most_frequent_first(chosen), format_name).save(file_uri(written))
        replace_file(next(written.glob("part-*")), target)


def save_batch(counts: "DataFrame", folder: Path, batch: int, format_name: str) -> None:
    """Write the counts of a batch to a file of its own, as ``save`` does.

    Delivery guarantee: exactly once. A batch that is counted again replaces its file, whatever the format was.
    """
    stem = f"{batch:09d}"
    save(counts, folder / file_name(stem, format_name), format_name)
    remove_other_formats(folder, stem, format_name)


def remove_other_formats(folder: Path, stem: str, format_name: str) -> None:
    """Remove the files that earlier runs have saved in other formats, which nothing updates any more.

    Args:
        folder: where they are.
        stem: their names without the extension.
        format_name: the format that stays.
    """
    for other in FORMATS:
        if other != format_name:
            (folder / file_name(stem, other)).unlink(missing_ok=True)


def remove_undone(output: Path, last: int) -> None:
    """Remove the files of batches after the last one: they were undone, and what they read comes in other batches.

    Args:
        output: the output folder.
        last: the last batch; -1 if there is none.
    """
    for folder in (output / CHANGES, output / WINDOWS):
        for file in folder.glob("[0-9]*.*"):
            number = file.name.partition(".")[0]
            if number.isdigit() and int(number) > last:
                file.unlink()


def remove_unfinished(output: Path) -> None:
    """Remove the files that killed processes were writing to an output folder, and to the folders of its batches."""
    for folder in (output, output / CHANGES, output / WINDOWS):
        remove_abandoned(folder, _UNFINISHED)
