"""What was asked for a Kafka topic that lines are published to."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TopicOptions:
    """How lines are published to a topic.

    Attributes:
        name: tells this producer from others that write to the topic.
        lines_per_record: how many lines a record holds, with a line feed between them.
        partitions: the partitions of a topic that is created; None is the brokers' default.
        replication: the replicas of a topic that is created; None is the brokers' default.
        patience: how long to wait for a broker that does not answer, in seconds.
        kafka_config: path of Kafka's client file; None without one.
    """

    name: str
    lines_per_record: int
    partitions: int | None
    replication: int | None
    patience: float
    kafka_config: str | None
