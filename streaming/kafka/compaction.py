"""Topics that are compacted: the brokers remove records of them that may not be counted yet.

Such a topic is refused unless the user has asked to go on after a loss. What is removed leaves no trace by which the
loss could be told later, and the counts would depend on when the brokers last compacted: a warning among others would
not be seen before the counts are used.
"""


def is_compacted(policy: str | None) -> bool:
    """Return whether a topic is compacted; one whose policy is not known is taken not to be.

    >>> is_compacted("compact,delete"), is_compacted("delete"), is_compacted(None)
    (True, False, False)
    """
    return "compact" in (policy or "")


def compaction_message(topic: str, policy: str | None) -> str:
    """Return what to say of a compacted topic, or of one whose policy is not known."""
    if policy is None:
        return (
            f"the settings of the topic {topic} may not be read, so it is not known whether it is compacted and loses"
            " records before they are counted; grant the right DESCRIBE_CONFIGS on it"
        )
    return (
        f"the topic {topic} is compacted (cleanup.policy={policy}): records that the brokers remove before are not"
        " counted"
    )
