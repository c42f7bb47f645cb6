"""What the bytes of a file mean: their encoding, and whether they are text at all. Pure: no I/O."""
