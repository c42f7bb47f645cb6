"""An archive of the classes that Java loads for Spark: with one, a start takes some 60 % of the time (5.0 s of 8.2 s).

Java makes it at the end of a training run, and takes it only for the same Java, class path and collector; for any other
it goes on without. It is made when asked for, as it takes half a minute and 170 MB.
"""

import tempfile
from hashlib import blake2b
from pathlib import Path

from producer.common.errors import WordCountError
from producer.common.progress import waiting
from streaming.spark.cache_folder import cache_folder, make_cache_folder
from streaming.spark.install import jars_folder
from streaming.spark.java import Java
from streaming.spark.temp_folder import remove_abandoned, temp_folder

_AHEAD_OF_TIME = 25  # from this version on, Java keeps linked classes and profiles too
_QUIET = ("-Xlog:disable", "-Xlog:all=off")  # Java tells on standard output what it thinks of an archive
_PATIENCE_SECONDS = 180.0
_UNFINISHED = ".making-"


def use(java: Java) -> list[str]:
    """Return the JVM's options for using the archive, none where there is no archive for this Java."""
    path = _path(java)
    if not path.exists():
        return []
    return [f"-XX:{'AOTCache' if _ahead(java) else 'SharedArchiveFile'}={path}", *_QUIET]


def make(java: Java, *, debug: bool) -> Path:
    """Make the archive for ``java``, unless there is one, and return its path.

    Raises:
        WordCountError: this Java makes none.
    """
    from streaming.cli.prepare import train  # noqa: PLC0415  # it uses what uses this module

    path = _path(java)
    cache = make_cache_folder()
    remove_abandoned(cache, _UNFINISHED)
    if path.exists():
        return path
    with temp_folder(cache, _UNFINISHED) as making:
        archive = making / path.name
        option = f"-XX:{'AOTCacheOutput' if _ahead(java) else 'ArchiveClassesAtExit'}={archive}"
        with waiting("making the archive"), tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
            train(java, Path(folder), [option, *([] if debug else _QUIET)], _PATIENCE_SECONDS, debug=debug)
        if not archive.exists():
            raise WordCountError(f"Java {java.version} at {java.executable} made no archive; starts stay as they are")
        archive.replace(path)
    return path


def _ahead(java: Java) -> bool:
    return int(java.version.partition(".")[0]) >= _AHEAD_OF_TIME


def _path(java: Java) -> Path:
    """Return where the archive for this Java and this Spark is, or would be."""
    jars = jars_folder()
    made_of = f"{java.executable.resolve()} {java.version} {jars} {jars.stat().st_mtime_ns}"
    return cache_folder() / f"classes-{blake2b(made_of.encode(), digest_size=8).hexdigest()}"
