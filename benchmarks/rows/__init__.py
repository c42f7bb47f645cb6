"""The rows of the tables: each measures one kind of work."""
