"""Local files and standard input: this process follows them into the spool, and Spark reads the spool."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from producer.text.encoding import UTF_8, Encoding
from streaming.spark.environment import file_glob

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The most bytes that one batch reads. A batch costs 0.3 s whatever it holds; 256 MB take some 4 s.
BATCH_BYTES = 256 << 20
#: How many chunks Spark remembers; the spool never holds so many.
KEPT_CHUNKS = 100_000
#: The source that stands for standard input.
STANDARD_INPUT = "-"


@dataclass(frozen=True)
class Files:
    """Files of this machine, or standard input.

    Delivery guarantee: each line of a file counts exactly once. Standard input cannot be read again: a line that was
    read but not yet spooled when the process is killed is lost.

    Attributes:
        paths: folders, logs and patterns of logs; or ``-`` alone, standard input.
        from_end: skip what is already there when the files are followed for the first time.
        encoding: that of files without a byte order mark; None is UTF-8, with a warning where a file seems to be
            something else.
        exclude: the patterns of what is left out of folders and globs.
    """

    paths: tuple[str, ...]
    from_end: bool = False
    encoding: Encoding | None = None
    exclude: tuple[str, ...] = ()

    @property
    def is_piped(self) -> bool:
        """Whether this is standard input."""
        return self.paths == (STANDARD_INPUT,)

    @property
    def known_as(self) -> str:
        """The absolute paths, one a line, or ``standard input``; and the options that change which words these have."""
        # A log that is a symlink keeps its own name: the link may be repointed.
        paths = sorted(os.path.realpath(path) if os.path.isdir(path) else os.path.abspath(path) for path in self.paths)
        options = [f"--exclude {pattern}" for pattern in sorted(set(self.exclude))]
        if self.encoding is not None and self.encoding != UTF_8:
            options.append(f"--encoding {self.encoding.name}")
        return "\n".join([*(["standard input"] if self.is_piped else paths), *options])

    @property
    def followed(self) -> "Files":
        """These files: they are followed into the spool."""
        return self

    @property
    def topics(self) -> None:
        """None: files are not topics."""

    def read(self, spark: "SparkSession", spool: Path) -> "DataFrame":
        """Return the lines of the chunks in the spool, as ``Source.read`` does."""
        # Chunk n has a modification time of n seconds. Spark remembers the chunks of the last KEPT_CHUNKS seconds and
        # ignores older ones.
        return (
            spark.readStream.format("text")
            .option("maxBytesPerTrigger", BATCH_BYTES)
            .option("maxFileAge", f"{KEPT_CHUNKS}s")
            .load(file_glob(spool))
        )


def read_release(spark: "SparkSession", folder: Path) -> "DataFrame":
    """Return one row for each file that appears in a folder: the first row lets windows close."""
    # A batch that is counted again may have read a file that is gone by now: then windows must stay open.
    return spark.readStream.format("text").option("ignoreMissingFiles", value=True).load(file_glob(folder))
