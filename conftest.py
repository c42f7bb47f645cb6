"""Which modules pytest collects doctests from."""

# These doctests need a Spark session; tests/spark runs them with one.
collect_ignore = ["streaming/sources/topics.py", "streaming/counting/windows.py", "streaming/counting/words.py"]
