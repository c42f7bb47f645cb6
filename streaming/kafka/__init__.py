"""What a stream needs of Kafka: its topics, and Spark's connector to them."""
