"""The archive of the classes that Java loads for Spark: with it, a start takes some 60 % of the time (5.0 s of 8.2 s).

Java writes it at the end of a training run, which takes half a minute and 170 MB. It uses it only for the same Java,
class path and garbage collector, and with any other it starts as if there were none.
"""

import os
import re
from hashlib import blake2b
from pathlib import Path

from producer.common.atomic_file import write_file
from producer.common.errors import WordCountError
from streaming.spark.environment import cache_folder
from streaming.spark.install import jars_folder
from streaming.spark.java import Java, version_of

_AHEAD_OF_TIME = 25  # from this version on, Java also keeps linked classes and profiles
#: Options against Java's messages about an archive, which it writes to standard output.
QUIET = ("-Xlog:disable", "-Xlog:all=off")
#: Options by which Java says nothing but why it makes no archive.
ERRORS_ONLY = ("-Xlog:disable", "-Xlog:all=error:stderr:none")
#: What Java says while it makes an archive that is no reason for a failure.
_NO_REASON = re.compile(
    r"Picked up |An error has occurred |Temporary AOTConfiguration |Launching child |Reading AOTConfiguration |\s*$"
)
_MADE_FOR = ".made-for"  # the ending of the file beside an archive that tells what it fits


def archive_path(java: Java, cache: Path) -> Path:
    """Return where in the cache folder the archive for this Java and this Spark is, or would be."""
    return cache / f"classes-{blake2b(_made_for(java).encode(), digest_size=8).hexdigest()}"


def _made_for(java: Java) -> str:
    """Return what an archive depends on, one thing a line."""
    jars = jars_folder()
    return f"{java.executable.resolve()}\n{java.version}\n{jars}\n{jars.stat().st_mtime_ns}\n"


def use(java: Java) -> list[str]:
    """Return the JVM's options for using the archive; none if there is no archive for this Java."""
    cache = cache_folder()
    path = cache and archive_path(java, cache)
    if path is None or not os.access(path, os.R_OK):  # the home of another account may not even be entered
        return []
    return [f"-XX:{'AOTCache' if _has_ahead_of_time(java) else 'SharedArchiveFile'}={path}", *QUIET]


def write_option(java: Java, path: Path) -> str:
    """Return the JVM's option for writing an archive to a file when the JVM ends."""
    return f"-XX:{'AOTCacheOutput' if _has_ahead_of_time(java) else 'ArchiveClassesAtExit'}={path}"


def not_made(java: Java, said: str) -> WordCountError:
    """Return the error that a training run has left no archive, with what Java said of it."""
    reason = next((line for line in said.splitlines() if not _NO_REASON.match(line)), "no reason given")
    return WordCountError(
        f"Java {java.version} at {java.executable} made no archive: {reason.rstrip('.')}; starts stay as they are"
    )


def keep(java: Java, archive: Path, path: Path) -> None:
    """Move a new archive to its path, and remove those whose Java or Spark is no longer there."""
    for note in path.parent.glob(f"classes-*{_MADE_FOR}"):
        if not _still_fits(note.read_text("utf-8")):
            note.with_suffix("").unlink(missing_ok=True)
            note.unlink()
    write_file(path.with_name(path.name + _MADE_FOR), _made_for(java).encode("utf-8"))
    archive.replace(path)


def _still_fits(made_for: str) -> bool:
    try:
        executable, version, jars, changed = made_for.splitlines()
        return version_of(Path(executable)) == version and str(os.stat(jars).st_mtime_ns) == changed
    except (OSError, ValueError):
        return False


def _has_ahead_of_time(java: Java) -> bool:
    return int(java.version.partition(".")[0]) >= _AHEAD_OF_TIME
