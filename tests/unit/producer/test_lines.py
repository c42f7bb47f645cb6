import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer import lines
from tests.support.golden import GOLDEN, Golden
from tests.support.reference import count

# Bytes with a meaning are frequent, and all others occur.
_DATA = st.lists(
    st.sampled_from([b"\n", b"\r", b"\r\n", b" ", b"a", b"b", lines.BOM, b"\xe2\x82", b"\xff"]) | st.binary(max_size=4),
    max_size=30,
).map(b"".join)


def content(*data: bytes) -> bytes:
    """Return lines as the content of a chunk's file."""
    return b"".join(lines.file_content([part for part in data if part]))


def publish(data: bytes, cuts: list[int], limit: int | None) -> list[bytes]:
    """Publish ``data`` as a follower does that sees it grow to each of ``cuts``, in one chunk each time."""
    chunks, position = [], 0
    for end in [*sorted(cuts), len(data)]:
        seen = data[position:end]
        taken = len(seen) if end == len(data) else lines.whole_lines_size(seen)
        for part in lines.split(seen[:taken], limit):
            chunks.append(content(lines.normalize(part, position)))
            position += len(part)
    return chunks


@given(_DATA, st.lists(st.integers(0, 60), max_size=6), st.none() | st.integers(1, 4))
def test_cuts_at_any_bytes_keep_the_counts(data: bytes, cuts: list[int], limit: int | None) -> None:
    chunks = publish(data, [cut for cut in cuts if cut < len(data)], limit)

    assert count(*chunks) == count(data)


@given(st.lists(_DATA, max_size=5))
def test_many_files_in_one_chunk_keep_the_counts(contents: list[bytes]) -> None:
    chunk = content(*(lines.normalize(data, 0) for data in contents))

    assert count(chunk) == count(*contents)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_golden_table_counts_after_another_file(golden: Golden) -> None:
    chunk = content(lines.normalize(b"before", 0), lines.normalize(golden.data, 0))

    assert count(chunk) == {**golden.counts, "before": 1}


@given(_DATA)
def test_whole_lines_end_at_the_last_line_end(data: bytes) -> None:
    taken = lines.whole_lines_size(data)

    assert data[:taken].endswith((b"\n", b"\r")) or taken == 0
    assert not {*b"\r\n"} & {*data[taken:]}


@given(_DATA, st.integers(1, 5))
def test_data_is_split_after_every_limit_of_lines(data: bytes, limit: int) -> None:
    parts = list(lines.split(data, limit))

    assert b"".join(parts) == data
    assert [lines.count_lines(part) for part in parts[:-1]] == [limit] * (len(parts) - 1)
    assert all(lines.count_lines(part) <= limit for part in parts)


def test_a_byte_order_mark_is_dropped_only_at_the_start_of_a_file() -> None:
    assert lines.normalize(b"\xef\xbb\xbfa\n", 0) == b"a\n"
    assert lines.normalize(b"\xef\xbb\xbfa\n", 5) == b"\xef\xbb\xbfa\n"
