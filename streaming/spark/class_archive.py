"""The archive of the classes that Java loads for Spark: with it, a start takes some 60 % of the time (5.0 s of 8.2 s).

Java writes it at the end of a training run, and uses it only for the same Java, class path and garbage collector. With
any other it starts as if there were none. The archive is made on request, as that takes half a minute and 170 MB.
"""

import os
from hashlib import blake2b
from pathlib import Path

from streaming.spark.environment import cache_folder
from streaming.spark.install import jars_folder
from streaming.spark.java import Java

_AHEAD_OF_TIME = 25  # from this version on, Java also keeps linked classes and profiles
#: Options against Java's messages about an archive, which it writes to standard output.
QUIET = ("-Xlog:disable", "-Xlog:all=off")


def archive_path(java: Java, cache: Path) -> Path:
    """Return where in the cache folder the archive for this Java and this Spark is, or would be."""
    jars = jars_folder()
    made_of = f"{java.executable.resolve()} {java.version} {jars} {jars.stat().st_mtime_ns}"
    return cache / f"classes-{blake2b(made_of.encode(), digest_size=8).hexdigest()}"


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


def _has_ahead_of_time(java: Java) -> bool:
    return int(java.version.partition(".")[0]) >= _AHEAD_OF_TIME
