"""Counts words on Spark, batch and streaming alike.

``split_words`` and ``count_words`` work on any DataFrame with a column of lines, in anybody's Spark program:
``lines.transform(count_words)``.
"""

from streaming.version import __version__
from streaming.words import count_words, split_words

__all__ = ["__version__", "count_words", "split_words"]
