"""Kafka, as the stream uses it."""
