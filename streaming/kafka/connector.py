"""Spark's connector to Kafka. pyspark does not include it, so it is fetched once, when a topic is first named."""

import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from producer.common import terminal
from producer.common.errors import UsageError, WordCountError
from producer.kafka.address import KafkaEndpoint
from producer.kafka.client_config import Client
from streaming.spark.environment import make_cache_folder
from streaming.spark.java import Java, find_java
from streaming.spark.maven import NotInRepositoryError, fetch

#: The connector of pyspark's version, and the newest before it, which runs with this Spark, too: a connector may come
#: later than its pyspark. 2.13 is the version of Scala that pyspark is built with.
COORDINATE, OLDER = (f"org.apache.spark:spark-sql-kafka-0-10_2.13:{found}" for found in (version("pyspark"), "4.2.0"))
#: Dependencies that come with pyspark: 10 MB are fetched instead of 69.
_IN_PYSPARK = (
    "org.apache.hadoop", "org.scala-lang", "org.scala-lang.modules", "org.slf4j", "org.xerial.snappy", "at.yawk.lz4",
    "com.google.code.findbugs", "com.github.luben", "org.apache.spark:spark-tags_2.13",
)  # fmt: skip
#: The four jars, and a class in each.
_JARS = {
    "spark-sql-kafka-0-10": "org/apache/spark/sql/kafka010/KafkaSourceProvider.class",
    "spark-token-provider-kafka-0-10": "org/apache/spark/kafka010/KafkaTokenUtil.class",
    "kafka-clients": "org/apache/kafka/common/serialization/ByteArraySerializer.class",
    "commons-pool2": "org/apache/commons/pool2/impl/GenericObjectPool.class",
}


def connector(java: Java, jars: str | None, chosen: Mapping[str, str], say: Callable[[str], None]) -> list[Path]:
    """Return the jars of the connector, fetched if they are not in the cache.

    Args:
        java: the Java that fetches them.
        jars: files to use instead, separated by commas.
        chosen: Spark's settings; ``spark.jars.repositories`` and ``spark.jars.ivySettings`` say where to fetch from.
        say: shows a message to the user.

    Raises:
        UsageError: a file of ``jars`` does not exist, or a jar of the connector is not among them.
        WordCountError: the jars cannot be fetched.
    """
    if jars is not None:
        paths = [Path(jar).absolute() for jar in jars.split(",")]
        for path in paths:
            if not path.is_file():
                raise UsageError(f"--jars {path}: no such file; give files separated by commas")
        contents = {name for path in paths for name in _names_in(path)}
        if missing := [jar for jar, name in _JARS.items() if name not in contents]:
            raise UsageError(f"--jars {jars}: {missing[0]} is missing; give {', '.join(_JARS)}")
        return paths
    repositories = [address for address in chosen.get("spark.jars.repositories", "").split(",") if address]

    def fetched(coordinate: str) -> list[Path]:
        settings = chosen.get("spark.jars.ivySettings")
        return fetch(
            java, [coordinate], _folder(coordinate), without=_IN_PYSPARK, repositories=repositories, settings=settings
        )

    try:
        for coordinate in (COORDINATE, OLDER):
            if _folder(coordinate).exists():
                return fetched(coordinate)
        say(f"fetching Spark's connector to Kafka, {COORDINATE}, once (10 MB)")
        try:
            return fetched(COORDINATE)
        except NotInRepositoryError:
            say(f"{COORDINATE} is not there yet; fetching {OLDER.rpartition(':')[2]}, which works, too")
            return fetched(OLDER)
    except WordCountError as error:
        raise WordCountError(
            f"{error}; name a mirror with --conf spark.jars.repositories=URL, or give the files with --jars FILE,FILE"
        ) from error


def _folder(coordinate: str) -> Path:
    return make_cache_folder() / coordinate.replace(":", "_")


def connection_options(endpoint: KafkaEndpoint, client: Client) -> dict[str, str]:
    """Return the options with which the connector reaches the brokers."""
    return {
        **{f"kafka.{name}": value for name, value in client.properties.items()},
        "kafka.bootstrap.servers": endpoint.address,
    }


def _names_in(path: Path) -> list[str]:
    if not is_zipfile(path):
        return []
    with ZipFile(path) as jar:
        return jar.namelist()


if __name__ == "__main__":  # an image is built with the connector in it
    connector(find_java(os.environ), None, {}, lambda message: terminal.say("wordcount", message))
