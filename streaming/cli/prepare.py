"""A short run of all that Spark does here, for Java to see which classes it needs."""

from collections.abc import Sequence
from pathlib import Path

from streaming import batch_job as batch
from streaming.counting.rules import ONE_SPACE
from streaming.query import runner as pipeline
from streaming.query.options import StreamOptions
from streaming.sinks.files import save
from streaming.sources.files import Files
from streaming.spark.java import Java
from streaming.spark.session import Jvm
from streaming.spark.settings import settings
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest

_LINES = "to be or not to be\n" * 20_000


def train(java: Java, folder: Path, options: Sequence[str], patience: float, *, debug: bool) -> None:
    """Count in batch and as a stream in one JVM with these ``options``, and wait ``patience`` seconds for its end."""
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
            jvm.close(patience)
