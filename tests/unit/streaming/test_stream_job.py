"""What a stream says when it was told to stop."""

from pathlib import Path

import pytest

from streaming.query.options import StreamOptions
from streaming.sources.files import Files
from streaming.stream_job import stop_message


@pytest.mark.parametrize(
    ("once", "real_time", "has_counted_all", "text"),
    [
        (False, False, False, "stopped; everything counted is printed or saved; the same command continues from s"),
        (True, False, False, "stopped; not everything is counted; the same command continues from s"),
        (True, False, True, "stopped; everything is counted, but not printed; the same command continues from s"),
        (False, True, False, "stopped; what came after the last checkpoint is counted again; the same command"),
    ],
)
def test_it_says_what_is_counted(*, once: bool, real_time: bool, has_counted_all: bool, text: str) -> None:
    options = StreamOptions(
        Files((".",), from_end=False, encoding=None, exclude=()), None, "text", 1.0, once, None, 10.0, False, 2.0, None,
        state_folder=Path("s"), real_time=real_time,
    )  # fmt: skip

    assert stop_message(options, Path("s"), has_counted_all=has_counted_all).startswith(text)
