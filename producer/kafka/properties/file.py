"""Read a file of Java's properties, as editors of several systems save it."""

import codecs

import javaproperties

from producer.common.errors import UsageError


def load(path: str) -> dict[str, str]:
    """Return the properties in a file. A byte order mark of UTF-8, as editors on Windows write it, is left out.

    Raises:
        UsageError: the file cannot be read, or is UTF-16.
    """
    try:
        with open(path, "rb") as file:
            content = file.read().removeprefix(codecs.BOM_UTF8)
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise UsageError(f"--kafka-config {path}: is UTF-16, which Kafka does not read; save it as UTF-8")
        properties: dict[str, str] = javaproperties.loads(content)
    except (OSError, javaproperties.InvalidUEscapeError) as error:
        # Text that Java cannot read may be a password, so the message does not repeat it.
        reason = error.strerror if isinstance(error, OSError) else r"a \u without four digits; write \\ for a backslash"
        raise UsageError(f"--kafka-config {path}: cannot be read: {reason}; give Kafka's client.properties") from error
    return properties
