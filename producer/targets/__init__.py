"""Where lines are published: a directory or a Kafka topic."""
