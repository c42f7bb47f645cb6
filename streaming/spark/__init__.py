"""Java and Spark: found, configured, started."""
