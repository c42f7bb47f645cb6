"""Counting in real time while that keeps up, and in batches while it does not."""
