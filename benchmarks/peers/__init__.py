"""What wordcount is compared with: small programs, each on its own, as somebody new to Spark or Kafka writes them."""
