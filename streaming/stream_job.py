"""Count folders, logs or topics as they grow: lock the folders, start Spark, and say how it ended."""

import contextlib
import tempfile
from pathlib import Path

from producer.common.errors import WordCountError
from producer.common.lock import lock
from streaming.query.options import SparkOptions, StreamOptions
from streaming.query.runner import Outcome, run
from streaming.query.state_settings import settings_for
from streaming.query.supervisor import Say
from streaming.query.watching.page import new_status, serve
from streaming.sinks.files import CHANGES, WINDOWS, remove_unfinished
from streaming.spark.session import Jvm
from streaming.state.folder import open_state
from streaming.state.location import is_state, remove_remains
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
    status = new_status(options)
    with contextlib.ExitStack() as stack:
        serve(options, status, say, stack)
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
        stack.callback(remove_remains, state.folder)  # once Java has ended
        chosen = settings_for(options, spark, state)
        jvm = Jvm(spark.java, chosen, debug=spark.debug, keep_open=[state.lock], jars=spark.jars)
        stack.callback(jvm.close)
        try:
            outcome = run(options, state, jvm, say, status)
        except Exception as error:
            explained = jvm.explained(error)
            raise (find_removed(options, folder) if state.has_begun else None) or explained from error
        if outcome.is_stopped:
            message = stop_message(options, folder, outcome)
            status.end(message)
            say(message)
        return 1 if outcome.is_stopped and options.once else outcome.status


def find_removed(options: StreamOptions, folder: Path) -> WordCountError | None:
    """Return the error that a folder was removed while the stream ran, which explains all others; None if none was.

    Args:
        options: the options of the stream.
        folder: its state folder.
    """
    if not is_state(folder):
        return WordCountError(
            f"the state in {folder} was removed while the stream ran; run the same command again, which counts what"
            " is there from the start"
        )
    output = options.output
    if output is None:
        return None
    folders = [
        output,
        *([output / CHANGES] if options.changes else []),
        *([output / WINDOWS] if options.windows else []),
    ]
    if (removed := next((folder for folder in folders if not folder.is_dir()), None)) is None:
        return None
    return WordCountError(
        f"{removed} was removed while the stream ran; run the same command again, which makes it anew: no count is lost"
    )


def stop_message(options: StreamOptions, folder: Path, outcome: Outcome) -> str:
    """Return what to say when a stream was told to stop.

    Args:
        options: the options of the stream.
        folder: its state folder.
        outcome: how the stream has ended.
    """
    if options.once:
        done = "everything is counted, but not printed" if outcome.has_counted_all else "not everything is counted"
    elif outcome.counts_again and not options.is_temporary:
        done = "what came after the last checkpoint is counted again"
    else:
        done = "everything counted is printed or saved"
    later = "the temporary state is removed" if options.is_temporary else f"the same command continues from {folder}"
    return f"stopped; {done}; {later}"
