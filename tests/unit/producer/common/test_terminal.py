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
    """Run a command of one option of each kind, which prints them."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # those of the tests stay as they are
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
    ("arguments", "told"),
    [
        (["--match", "A", "--match", "B"], "show: -m is given more than once; give it once: 'A|B' finds either\n"),
        (["--match=A", "-m", "A"], "show: -m is given more than once; give it once: 'A|B' finds either\n"),
        (["--output", "a", "--once", "--output", "b"], "show: --output is given more than once; give it once\n"),
        (["--once", "--once", "--once"], "show: --once is given more than once; give it once\n"),
    ],
)
def test_an_option_given_twice_is_refused(
    run: Run, capfdbinary: pytest.CaptureFixture[bytes], arguments: list[str], told: str
) -> None:
    assert run(*arguments) == UsageError.exit_status
    assert capfdbinary.readouterr() == (b"", told.encode())


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["--conf", "a", "--conf", "b"], "E  ['a', 'b'] False\n"),
        (["--match", "A", "--once"], "A  None True\n"),
        (["--output", "--once", "--once"], "E --once None True\n"),
    ],
)
def test_what_takes_several_values_and_what_the_environment_says_is_taken(
    run: Run,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    printed: str,
) -> None:
    monkeypatch.setenv("MATCH", "E")

    assert run(*arguments) == 0
    assert capfd.readouterr() == (printed, "")


def test_the_help_is_shown_however_often_it_is_asked_for(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("--help", "--help") == 0
    assert "--match" in capfd.readouterr().out
