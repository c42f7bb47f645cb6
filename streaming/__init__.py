"""Counts words on Spark, batch and streaming alike.

``split_words``, ``count_words`` and ``count_words_in_windows`` work on any DataFrame with a column of lines, in
anybody's Spark program: ``lines.transform(count_words)``.
"""

from streaming.counting.windows import LineTime, Windows, count_words_in_windows
from streaming.counting.words import WordRule, count_words, split_words
from streaming.version import __version__

__all__ = ["LineTime", "Windows", "WordRule", "__version__", "count_words", "count_words_in_windows", "split_words"]
