"""What is known of the settings in Kafka's client file, ``client.properties``."""
