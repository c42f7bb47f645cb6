"""Send a file to a topic in a loop with confluent-kafka: ``python confluent_lines.py SERVERS TOPIC FILE 1``."""

import sys

from confluent_kafka import Producer

servers, topic, file, _one_line_a_record = sys.argv[1:]
producer = Producer({"bootstrap.servers": servers})
with open(file, "rb") as lines:
    for line in lines:
        record = line.rstrip(b"\r\n")
        while True:
            try:
                producer.produce(topic, record)
                break
            except BufferError:  # it has as much as it takes
                producer.poll(0.01)
producer.flush()
