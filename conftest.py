"""Which modules pytest looks into for examples."""

# Its examples need a Spark session; tests/spark runs them with one.
collect_ignore = ["streaming/words.py"]
