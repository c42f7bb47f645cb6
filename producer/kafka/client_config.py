"""Read Kafka's own client file, ``client.properties``: one file for kafka-python and for Java's clients.

``${env:NAME}`` in a value stands for an environment variable, as in Kafka's EnvVarConfigProvider, so that no password
need be in the file.
"""

import difflib
import os
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from producer.common.errors import UsageError, one_line
from producer.kafka.properties.file import load
from producer.kafka.properties.fixed import without_fixed
from producer.kafka.properties.names import NAMES
from producer.kafka.properties.other_clients import refuse_other_clients

_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_SECRET = re.compile(r"password|secret|jaas|\.key$|\.key\.|token", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{env:([^}]*)\}")
_JAAS_OPTION = re.compile(r"""(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"';]+))""")
_COMPRESSIONS = ("none", "gzip", "snappy", "lz4", "zstd")
_PKCS8 = re.compile(rb"-----BEGIN (ENCRYPTED )?PRIVATE KEY-----")
#: Settings that hold a certificate or key in the file itself.
_INLINE = ("ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.truststore.certificates")
#: Settings that every client of kafka-python has under the same name, with ``_`` for ``.``.
_SHARED = (
    "client.id", "security.protocol", "connections.max.idle.ms", "metadata.max.age.ms",
    "receive.buffer.bytes", "reconnect.backoff.max.ms", "reconnect.backoff.ms", "request.timeout.ms",
    "retry.backoff.ms", "send.buffer.bytes",
)  # fmt: skip
#: Settings that only its producer has.
_PRODUCER_ONLY = ("batch.size", "compression.type", "linger.ms", "max.request.size")


