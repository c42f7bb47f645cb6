"""Counts words on Spark, batch and streaming alike.

``split_words``, ``count_words`` and ``count_words_in_windows`` work on any DataFrame with a column of lines, in any
Spark program: ``lines.transform(count_words)``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from producer import __version__
from streaming.counting.rules import LineTime, Windows, WordRule

if TYPE_CHECKING:
    from streaming.counting.windows import count_words_in_windows
    from streaming.counting.words import count_words, split_words

__all__ = ["LineTime", "Windows", "WordRule", "__version__", "count_words", "count_words_in_windows", "split_words"]

#: Where the functions are. They load pyspark, which takes 0.2 s that ``wordcount --help`` does not need.
_FUNCTIONS = {
    "count_words": "streaming.counting.words",
    "count_words_in_windows": "streaming.counting.windows",
    "split_words": "streaming.counting.words",
}


def __getattr__(name: str) -> Any:
    """Load a function when it is first used."""
    if name in _FUNCTIONS:
        return getattr(import_module(_FUNCTIONS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
