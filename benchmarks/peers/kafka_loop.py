"""Send a file to a topic in a loop with kafka-python: ``python kafka_loop.py SERVERS TOPIC FILE LINES_PER_RECORD``."""

import sys
from itertools import islice

from kafka import KafkaProducer

servers, topic, file, lines_per_record = sys.argv[1:]
# All else is the default; with batches of 16 kB, which is the default too, it would be slower than it need be.
producer = KafkaProducer(bootstrap_servers=servers, linger_ms=5, batch_size=512 << 10)
with open(file, "rb") as lines:
    while record := list(islice(lines, int(lines_per_record))):
        producer.send(topic, b"\n".join(line.rstrip(b"\r\n") for line in record))
producer.flush()
producer.close()
