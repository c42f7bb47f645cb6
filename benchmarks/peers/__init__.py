"""The programs that wordcount is compared with: small, each on its own, as somebody new to Spark writes them."""
