"""Reading what is new in one file."""
