"""Query the counts of a stream that runs, or that ran, from its state folder."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from producer.common.errors import WordCountError
from streaming.spark.java import find_java
from streaming.spark.session import Jvm, quick_options
from streaming.spark.settings import TIME_ZONE, settings
from streaming.state.checkpoint import commit_time, last_commit
from streaming.state.counts import counts_of
from streaming.state.location import find_state
from streaming.state.manifest import read_manifest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@contextmanager
def counts_in(text: str, say: Callable[[str], None], *, debug: bool) -> Iterator["DataFrame"]:
    """Read the counts of the last committed batch, with a JVM that runs as long as the block.

    Args:
        text: the output folder or the state folder of a stream.
        say: shows a message to the user: which batch the counts are of, and its time.
        debug: let Spark's log through to stderr.

    Yields:
        The counts, as ``counts_of`` returns them.

    Raises:
        UsageError: there is no state in the folder.
        WordCountError: nothing is counted yet, or the state cannot be read.
    """
    folder = find_state(text)
    manifest = read_manifest(folder)
    checkpoint = folder / "checkpoint"
    batch = last_commit(checkpoint)
    if batch is None:
        raise WordCountError(f"{text}: nothing is counted there yet; ask again after the first batch")
    time = datetime.fromtimestamp(commit_time(checkpoint, batch), UTC).astimezone()
    zone = [f"{TIME_ZONE}={manifest['time zone']}"] if "time zone" in manifest else []
    # The kind of state store is in the checkpoint, where Spark reads it.
    java = find_java(os.environ)
    jvm = Jvm(java, settings(None, zone), debug=debug, options=quick_options(java))
    try:
        counts = counts_of(jvm.session(), checkpoint, batch)
        say(f"the counts after batch {batch}, of {time:%Y-%m-%d %H:%M:%S %Z}")
        yield counts
    except Exception as error:
        raise jvm.explained(error) from error
    finally:
        jvm.close()
