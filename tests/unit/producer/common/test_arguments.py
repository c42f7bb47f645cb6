import signal
from collections.abc import Callable
from typing import Annotated

import pytest
import typer

from producer.common import terminal
from producer.common.arguments import duration, option, rate, size, whole_number
from producer.common.errors import UsageError

Run = Callable[..., int]


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


@pytest.mark.parametrize(("text", "number"), [("1KiB", 1 << 10), (" 20MiB ", 20 << 20), ("1GiB", 1 << 30)])
def test_a_size_is_a_number_of_bytes(text: str, number: int) -> None:
    assert size(text, "--max-line") == number


@pytest.mark.parametrize("text", ["", "1", "1MB", "1 MiB", "0KiB", "-1KiB", "1.5MiB", "2GiB", "1mib", "1MiB x"])
def test_text_that_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--max-line") as caught:
        size(text, "--max-line")

    assert repr(text) in str(caught.value)
    assert "1MiB" in str(caught.value)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command that prints its whole number and its duration; return the exit status."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the handlers of the tests stay
    app = typer.Typer()

    @app.command()
    def show(
        top: Annotated[int | None, option("top", "", parse=whole_number, metavar="N")] = None,
        trigger: Annotated[float, option("trigger", "", parse=duration)] = 1.0,
    ) -> None:
        print(top, trigger)

    return lambda *arguments: terminal.run(app, "show", arguments)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("20", 20), ("007", 7), (" 3 ", 3), ("2147483647", 2**31 - 1)])
def test_a_whole_number_is_read(run: Run, capfd: pytest.CaptureFixture[str], text: str, number: int) -> None:
    assert run("--top", text) == 0
    assert capfd.readouterr() == (f"{number} 1.0\n", "")


@pytest.mark.parametrize("text", ["", "0", "00", "-1", "1.5", "x", "1_000", "2147483648", "9" * 19, "+1", "1e3"])
def test_text_that_is_not_a_whole_number_is_refused(run: Run, capfd: pytest.CaptureFixture[str], text: str) -> None:
    assert run(f"--top={text}") == UsageError.exit_status
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err == f"show: --top {text!r} is not a whole number from 1 to {2**31 - 1}; give one\n"


def test_a_parsed_option_comes_from_the_command_line_the_environment_or_its_default(
    run: Run, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run() == 0
    monkeypatch.setenv("WORDCOUNT_TRIGGER", "2m")
    assert run() == 0
    assert run("--trigger", "500ms") == 0
    assert capfd.readouterr().out == "None 1.0\nNone 120.0\nNone 0.5\n"


def test_the_message_of_a_parsed_option_names_it_and_its_value(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("--trigger", "soon") == UsageError.exit_status
    assert capfd.readouterr().err.startswith("show: --trigger 'soon' is not a duration; give ")


@pytest.mark.parametrize(("text", "number"), [("1", 1.0), ("0.5", 0.5), ("1000000", 1e6)])
def test_a_rate_is_read(text: str, number: float) -> None:
    assert rate(text, "--rate") == number


@pytest.mark.parametrize("text", ["", "0", "0.0", "-1", "inf", "nan", "1e3", "fast", "9" * 13])
def test_text_that_is_not_a_rate_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--rate") as caught:
        rate(text, "--rate")

    assert repr(text) in str(caught.value)
