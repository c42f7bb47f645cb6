import errno
from collections.abc import Iterator

import pytest

from producer.common.errors import (
    LockedError,
    OutputClosedError,
    UsageError,
    WordCountError,
    foreign,
    hide,
    one_line,
)


@pytest.mark.parametrize(
    ("error", "status"), [(WordCountError, 1), (LockedError, 1), (UsageError, 2), (OutputClosedError, 141)]
)
def test_each_error_has_its_exit_status(error: type[WordCountError], status: int) -> None:
    assert error("x").exit_status == status


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_what_to_do(number: int) -> None:
    line = one_line(OSError(number, "No room", "/out/a"))

    assert line == "/out/a: No room; make room and run the same command again: nothing is lost"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(5, "Input/output error", "/a"), "/a: Input/output error"),
        (OSError(5, "Input/output error"), "output: Input/output error"),
        (OSError(2, "No such file or directory"), "the current folder: No such file or directory"),
        (
            OSError(27, "File too large", "/a"),
            "/a: File too large; raise ulimit -f, and run the same command again: nothing is lost",
        ),
        (WordCountError("a\n b"), "a b"),
        (ValueError(), "ValueError"),
    ],
)
def test_any_error_is_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line


@pytest.fixture(params=["a", "kafka", "wonderland-1"])
def secret(request: pytest.FixtureRequest) -> Iterator[str]:
    hide([request.param])
    yield request.param
    hide([])


def test_a_secret_changes_no_words_of_our_own(secret: str) -> None:
    assert one_line(WordCountError(f"no kafka broker at {secret}")) == f"no kafka broker at {secret}"


def test_a_text_of_others_with_a_secret_in_it_is_left_out_as_a_whole(secret: str) -> None:
    left_out = "a reason that is not shown, as it may quote a password of --kafka-config"

    assert one_line(ValueError(f"sasl.jaas.config: password={secret};")) == left_out
    assert foreign(f"a kafka {secret}") == left_out
    assert foreign("XYZ") == "XYZ"