def read(path: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the settings in a client file, without ``bootstrap.servers``, which the address names.

    Args:
        path: the file.
        environment: where ``${env:NAME}`` is looked up.

    Raises:
        UsageError: the file cannot be read, names a variable that is not set, or contradicts a fixed setting.
    """
    properties = load(path)
    properties.pop("bootstrap.servers", None)
    refuse_other_clients(properties, path)
    properties = without_fixed(properties, path)

    def value(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise UsageError(f"--kafka-config {path}: the environment variable {match[1]} is not set; set it")
        return environment[match[1]]

    read = {name: _VARIABLE.sub(value, text).strip() for name, text in properties.items()}
    if (protocol := read.get("security.protocol")) is not None:
        read["security.protocol"] = protocol.upper()  # as Java's clients take it
        if protocol.upper() not in _PROTOCOLS:
            raise UsageError(
                f"--kafka-config {path}: security.protocol {protocol!r} is unknown; use one of {', '.join(_PROTOCOLS)}"
            )
    return read


class Client(NamedTuple):
    """The settings of a client file."""

    properties: Mapping[str, str]  #: for Java's clients
    settings: Mapping[str, Any]  #: for every client of kafka-python
    producer_settings: Mapping[str, Any]  #: for its producer


def open_client(path: str | None, say: Callable[[str], None], hide: Callable[[Sequence[str]], None]) -> Client:
    """Return the settings of a client file; without a file there are none.

    Args:
        path: the file.
        say: shows a message to the user, here about names that Kafka does not know.
        hide: keeps secrets out of all messages from now on.

    Raises:
        UsageError: the file cannot be read, or has a setting that kafka-python cannot use.
    """
    properties = read(path) if path else {}
    hide(secrets(properties))
    for message in unknown(properties):
        say(f"warning: --kafka-config {path}: {message}")
    return Client(
        properties,
        for_kafka_python(properties, path or ""),
        for_kafka_python(properties, path or "", producer=True),
    )


def unknown(names: Iterable[str]) -> Iterator[str]:
    """Yield a message for each name that is not a setting of Kafka's clients.

    >>> list(unknown(["client.id", "security.protocl"]))
    ["'security.protocl' is not a setting of Kafka's clients; is it security.protocol?"]
    """
    for name in sorted(set(names) - NAMES):
        if "." not in name:  # it may be a password in the wrong place
            yield "a line does not begin with the name of a setting"
            continue
        close = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.8)
        yield f"{name!r} is not a setting of Kafka's clients" + (f"; is it {close[0]}?" if close else "")


def secrets(properties: Mapping[str, str]) -> list[str]:
    """Return what no message may show: the passwords, and the values that contain them, the longest first."""
    whole = [value for name, value in properties.items() if _SECRET.search(name) and value]
    options = [option for value in whole for name, option in _jaas_options(value).items() if _SECRET.search(name)]
    return sorted({*whole, *options} - {""}, key=len, reverse=True)


def for_kafka_python(properties: Mapping[str, str], path: str, *, producer: bool = False) -> dict[str, Any]:
    """Return settings in the form that kafka-python takes.

    Args:
        properties: the settings, as ``read`` returns them.
        path: the file that they are from, for messages.
        producer: whether they are for a producer.

    Raises:
        UsageError: kafka-python has no such setting, or a number is not one.
    """
    kept: dict[str, Any] = {}
    for name in (*_SHARED, *(_PRODUCER_ONLY if producer else ())):
        if name in properties:
            number = name.endswith((".ms", ".bytes", ".size"))
            kept[name.replace(".", "_")] = _number(properties[name], name, path) if number else properties[name]
    if (compression := kept.get("compression_type")) is not None:
        kept["compression_type"] = _compression(compression, path)
    return kept | _login(properties, path) | _certificates(properties, path)


def _compression(name: str, path: str) -> str | None:
    if name not in _COMPRESSIONS:
        raise UsageError(
            f"--kafka-config {path}: compression.type {name!r} is unknown; use one of {', '.join(_COMPRESSIONS)}"
        )
    return None if name == "none" else name


def _login(properties: Mapping[str, str], path: str) -> dict[str, Any]:
    if not properties.get("security.protocol", "").startswith("SASL"):
        return {}
    mechanism = properties.get("sasl.mechanism", "GSSAPI")
    if mechanism == "GSSAPI":
        return {"sasl_mechanism": mechanism, "sasl_kerberos_service_name": properties.get("sasl.kerberos.service.name")}
    if mechanism != "PLAIN" and not mechanism.startswith("SCRAM-"):
        raise UsageError(
            f"--kafka-config {path}: sasl.mechanism {mechanism} is not supported;"
            " use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or GSSAPI"
        )
    options = _jaas_options(properties.get("sasl.jaas.config", ""))
    if not {"username", "password"} <= options.keys():
        raise UsageError(
            f"--kafka-config {path}: sasl.jaas.config has no username and password; write …LoginModule required"
            ' username="…" password="…";'
        )
    return {
        "sasl_mechanism": mechanism,
        "sasl_plain_username": options["username"],
        "sasl_plain_password": options["password"],
    }


def _certificates(properties: Mapping[str, str], path: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if inline := [name for name in _INLINE if name in properties]:
        raise UsageError(
            f"--kafka-config {path}: {inline[0]} contains a certificate or key; give the location of a PEM file"
        )
    for store, name in (("truststore", "ssl_cafile"), ("keystore", "ssl_certfile")):
        location = properties.get(f"ssl.{store}.location")
        if location is None:
            continue
        if properties.get(f"ssl.{store}.type", "JKS").upper() != "PEM":
            raise UsageError(
                f"--kafka-config {path}: ssl.{store}.location must be a PEM file, with ssl.{store}.type=PEM;"
                " only Java reads a Java key store"
            )
        if not os.path.isfile(location):
            raise UsageError(f"--kafka-config {path}: ssl.{store}.location {location}: no such file; give a PEM file")
        kept[name] = location
        if store == "keystore":
            kept["ssl_keyfile"] = location
            kept["ssl_password"] = properties.get("ssl.key.password")
        _check_store(store, location, properties.get("ssl.key.password"), path)
    if properties.get("ssl.endpoint.identification.algorithm") == "":
        kept["ssl_check_hostname"] = False
    return kept


def _check_store(store: str, location: str, password: str | None, path: str) -> None:
    """Refuse a file that a client could not use: it would ask for a password, or try again and again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if store == "truststore":
            context.load_verify_locations(location)
            return
        context.load_cert_chain(location, password=password or "")
        with open(location, "rb") as file:
            is_for_java = _PKCS8.search(file.read()) is not None
    except (OSError, ValueError) as error:
        hint = "" if store == "truststore" else ", and its key, which ssl.key.password opens if it is encrypted"
        reason = getattr(error, "reason", None) or one_line(error)  # OpenSSL's
        raise UsageError(
            f"--kafka-config {path}: ssl.{store}.location {location}: {reason}; give a PEM file with a"
            f" certificate{hint}"
        ) from error
    if not is_for_java:
        raise UsageError(
            f"--kafka-config {path}: ssl.keystore.location {location}: its key is not in PKCS#8, which alone Java"
            " reads; convert it with openssl pkcs8 -topk8"
        )


def _jaas_options(config: str) -> dict[str, str]:
    r"""Return the options of a login module.

    >>> _jaas_options('org.example.Module required username="me" password="a\\"b";')
    {'username': 'me', 'password': 'a"b'}
    """
    return {
        name: re.sub(r"\\(.)", r"\1", double or single or plain)
        for name, double, single, plain in _JAAS_OPTION.findall(config)
    }


def _number(text: str, name: str, path: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"--kafka-config {path}: {name} {text!r} is not a whole number; give one")
    return int(text)
