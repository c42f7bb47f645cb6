"""Make the class archive: a training run of all that Spark does here, whose classes Java keeps for later starts."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from producer.common.errors import WordCountError
from producer.common.progress import waiting
from streaming import batch_job as batch
from streaming.counting.rules import ONE_SPACE
from streaming.query import runner as pipeline
from streaming.query.options import StreamOptions
from streaming.sinks.files import save
from streaming.sources.files import Files
from streaming.spark.cache_folder import make_cache_folder
from streaming.spark.class_archive import QUIET, archive_path, write_option
from streaming.spark.java import Java
from streaming.spark.session import Jvm
from streaming.spark.settings import settings
from streaming.spark.temp_folder import remove_abandoned, temp_folder
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest

_LINES = "to be or not to be\n" * 20_000
_END_SECONDS = 180.0  # Java writes the archive when it ends
_UNFINISHED = ".making-"


def make_archive(java: Java, *, debug: bool) -> Path:
    """Make the class archive for ``java``, unless there is one, and return its path.

    Raises:
        WordCountError: this Java makes none.
    """
    path = archive_path(java)
    cache = make_cache_folder()
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
    source = folder / "source"
    source.mkdir()
    (source / "lines.txt").write_text(_LINES, "utf-8")
    chosen = settings(None, [])
    with open_state(folder / "state", Manifest.of(str(source), chosen, ONE_SPACE)) as state:
        jvm = Jvm(java, chosen, debug=debug, options=options)
        try:
            spark = jvm.session()
            with batch.linked(batch.find_inputs([str(source)], None, lambda *_: None)) as paths:
                save(batch.count_lines(batch.read_lines(spark, paths)), folder / "counts.txt", "text", top=10)
            asked = StreamOptions(
                source=Files((str(source),)), output=folder, format_name="text", trigger=0, once=True, top=None,
                snapshot_interval=0, changes=False, settle=0, depth=None,
            )  # fmt: skip
            pipeline.run(asked, state, jvm, lambda _: None, show=lambda *_: None)
        finally:
            jvm.close(_END_SECONDS)
