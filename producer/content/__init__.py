"""The bytes of one file: which of them are written, how they are packed, and what identifies them."""
