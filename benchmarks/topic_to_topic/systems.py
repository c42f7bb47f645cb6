"""What counts from topic to topic in the row ``wordcount-online``: this project in each of its modes, and its peers."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.broker import connector_jars
from benchmarks.processes import Bench, peer, wordcount
from benchmarks.topic_to_topic.java_peers import has_compiler, java_peer

#: The values of ``--trigger`` that are measured.
TRIGGERS = ("realtime", "0s")
PATHWAY, KAFKA_STREAMS, FLINK = "Pathway", "Kafka Streams", "Flink"


class Topics(NamedTuple):
    """Where the words come from and the counts go to: the servers, two topics, and a folder for the state."""

    servers: str
    words: str
    counts: str
    state: Path


def ours(trigger: str) -> str:
    """Return the name of this project with a trigger."""
    return f"wordcount {trigger}"


def systems(bench: Bench) -> list[str]:
    """Return the names of what can be measured here and is asked for."""
    found = [ours(trigger) for trigger in TRIGGERS]
    if find_spec("pathway") and bench.options.takes(PATHWAY):
        found.append(PATHWAY)
    return found + [name for name in (KAFKA_STREAMS, FLINK) if has_compiler() and bench.options.takes(name)]


def command(bench: Bench, name: str, topics: Topics) -> list[str]:
    """Return the command line that counts the words of one topic into the other, beginning at the first."""
    servers, words, counts, state = topics
    if name == PATHWAY:
        return peer("pathway_kafka", servers, words, counts)
    if name == KAFKA_STREAMS:
        return [*java_peer(bench, "KafkaStreamsCount"), servers, words, counts, str(state)]
    if name == FLINK:
        return [*java_peer(bench, "FlinkCount"), servers, words, counts, state.as_uri()]
    return wordcount(
        "stream", f"kafka://{servers}/{words}", "--output", f"kafka://{servers}/{counts}", "--checkpoint", state,
        "--trigger", name.removeprefix(ours("")), "--jars", connector_jars(),
    )  # fmt: skip
