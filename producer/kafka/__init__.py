"""Kafka, as the producer and the stream use it."""
