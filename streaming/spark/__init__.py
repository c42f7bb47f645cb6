"""Find Java, configure Spark, and start it."""
