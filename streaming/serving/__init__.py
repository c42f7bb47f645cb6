"""The page of a stream: its counts, metrics and health, served from the process that counts."""
