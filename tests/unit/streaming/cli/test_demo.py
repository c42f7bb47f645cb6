"""What a new user sees of the demo."""

from streaming.cli.demo import independent_count, text_to_count


def test_the_most_frequent_word_of_the_demo_is_one() -> None:
    """Each indentation would be many empty words, which come first in a table of the top words."""
    counts = independent_count(text_to_count())

    assert counts.most_common(1)[0][0] == "the"
    assert "" not in counts
