"""The bytes of one file: which of them are written, and what identifies them."""
