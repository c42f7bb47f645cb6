"""Whether records of topics wait to be counted. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from streaming.kafka.losses import Findings, Partition


class Looked(NamedTuple):
    """What the last look at the brokers has found: when it was, by the monotonic clock, and whether records wait."""

    at: float = 0.0
    has_waiting: bool = False


def has_waiting(findings: Findings, counted: Mapping[Partition, int]) -> bool:
    """Return whether any record that can be read is not in a commit.

    Args:
        findings: what the brokers hold.
        counted: the first offset of each partition that is not counted. Where none is decided yet, nothing waits.
    """
    return any(
        partition in counted and now.end - len(findings.waiting.get(partition, ())) > counted[partition]
        for partition, now in findings.held.items()
    )
