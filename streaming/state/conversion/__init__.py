"""The counts of a state that were kept in memory go on in RocksDB."""
