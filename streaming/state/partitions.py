"""Give the counts of a state another number of partitions, while no stream uses it.

Spark writes the counts anew in a batch that reads nothing. A kill is harmless: a batch that is not committed is undone
by the next start, of a stream or of this, and the number in the manifest follows the checkpoint.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from producer.common.errors import UsageError, WordCountError
from producer.common.progress import waiting
from streaming.spark.environment import file_uri
from streaming.spark.java import find_java
from streaming.spark.session import Jvm, quick_options
from streaming.spark.settings import STATE_STORES, WITHOUT_IDS, settings
from streaming.state.checkpoint import last_batch, last_commit, read_text
from streaming.state.checkpoint_files import has_ids, numbers_in
from streaming.state.counts import plain_path
from streaming.state.folder import State, open_state
from streaming.state.location import find_state
from streaming.state.manifest import Manifest, partitions_text, read_manifest, stored_store
from streaming.state.topic_offsets import replace_text

#: How the metadata of the counts names the operator that keeps them.
_IN_REAL_TIME, _IN_BATCHES = '"operatorName":"StatefulStreamlineAggregate"', '"operatorName":"stateStoreSave"'


def repartition(text: str, number: int, conf: Sequence[str], say: Callable[[str], None], *, debug: bool) -> None:
    """Give the counts of a state another number of partitions. It has the number already if nothing is to be done.

    Args:
        text: the output folder or the state folder of a stream.
        number: of partitions.
        conf: settings of Spark, ``KEY=VALUE``.
        say: shows a message to the user: what was done.
        debug: let Spark's log through to stderr.

    Raises:
        UsageError: there is no state in the folder, or one that Spark cannot repartition.
        LockedError: a stream uses the state.
        StateError: the state is damaged.
        WordCountError: there is no finished batch to begin with, or Spark has failed; the counts are as before.
    """
    folder = find_state(text)
    manifest = read_manifest(folder)
    if stored_store(manifest) != STATE_STORES["rocksdb"]:
        raise UsageError(
            f"{text}: the state is not kept in rocksdb, and Spark repartitions no other; run the stream once with"
            " --state-store rocksdb, which converts a state in memory, then repartition"
        )
    with open_state(folder, Manifest.of_state(manifest)) as state:
        committed = last_commit(state.checkpoint)
        if committed is None:
            raise WordCountError(f"{text}: nothing is counted there yet; repartition it after the first batch")
        if state.partitions == number:
            say(f"the state in {folder} has {partitions_text(number)} already")
            return
        if last_batch(state.checkpoint) != committed:
            raise WordCountError(
                f"{text}: the last batch is not finished; run the stream again until it is, then repartition"
            )
        _name_as_in_batches(state.checkpoint)
        _write_anew(state, committed, number, conf, debug=debug)
        state.follow_repartition()
    say(f"the state in {folder} has {partitions_text(number)} now")


def _name_as_in_batches(checkpoint: Path) -> None:
    """Let the metadata of the counts name the operator of batches if real time has made them.

    Both keep the same counts, and each starts on a state that names the other; but Spark repartitions those of batches.
    """
    for number in numbers_in(checkpoint / "state"):
        file = checkpoint / "state" / str(number) / "_metadata" / "metadata"
        text = read_text(file)
        if _IN_REAL_TIME in text:
            replace_text(file, text.replace(_IN_REAL_TIME, _IN_BATCHES))


def _write_anew(state: State, committed: int, number: int, conf: Sequence[str], *, debug: bool) -> None:
    java = find_java(os.environ)
    options = quick_options(java)
    chosen = settings(None, conf, "rocksdb")
    if not has_ids(state.checkpoint, committed):
        chosen |= WITHOUT_IDS
    jvm = Jvm(java, chosen, debug=debug, keep_open=[state.lock], options=options)
    try:
        manager = jvm.session()._streamingCheckpointManager  # noqa: SLF001  # pyspark means to make it public
        with waiting("repartitioning"):
            manager.repartition(file_uri(plain_path(state.checkpoint)), number)
    except Exception as error:
        raise jvm.explained(error) from error
    finally:
        jvm.close()
