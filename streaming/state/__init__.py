"""The state folder."""
