"""The stream, from its start to its end."""
