"""Look for losses before a stream starts, and watch its topics while it runs."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from streaming.kafka.topic_watch import TopicWatch, topic_watches
from streaming.kafka.topics import KafkaTopics
from streaming.state.folder import State

if TYPE_CHECKING:
    from streaming.losses.topic_losses import TopicLosses

Say = Callable[[str], None]  #: shows a message to the user


def open_losses(
    topics: KafkaTopics | None, state: State, say: Say, stack: contextlib.ExitStack, *, goes_on: bool
) -> "TopicLosses | None":
    """Look for what the topics that are read have lost since the last run; return None if no topics are read."""
    if topics is None:
        return None
    from streaming.losses.topic_losses import topic_losses  # noqa: PLC0415  # loads kafka-python, which takes 0.2 s

    return topic_losses(topics, state, say, stack, goes_on=goes_on)


def start_watches(
    losses: "TopicLosses | None", written: KafkaTopics | None, say: Say, stack: contextlib.ExitStack
) -> list[TopicWatch]:
    """Watch the topics that are read and the one that is written, until ``stack`` ends."""
    topics = ([] if losses is None else [losses.topics]) + ([] if written is None else [written])
    watches = topic_watches(topics, say) if losses is None else topic_watches(topics, say, losses.check)
    for watch in watches:
        stack.enter_context(watch)
    return watches
