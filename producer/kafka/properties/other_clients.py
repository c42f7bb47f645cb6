"""Settings that another client than Kafka's own reads: a file for it would be taken for one without a login."""

from collections.abc import Mapping

from producer.common.errors import UsageError

_LOGIN = 'sasl.jaas.config=…LoginModule required username="…" password="…";'
#: The settings of librdkafka, which most clients in other languages build on, each with what Kafka's own read.
_LIBRDKAFKA = {
    "sasl.mechanisms": "sasl.mechanism",
    "sasl.password": _LOGIN,
    "sasl.username": _LOGIN,
    "ssl.ca.location": "ssl.truststore.location, with ssl.truststore.type=PEM",
    "ssl.certificate.location": "ssl.keystore.location, with ssl.keystore.type=PEM",
    "ssl.key.location": "ssl.keystore.location, with ssl.keystore.type=PEM",
}


def refuse_other_clients(properties: Mapping[str, str], path: str) -> None:
    """Refuse JSON, and a login or a certificate that is only there under the name that librdkafka has for it.

    Args:
        properties: the settings in the file.
        path: the file, for messages.

    Raises:
        UsageError: there is one, or the file is JSON.

    >>> refuse_other_clients({"sasl.mechanisms": "PLAIN", "sasl.mechanism": "PLAIN"}, "client.properties")
    """
    if next(iter(properties), "").startswith("{"):
        raise UsageError(f"--kafka-config {path}: this is JSON, which Kafka does not read; give one NAME=VALUE a line")
    for name in sorted(_LIBRDKAFKA.keys() & properties.keys()):
        own = _LIBRDKAFKA[name]
        if own.split("=")[0].split(",")[0] not in properties:
            raise UsageError(f"--kafka-config {path}: {name} is a setting of librdkafka; give {own}")
