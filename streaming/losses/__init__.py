"""What topics lose while a stream reads them: found, told, and passed over if the user has asked for that."""
