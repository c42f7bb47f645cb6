import pytest

from producer.common.arguments import duration, rate, whole_number
from producer.common.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("1s", 1), ("2m", 120), ("1h", 3600), ("0s", 0), ("1.5s", 1.5), (" 1s ", 1)]
)
def test_a_duration_is_a_number_of_seconds(text: str, seconds: float) -> None:
    assert duration(text, "--trigger") == seconds


@pytest.mark.parametrize("text", ["", "1", "s", "-1s", "1w", "1 s", "1,5s", "infs", "nans", "1e3s", "1s\n2s", "1s x"])
def test_text_that_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--trigger") as caught:
        duration(text, "--trigger")

    assert repr(text) in str(caught.value)
    assert "500ms" in str(caught.value)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("20", 20), ("007", 7), (" 3 ", 3), ("2147483647", 2**31 - 1)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole_number(text, "--top") == number


@pytest.mark.parametrize("text", ["", "0", "00", "-1", "1.5", "x", "1_000", "2147483648", "9" * 19, "+1", "1e3"])
def test_text_that_is_not_a_whole_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--top") as caught:
        whole_number(text, "--top")

    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(("text", "number"), [("1", 1.0), ("0.5", 0.5), ("1000000", 1e6)])
def test_a_rate_is_read(text: str, number: float) -> None:
    assert rate(text, "--rate") == number


@pytest.mark.parametrize("text", ["", "0", "0.0", "-1", "inf", "nan", "1e3", "fast", "9" * 13])
def test_text_that_is_not_a_rate_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--rate") as caught:
        rate(text, "--rate")

    assert repr(text) in str(caught.value)
