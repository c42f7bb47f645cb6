"""What a topic has lost: decided from what was counted of it, and from what the brokers still hold."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Self

from producer.common.errors import WordCountError

#: How many partitions a message names.
NAMED = 3


class Partition(NamedTuple):
    """A partition of a topic."""

    topic: str
    number: int

    def __str__(self) -> str:
        """Return it as messages name it."""
        return f"partition {self.number} of the topic {self.topic}"


class Counted(NamedTuple):
    """How far a partition is counted.

    Attributes:
        offset: the first offset that is not counted.
        epoch: the leader epoch in which the offset was read: each leader of a partition has its own; None if not known.
        end: the end of the partition at that time, as far as is known. In real time it may be before ``offset``, and
            what was read since may be of a later epoch.
    """

    offset: int
    epoch: int | None = None
    end: int = 0


class Held(NamedTuple):
    """What the brokers hold of a partition: from the first offset to the one before the end, under a leader's epoch."""

    start: int
    end: int
    epoch: int | None


class LossKind(Enum):
    """How records were lost; the value is what a message says of them."""

    DELETED = "the brokers deleted records of {} before they were counted"
    CUT = "{} lost its end, as after an unclean leader election, and holds other records there now"
    RECREATED = "the topic was deleted and recreated: what {} held and was not counted is lost"
    UNREADABLE = "the time of a record of {} is one that Spark cannot hold"
    UNKNOWN = (
        "{} got another leader shortly before the stream ended, and it is not known whether it lost its end; another"
        " --checkpoint counts it from its beginning"
    )


class Loss(NamedTuple):
    """Offsets of a partition that are lost, and the offset to go on from.

    Attributes:
        partition: which one.
        kind: how they were lost.
        first: the first offset that is lost.
        end: the offset after the last one that is lost; ``first`` if it is not known that any was.
        resume: the first offset that is still to be counted.
    """

    partition: Partition
    kind: LossKind
    first: int
    end: int
    resume: int

    def __str__(self) -> str:
        """Return what a message says of it."""
        return f"{self.kind.value.format(self.partition)} ({offsets_text(range(self.first, self.end))})"


def offsets_text(offsets: range) -> str:
    """Return how many and which offsets these are, as messages say it.

    >>> offsets_text(range(2, 5)), offsets_text(range(7, 8))
    ('3 offsets, from 2 to 4', '1 offset, 7')
    """
    if not offsets:
        return f"none is known beyond offset {offsets.start}"
    count = "1 offset, " if len(offsets) == 1 else f"{len(offsets):,} offsets, from {offsets.start} to "
    return f"{count}{offsets.stop - 1}"


def some_of(partitions: Sequence[str], separator: str) -> str:
    """Return a text with the first of what there is to say of partitions, and how many more there are.

    >>> some_of(["a", "b", "c", "d"], ", ")
    'a, b, c, and 1 more partition'
    """
    left = len(partitions) - NAMED
    more = [f"and {left:,} more partition{'s' if left > 1 else ''}"] if left > 0 else []
    return separator.join([*partitions[:NAMED], *more])


def losses_text(losses: Sequence[Loss]) -> str:
    """Return the first of some losses as messages name them, and how many more there are."""
    return some_of(list(map(str, losses)), "; ")


