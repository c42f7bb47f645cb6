"""``wordcount prepare``: make the class archive in a training run of all that Spark does here.

The first command that succeeds starts it in a process of its own, so that users need not know of it.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from producer.common.arguments import examples
from producer.common.errors import WordCountError
from producer.common.progress import waiting
from streaming.cli.options import Debug, say
from streaming.counting.rules import ONE_SPACE
from streaming.sources.files import Files
from streaming.spark.class_archive import ERRORS_ONLY, archive_path, keep, not_made, write_option
from streaming.spark.environment import cache_folder, make_cache_folder
from streaming.spark.java import Java, find_java
from streaming.spark.settings import settings
from streaming.spark.temp_folder import remove_abandoned, temp_folder

EPILOG = examples("wordcount prepare")

_LINES = "to be or not to be\n" * 20_000
_END_SECONDS = 180.0  # Java writes the archive when it ends
_UNFINISHED = ".making-"
_LOCK = ".making.lock"
_FAILED = ".failed"  # the ending of a file with the reason; while it is there, no command tries again in the background
_LEAST_FREE = 1_000_000_000  # bytes


def prepare(
    debug: Debug = False,
    *,
    in_background: Annotated[bool, typer.Option("--in-background", hidden=True)] = False,
) -> None:
    """Make later starts take 60 % of the time.

    Writes an archive of Java's classes (170 MB), in half a minute. The first command that succeeds does this by itself,
    in the background.
    """
    java = find_java(os.environ)
    if in_background:
        _yield_to_others()
    path = make_archive(java, debug=debug)
    say(f"later starts use {path}; remove it to make it again")


def prepare_later(environment: Mapping[str, str]) -> None:
    """Start making the class archive in the background, and say so, if there is none and nothing speaks against it."""
    cache = cache_folder()
    if cache is None or environment.get("WORDCOUNT_PREPARE") == "never" or environment.get("CI", "false") != "false":
        return
    path = archive_path(find_java(environment), cache)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        is_known = path.exists() or path.with_name(path.name + _FAILED).exists()
        if is_known or shutil.disk_usage(cache).free < _LEAST_FREE or _is_making(cache):
            return
    except OSError:  # a place that cannot be written to: starts stay as they are
        return
    kept = {name: value for name, value in environment.items() if not name.startswith("WORDCOUNT_")}
    subprocess.Popen(  # it ends by itself
        [sys.executable, "-m", "streaming", "prepare", "--in-background"],
        cwd=Path(__file__).parents[2],  # Python finds this package there, whether it is installed or not
        env=kept,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    say(f"later starts will be quicker: a process in the background makes {path}; --no-prepare prevents it")


def _yield_to_others() -> None:
    """Take the processor and the disk only when no other process wants them; Java inherits this."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Where Linux groups processes by session, this one would share the processor with other sessions as their equal.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19", "ascii")


def make_archive(java: Java, *, debug: bool) -> Path:
    """Make the class archive for ``java``, unless there is one, and return its path.

    Raises:
        WordCountError: this Java makes none.
    """
    cache = make_cache_folder()
    path = archive_path(java, cache)
    remove_abandoned(cache, _UNFINISHED)
    with waiting("making the archive"), _one_at_a_time(cache):
        failed = path.with_name(path.name + _FAILED)
        if path.exists():
            failed.unlink(missing_ok=True)
            return path
        with temp_folder(cache, _UNFINISHED) as making:
            archive = making / path.name
            try:
                _write(java, archive, debug=debug)
            except WordCountError as error:
                failed.write_text(f"{error}\n", "utf-8")
                raise
            keep(java, archive, path)
            failed.unlink(missing_ok=True)
    return path


def _write(java: Java, archive: Path, *, debug: bool) -> None:
    options = [write_option(java, archive), *([] if debug else ERRORS_ONLY)]
    with tempfile.TemporaryDirectory(prefix="wordcount-") as folder:
        said = _train(java, Path(folder), options, debug=debug)
    if not archive.exists():
        raise not_made(java, said)


@contextlib.contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    with (cache / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_making(cache: Path) -> bool:
    with (cache / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _train(java: Java, folder: Path, options: Sequence[str], *, debug: bool) -> str:
    """Count as a batch and as a stream in one JVM with these options, and return what it has written by its end."""
    from streaming import batch_files, batch_inputs, batch_job
    from streaming.query.options import StreamOptions
    from streaming.query.runner import run
    from streaming.serving.status import Status
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
            with batch_files.readable(found, None, lambda *_: None) as (paths, _):
                counts = batch_job.count_lines(batch_job.read_lines(spark, paths))
                save(counts, folder / "counts.txt", "text", top=10)
            stream = StreamOptions(
                source=source, output=folder, state_folder=state.folder, format_name="text", trigger=0, once=True,
                top=1, snapshot_interval=0, changes=False, settle=0, depth=None,
            )  # fmt: skip
            run(stream, state, jvm, lambda _: None, Status(str(source.known_as)), show=lambda *_: None)
        except Exception as error:
            raise jvm.explained(error) from error
        finally:
            said = jvm.close(_END_SECONDS)
    return said
