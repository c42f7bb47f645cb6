"""Count folders, logs or topics as they grow: lock the folders, start Spark, and say how it ended."""

import contextlib
import tempfile
from pathlib import Path

from producer.common.lock import lock
from streaming.query.options import SparkOptions, StreamOptions
from streaming.query.runner import run
from streaming.query.state_settings import settings_for
from streaming.query.supervisor import Say
from streaming.sinks.files import remove_unfinished
from streaming.spark.session import Jvm
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest


def run_stream(options: StreamOptions, spark: SparkOptions, say: Say) -> int:
    """Lock the output and the state, start Spark, and count.

    Args:
        options: the options of the stream.
        spark: how to start Spark.
        say: shows a message to the user.

    Returns:
        The exit status: 1 if something that is there was not counted, else 0.

    Raises:
        LockedError: another process uses the output or the state.
        StateError: the state was made with other options, or is damaged.
        WordCountError: what went wrong; the same command continues where this one ended.
    """
    with contextlib.ExitStack() as stack:
        if options.output is not None:
            stack.enter_context(lock(options.output / ".lock", f"the output in {options.output}"))
            remove_unfinished(options.output)
        folder = options.state_folder or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="wordcount-state-", ignore_cleanup_errors=True))
        )
        source = options.source
        topic_ids = None if source.topics is None else source.topics.ids
        kinds = (options.rule, options.windows, topic_ids, spark.given)
        manifest = Manifest.for_stream(source.known_as, spark.settings, *kinds)
        state = stack.enter_context(open_state(folder, manifest, goes_on=options.goes_on))
        if options.is_temporary and not options.once:
            say("the state is temporary and removed at the end; --output DIR or --checkpoint DIR keeps it")
        chosen = settings_for(options, spark, state)
        jvm = Jvm(spark.java, chosen, debug=spark.debug, keep_open=[state.lock], jars=spark.jars)
        stack.callback(jvm.close)
        try:
            outcome = run(options, state, jvm, say)
        except Exception as error:
            raise jvm.explained(error) from error
        if outcome.is_stopped:
            say(stop_message(options, folder, has_counted_all=outcome.has_counted_all))
        return 1 if outcome.is_stopped and options.once else outcome.status


def stop_message(options: StreamOptions, folder: Path, *, has_counted_all: bool) -> str:
    """Return what to say when a stream was told to stop.

    Args:
        options: the options of the stream.
        folder: its state folder.
        has_counted_all: whether everything that was there is counted.
    """
    if options.once:
        done = "everything is counted, but not printed" if has_counted_all else "not everything is counted"
    elif options.real_time and not options.is_temporary:
        done = "what came after the last checkpoint is counted again"
    else:
        done = "everything counted is printed or saved"
    later = "the temporary state is removed" if options.is_temporary else f"the same command continues from {folder}"
    return f"stopped; {done}; {later}"
