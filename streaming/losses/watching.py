"""Look for losses before a stream starts, and watch its topics while it runs."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from streaming.kafka.lag import Lag
from streaming.kafka.topic_watch import TopicWatch, topic_watches
from streaming.kafka.topics import KafkaTopics
from streaming.state.folder import State

if TYPE_CHECKING:
    from streaming.losses.topic_losses import TopicLosses

Say = Callable[[str], None]  #: shows a message to the user


def open_losses(
    topics: KafkaTopics | None,
    state: State,
    say: Say,
    stack: contextlib.ExitStack,
    *,
    goes_on: bool,
    real_time: bool,
    auto: bool = False,
) -> "TopicLosses | None":
    """Look for what the topics that are read have lost since the last run; return None if no topics are read.

    Args:
        topics: the topics.
        state: the state folder of the stream.
        say: shows a message to the user.
        stack: closes the connections to the brokers when it ends.
        goes_on: whether to go on after a loss, with the counts so far.
        real_time: whether records are counted as they come, without batches.
        auto: whether batches take over when real time falls behind.

    Raises:
        RecordsLostError: something is lost, or will be, and the stream is not to go on after that.
        WordCountError: the brokers do not answer, or refuse the client.
    """
    if topics is None:
        return None
    # They load kafka-python, which takes 0.2 s.
    from streaming.losses.real_time_losses import RealTimeLosses  # noqa: PLC0415
    from streaming.losses.topic_losses import TopicLosses  # noqa: PLC0415

    if real_time:
        lag = None if auto else Lag(say, "--trigger 0s counts more records a second")
        losses: TopicLosses = RealTimeLosses(topics, state, say, lag, goes_on=goes_on)
    else:
        losses = TopicLosses(topics, state, say, goes_on=goes_on)
    stack.callback(losses.close)
    losses.settle()
    return losses


@contextlib.contextmanager
def losses_in_batches(losses: "TopicLosses", state: State, say: Say) -> Iterator["TopicLosses"]:
    """Look for losses while batches take the place of real time, which must have ended.

    Args:
        losses: what looks for losses in real time.
        state: the state folder of the stream.
        say: shows a message to the user.

    Raises:
        RecordsLostError: something is lost, or will be, and the stream is not to go on after that.
        WordCountError: the brokers do not answer, or refuse the client.
    """
    from streaming.losses.topic_losses import TopicLosses  # noqa: PLC0415  # as above

    losses.settle()  # what was lost since real time has last looked
    in_batches = TopicLosses(losses.topics, state, say, goes_on=losses.goes_on)
    in_batches.take_over(losses)
    with contextlib.closing(in_batches):
        in_batches.settle()
        yield in_batches
    losses.take_over(in_batches)


def start_watches(
    losses: "TopicLosses | None", written: KafkaTopics | None, say: Say, stack: contextlib.ExitStack
) -> list[TopicWatch]:
    """Watch the topics that are read and the one that is written, until ``stack`` ends."""
    topics = ([] if losses is None else [losses.topics]) + ([] if written is None else [written])
    watches = topic_watches(topics, say) if losses is None else topic_watches(topics, say, losses.check)
    for watch in watches:
        stack.enter_context(watch)
    return watches
