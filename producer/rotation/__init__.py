"""Where the rest of a rotated log is, if it is not found by its name."""
