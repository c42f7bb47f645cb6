"""What is new in one file."""
