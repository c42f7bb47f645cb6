import signal
from collections.abc import Callable
from typing import Annotated

import pytest
import typer

from producer.common import terminal
from producer.common.errors import UsageError

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with one option of each kind; it prints their values."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # keep the handlers of the tests
    app = typer.Typer()

    @app.command()
    def show(
        match: Annotated[str, typer.Option("-m", "--match", metavar="PATTERN", envvar="MATCH")] = "",
        output: Annotated[str, typer.Option(metavar="DIR")] = "",
        conf: Annotated[list[str] | None, typer.Option()] = None,
        *,
        once: Annotated[bool, typer.Option("--once")] = False,
    ) -> None:
        print(match, output, conf, once)

    return lambda *arguments: terminal.run(app, "show", arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--match", "A", "--match", "B"], "show: -m is given more than once; give it once: 'A|B' finds either\n"),
        (["--match=A", "-m", "A"], "show: -m is given more than once; give it once: 'A|B' finds either\n"),
        (["--output", "a", "--once", "--output", "b"], "show: --output is given more than once; give it once\n"),
        (["--once", "--once", "--once"], "show: --once is given more than once; give it once\n"),
    ],
)
def test_an_option_given_twice_is_refused(
    run: Run, capfdbinary: pytest.CaptureFixture[bytes], arguments: list[str], message: str
) -> None:
    assert run(*arguments) == UsageError.exit_status
    assert capfdbinary.readouterr() == (b"", message.encode())


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["--conf", "a", "--conf", "b"], "E  ['a', 'b'] False\n"),
        (["--match", "A", "--once"], "A  None True\n"),
        (["--output", "--once", "--once"], "E --once None True\n"),
    ],
)
def test_options_with_several_values_and_from_the_environment_are_taken(
    run: Run,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    printed: str,
) -> None:
    monkeypatch.setenv("MATCH", "E")

    assert run(*arguments) == 0
    assert capfd.readouterr() == (printed, "")


def test_the_help_may_be_asked_for_twice(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("--help", "--help") == 0
    assert "--match" in capfd.readouterr().out
