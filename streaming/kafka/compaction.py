"""Topics that are compacted: the brokers remove records of them that may not be counted yet.

Such a topic is refused unless the user has asked to go on after a loss. What is removed leaves no trace by which the
loss could be told later, and the counts would depend on when the brokers last compacted: a warning among others would
not be seen before the counts are used.
"""

from typing import TYPE_CHECKING

from producer.kafka import admin
from streaming.kafka.topics import KafkaTopics

if TYPE_CHECKING:
    from kafka import KafkaAdminClient


def compaction_warnings(topics: KafkaTopics) -> dict[str, str]:
    """Return what to say of each topic that is compacted, by its name.

    Raises:
        WordCountError: the brokers do not answer, or refuse the client.
    """

    def question(client: "KafkaAdminClient") -> dict[str, str]:
        policies = {name: admin.cleanup_policy(client, name) for name in topics.endpoint.topics}
        return {name: said for name, policy in policies.items() if (said := compaction_warning(name, policy))}

    return admin.ask(topics.endpoint, topics.client.settings, question)


def compaction_warning(topic: str, policy: str | None) -> str | None:
    """Return what to say of a topic, or None if it is not compacted.

    Args:
        topic: its name.
        policy: its ``cleanup.policy``; a topic of which this user may not read it is taken not to be compacted.

    >>> compaction_warning("lines", "delete")
    >>> print(compaction_warning("lines", "compact,delete"))
    the topic lines is compacted (cleanup.policy=compact,delete): records that the brokers remove before are not counted
    """
    if "compact" not in (policy or ""):
        return None
    return (
        f"the topic {topic} is compacted (cleanup.policy={policy}): records that the brokers remove before are not"
        " counted"
    )
