"""The command ``wordcount``."""
