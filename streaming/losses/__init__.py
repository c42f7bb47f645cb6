"""Records that topics lose while a stream reads them, and how the stream notices."""
