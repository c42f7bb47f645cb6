"""The settings that the guarantees depend on: a client file may agree with them, and may not contradict them."""

from collections.abc import Mapping

from producer.common.errors import UsageError

#: Settings that this program, Spark or kafka-python make, each with the values that agree. No value agrees with those
#: that are chosen anew in each run.
_FIXED: Mapping[str, tuple[str, ...]] = {
    "acks": ("all", "-1"),
    "allow.auto.create.topics": ("false",),
    "auto.offset.reset": (),
    "config.providers": ("env",),  # what ${env:NAME} stands for is put in when the file is read
    "config.providers.env.class": ("org.apache.kafka.common.config.provider.EnvVarConfigProvider",),
    "delivery.timeout.ms": (),
    "enable.auto.commit": ("false",),
    "enable.idempotence": ("true",),
    "group.id": (),
    "interceptor.classes": (),
    "isolation.level": ("read_committed",),
    "key.deserializer": ("org.apache.kafka.common.serialization.ByteArrayDeserializer",),
    "key.serializer": ("org.apache.kafka.common.serialization.ByteArraySerializer",),
    # With more, Java's clients would no longer keep the order of counts.
    "max.in.flight.requests.per.connection": ("5", "4", "3", "2", "1"),
    "partitioner.class": (),
    "retries": ("2147483647",),
    "transaction.timeout.ms": (),
    "transactional.id": (),
    "value.deserializer": ("org.apache.kafka.common.serialization.ByteArrayDeserializer",),
    "value.serializer": ("org.apache.kafka.common.serialization.ByteArraySerializer",),
}


def without_fixed(properties: Mapping[str, str], path: str) -> dict[str, str]:
    """Return the settings that a client file can choose.

    Args:
        properties: the settings in the file.
        path: the file, for messages.

    Raises:
        UsageError: a setting contradicts one that is fixed.

    >>> without_fixed({"acks": "all", "linger.ms": "5"}, "client.properties")
    {'linger.ms': '5'}
    """
    for name in sorted(_FIXED.keys() & properties.keys()):
        agreeing = _FIXED[name]
        if properties[name].strip().lower() in {value.lower() for value in agreeing}:
            continue
        to = f" to {agreeing[0]}, and the file says {properties[name]!r}" if agreeing else ""
        raise UsageError(f"--kafka-config {path}: {name} is set by this command{to}; remove it from the file")
    return {name: value for name, value in properties.items() if name not in _FIXED}
