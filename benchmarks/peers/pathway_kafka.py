"""Pathway counts a topic of words into another: ``python pathway_kafka.py SERVERS FROM TO``."""

import sys

import pathway as pw

servers, source, target = sys.argv[1:]
# A commit every 1.5 s is the default; its published benchmark takes 20 ms for its lowest latency.
words = pw.io.kafka.read(
    {"bootstrap.servers": servers, "group.id": f"count-{source}", "auto.offset.reset": "earliest"},
    topic=source,
    format="plaintext",
    autocommit_duration_ms=20,
)
counts = words.groupby(words.data).reduce(word=words.data, count=pw.reducers.count())
texts = counts.select(counts.word, count=pw.cast(str, counts["count"]))
pw.io.kafka.write(
    texts,
    {"bootstrap.servers": servers},
    topic_name=target,
    format="plaintext",
    key=texts.word,
    value=texts["count"],
)
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
