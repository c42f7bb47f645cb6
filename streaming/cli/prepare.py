"""``wordcount prepare``: make the class archive in a training run of all that Spark does here."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from producer.common.arguments import examples
from producer.common.errors import WordCountError
from producer.common.progress import waiting
from streaming.cli.options import Debug, say
from streaming.counting.rules import ONE_SPACE
from streaming.sources.files import Files
from streaming.spark.class_archive import QUIET, archive_path, write_option
from streaming.spark.environment import make_cache_folder
from streaming.spark.java import Java, find_java
from streaming.spark.settings import settings
from streaming.spark.temp_folder import remove_abandoned, temp_folder

EPILOG = examples("wordcount prepare")

_LINES = "to be or not to be\n" * 20_000
_END_SECONDS = 180.0  # Java writes the archive when it ends
_UNFINISHED = ".making-"


def prepare(debug: Debug = False) -> None:
    """Make later starts take 60 % of the time.

    Writes an archive of Java's classes (170 MB), in half a minute.
    """
    path = make_archive(find_java(os.environ), debug=debug)
    say(f"later starts use {path}; remove it to make it again")


def make_archive(java: Java, *, debug: bool) -> Path:
    """Make the class archive for ``java``, unless there is one, and return its path.

    Raises:
        WordCountError: this Java makes none.
    """
    cache = make_cache_folder()
    path = archive_path(java, cache)
    remove_abandoned(cache, _UNFINISHED)
    if path.exists():
        return path
    with temp_folder(cache, _UNFINISHED) as making:
        archive = making / path.name
        options = [write_option(java, archive), *([] if debug else QUIET)]
        with waiting("making the archive"), tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
            _train(java, Path(folder), options, debug=debug)
        if not archive.exists():
            raise WordCountError(f"Java {java.version} at {java.executable} made no archive; starts stay as they are")
        archive.replace(path)
    return path


def _train(java: Java, folder: Path, options: Sequence[str], *, debug: bool) -> None:
    """Count as a batch and as a stream in one JVM with these options, and wait for its end."""
    from streaming import batch_inputs, batch_job
    from streaming.query.options import StreamOptions
    from streaming.query.runner import run
    from streaming.sinks.files import save
    from streaming.spark.session import Jvm
    from streaming.state.folder import open_state
    from streaming.state.manifest import Manifest

    source = Files((str(folder / "source"),))
    (folder / "source").mkdir()
    (folder / "source" / "lines.txt").write_text(_LINES, "utf-8")
    chosen = settings(None, [])
    with open_state(folder / "state", Manifest.for_stream(source.known_as, chosen, ONE_SPACE)) as state:
        jvm = Jvm(java, chosen, debug=debug, options=options)
        try:
            spark = jvm.session()
            found = batch_inputs.find_inputs(source.paths, None, lambda *_: None)
            with batch_inputs.readable(found, None, lambda *_: None) as (paths, _):
                counts = batch_job.count_lines(batch_job.read_lines(spark, paths))
                save(counts, folder / "counts.txt", "text", top=10)
            stream = StreamOptions(
                source=source, output=folder, state_folder=state.folder, format_name="text", trigger=0, once=True,
                top=None, snapshot_interval=0, changes=False, settle=0, depth=None,
            )  # fmt: skip
            run(stream, state, jvm, lambda _: None, show=lambda *_: None)
        finally:
            jvm.close(_END_SECONDS)
