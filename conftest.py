"""Which modules pytest looks into for examples."""

# Their examples need a Spark session; tests/spark runs them with one.
collect_ignore = ["streaming/sources/topics.py", "streaming/counting/windows.py", "streaming/counting/words.py"]
