"""What is done to the outputs of a stream before its query starts."""

from collections.abc import Callable

from streaming.query.options import StreamOptions
from streaming.sinks.files import CHANGES, WINDOWS, remove_undone
from streaming.sinks.snapshots import Snapshots
from streaming.sinks.topic import write_to_topic
from streaming.state.checkpoint import last_batch, last_commit
from streaming.state.folder import State
from streaming.state.location import note_location
from streaming.state.manifest import ids_text


def prepare_folder(options: StreamOptions, state: State) -> None:
    """Note in the output folder where the state is, and create the folders of what each batch saves."""
    if options.output is None:
        return
    note_location(options.output, state.folder)
    if state.resumed:
        last = last_batch(state.checkpoint)
        remove_undone(options.output, -1 if last is None else last)
    if options.changes:
        (options.output / CHANGES).mkdir(exist_ok=True)
    if options.windows is not None:
        (options.output / WINDOWS).mkdir(exist_ok=True)


def fill_topic(options: StreamOptions, state: State, snapshots: Snapshots, say: Callable[[str], None]) -> None:
    """Write all counts to an output topic that does not have them: earlier runs did not write to it, or wrote too much.

    Args:
        options: the options of the stream.
        state: its state folder, which notes the topic that has all counts.
        snapshots: reads the counts.
        say: shows a message to the user.
    """
    topic = options.topic
    if topic is not None and state.output != ids_text(topic.ids):
        has_counts = last_commit(state.checkpoint) is not None
        if has_counts and options.windows is None:
            write_to_topic(snapshots.counts(), topic, say)
        elif has_counts:  # the state holds the open windows only, whose counts are not final
            say(f"warning: the topic {topic.output} lacks windows that were closed before; give another --checkpoint")
        state.note_output(ids_text(topic.ids))
