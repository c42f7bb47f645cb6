"""The producer: publishes the whole lines of its sources to a target, each exactly once. It does not know Spark."""

__version__ = "0.1.0"
