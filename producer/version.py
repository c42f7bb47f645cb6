"""The version of both packages: one distribution has them both."""

__version__ = "0.1.0"
