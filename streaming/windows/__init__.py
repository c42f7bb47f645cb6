"""The windows of a stream while it runs: when they close, and which lines none of them counts."""
