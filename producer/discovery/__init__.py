"""Which files there are: folders, logs and what they were rotated to."""
