"""Counting in real time: each record is counted as it comes, and a checkpoint is made now and then."""
