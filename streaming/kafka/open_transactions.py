"""Transactions that stay open: what comes after their first record in a partition is not counted until they end.

The brokers end most of them after ``transaction.timeout.ms``, but some hang for ever, as after errors of a client or a
broker. A reader of committed records then stands still without an error.
"""

import time
from collections.abc import Callable, Mapping

from streaming.kafka.losses import Partition, offsets_text, some_of

#: A transaction that is open for longer than this is reported, while the stream goes on.
PATIENCE_SECONDS = 60.0


class OpenTransactions:
    """Reports each transaction that stays open, once.

    Args:
        say: shows a warning.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._since: dict[tuple[Partition, int], float] = {}  #: when a partition was first seen to wait at an offset
        self._said: set[tuple[Partition, int]] = set()

    def look(self, waiting: Mapping[Partition, range], patience: float = PATIENCE_SECONDS) -> None:
        """Report the partitions that still wait at the same offset after some time.

        Args:
            waiting: the offsets of each partition that wait for a transaction to end.
            patience: how long ago a look has to have seen the same, in seconds; with 0 any earlier look is enough.
        """
        now = time.monotonic()
        places = {(partition, offsets.start): offsets for partition, offsets in waiting.items()}
        self._since = {place: self._since.get(place, now) for place in places}
        stuck = [place for place, since in self._since.items() if now - since > patience and place not in self._said]
        if stuck:
            self._said.update(stuck)
            self._say(_message({place[0]: places[place] for place in sorted(stuck)}))


def _message(waiting: Mapping[Partition, range]) -> str:
    """Return the warning of partitions that wait.

    >>> _message({Partition("lines", 0): range(2, 5)})  # doctest: +ELLIPSIS
    'warning: a transaction is open in partition 0 of the topic lines (3 offsets, from 2 to 4): what ...'
    >>> "(1 offset, 2)" in _message({Partition("lines", 0): range(2, 3)})
    True
    """
    named = some_of([f"{partition} ({offsets_text(offsets)})" for partition, offsets in waiting.items()], ", ")
    return (
        f"warning: a transaction is open in {named}: what was written since it began is counted once it ends;"
        " kafka-transactions.sh find-hanging names one that never does"
    )
