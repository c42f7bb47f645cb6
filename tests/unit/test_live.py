from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from streaming.live import Top


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=12), st.integers(1, 5))
def test_the_top_is_that_of_all_words_though_it_keeps_only_some(batches: list[list[str]], size: int) -> None:
    top, counts = Top(size), Counter[str]()
    for batch in batches:
        counts.update(batch)
        top.update([(word, counts[word]) for word in set(batch)])

        assert top.rows == sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:size]


def test_a_batch_counted_again_changes_nothing() -> None:
    top = Top(2)
    top.update([("a", 1), ("b", 2)])
    top.update([("a", 1), ("b", 2)])

    assert top.rows == [("b", 2), ("a", 1)]