def find_losses(
    counted: Mapping[Partition, Counted],
    held: Mapping[Partition, Held],
    epoch_ends: Mapping[Partition, int | None],
    recreated: frozenset[str] = frozenset(),
) -> list[Loss]:
    """Return what is lost.

    Args:
        counted: how far each partition is counted.
        held: what the brokers hold.
        epoch_ends: where the epoch ends in which the counted offset was read, by the log of the leader of now; None if
            that log has no such epoch. A partition whose leader is still the same is not in it.
        recreated: the topics that are not those they were.

    >>> lines = Partition("lines", 0)
    >>> print(*find_losses({lines: Counted(10)}, {lines: Held(12, 20, 0)}, {}))
    the brokers deleted records of partition 0 of the topic lines before they were counted (2 offsets, from 10 to 11)
    >>> print(*find_losses({lines: Counted(100, 0, 100)}, {lines: Held(0, 120, 2)}, {lines: 60}))  # doctest: +ELLIPSIS
    partition 0 of the topic lines lost its end, ... (40 offsets, from 60 to 99)
    """
    # No partition ends otherwise; brokers before Kafka 2.8 give no ids that would say so.
    shrunk = {partition.topic for partition in counted.keys() - held.keys()} & {partition.topic for partition in held}
    recreated = recreated | shrunk
    return [
        loss
        for partition, now in sorted(held.items())
        if (loss := _loss(partition, counted.get(partition), now, epoch_ends, recreated)) is not None
    ] + list(_gone(counted, held, recreated))


def _loss(
    partition: Partition,
    counted: Counted | None,
    now: Held,
    epoch_ends: Mapping[Partition, int | None],
    recreated: frozenset[str],
) -> Loss | None:
    if partition.topic in recreated:
        offset, end = (counted.offset, counted.end) if counted else (0, 0)
        return Loss(partition, LossKind.RECREATED, offset, max(offset, end), now.start)
    if counted is None:  # the partition was added since, so nothing of it is counted
        return Loss(partition, LossKind.DELETED, 0, now.start, now.start) if now.start else None
    epoch_end = epoch_ends.get(partition, counted.offset)
    if epoch_end is None:
        offset = min(now.end, counted.offset)
        return Loss(partition, LossKind.CUT, offset, counted.offset, offset)
    if min(now.end, epoch_end) < counted.offset:
        return _cut(partition, counted, now, epoch_end)
    if now.start > counted.offset:
        return Loss(partition, LossKind.DELETED, counted.offset, now.start, now.start)
    return None


def _cut(partition: Partition, counted: Counted, now: Held, epoch_end: int) -> Loss:
    kept = min(now.end, epoch_end)
    if counted.end <= kept and counted.offset <= now.end:
        return Loss(partition, LossKind.UNKNOWN, kept, counted.offset, counted.offset)
    return Loss(partition, LossKind.CUT, kept, counted.offset, max(kept, now.start))


def _gone(
    counted: Mapping[Partition, Counted], held: Mapping[Partition, Held], recreated: frozenset[str]
) -> Iterator[Loss]:
    """Yield the partitions of recreated topics that the new topic does not have."""
    for partition, was in sorted(counted.items()):
        if partition not in held and partition.topic in recreated:
            yield Loss(partition, LossKind.RECREATED, was.offset, max(was.offset, was.end), -1)


class Findings(NamedTuple):
    """What there is to say of topics.

    Attributes:
        losses: what they have lost of what was counted or was to be counted.
        policies: the cleanup policy of each; None if it may not be read.
        waiting: the offsets of each partition that wait for a transaction to end.
        held: what the brokers hold of each partition; empty if nothing was counted yet and one has no leader.
    """

    losses: list[Loss]
    policies: dict[str, str | None]
    waiting: dict[Partition, range]
    held: Mapping[Partition, Held]


class RecordsLostError(WordCountError):
    """A topic has lost records, or will, and the user has not asked to go on after that."""

    @classmethod
    def since_checkpoint(cls, losses: Sequence[Loss]) -> Self:
        """Return the error that names losses since the last checkpoint of a stream in real time."""
        named = losses_text(losses)
        return cls(
            f"{named}; run the same command again, or give --after-loss continue to go on at once: counting goes on"
            " from the last checkpoint"
        )

    @classmethod
    def for_losses(cls, losses: Sequence[Loss]) -> Self:
        """Return the error that names losses."""
        named = losses_text(losses)
        return cls(
            f"{named}; --after-loss continue keeps the counts and goes on with what is left, and another --output"
            " or --checkpoint counts the topic from its beginning"
        )
