"""The producer: hands whole lines of sources on, each byte exactly once, to a target. Knows nothing of Spark."""
