"""Ask for the counts in a state folder: beside the stream that keeps them, or after it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from producer.common.errors import UsageError, WordCountError
from streaming.spark.java import find_java
from streaming.spark.session import TIME_ZONE, Jvm, settings
from streaming.state.checkpoint import commit_time, last_commit
from streaming.state.counts import counts_of
from streaming.state.folder import MANIFEST, in_output, noted_place, read_manifest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@contextmanager
def counts_in(text: str, say: Callable[[str], None], *, debug: bool) -> Iterator["DataFrame"]:
    """Pass the counts of the last committed batch on to the block, as ``counts_of`` returns them.

    Args:
        text: a state folder, or an output folder that has it in it or leads to it.
        say: told of which batch and of when the counts are.
        debug: let Spark's log through to stderr.

    Raises:
        UsageError: there is no state in the folder.
        WordCountError: nothing is counted yet, or the state cannot be read.
    """
    folder = _state_in(text)
    made = read_manifest(folder)
    checkpoint = folder / "checkpoint"
    batch = last_commit(checkpoint)
    if batch is None:
        raise WordCountError(f"{text}: nothing is counted there yet; ask again after the first batch")
    time = datetime.fromtimestamp(commit_time(checkpoint, batch), UTC).astimezone()
    zone = [f"{TIME_ZONE}={made['time zone']}"] if "time zone" in made else []
    # Spark takes the state store, whatever it is, from the checkpoint.
    jvm = Jvm(find_java(os.environ), settings(None, zone), debug=debug, short=True)
    try:
        counts = counts_of(jvm.session(), checkpoint, batch)
        say(f"the counts after batch {batch}, of {time:%Y-%m-%d %H:%M:%S %Z}")
        yield counts
    except Exception as error:
        raise jvm.explained(error) from error
    finally:
        jvm.close()


def _state_in(text: str) -> Path:
    folder = Path(os.path.abspath(text))
    noted = noted_place(folder)
    for state in (folder, noted or in_output(folder)):
        if (state / MANIFEST).exists():
            return state
    if noted is not None:
        raise UsageError(f"{text}: its state was kept in {noted}, where none is now; give the folder it was moved to")
    raise UsageError(f"{text}: holds no state; give the --output or the --checkpoint of a stream")
