"""What both commands do at the terminal: run, show messages on stderr and errors as one line, exit with a status."""

import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption
from typer.exceptions import TyperException

from producer.common.errors import OutputClosedError, UsageError, WordCountError, one_line
from producer.common.escaping import escape_unprintable
from producer.common.signals import KILLED_BY

_TRUE = {"1", "true", "yes", "on", "t", "y"}  # the values that typer takes for true
_LOG_FORMAT, _WARNING = "--log-format", "warning: "
_shows_objects = False  # whether messages are objects of JSON
_INTERRUPTED = 130  # as shells report an end by Ctrl-C


class _Command(TyperCommand):
    """A command that refuses an option given twice, as typer silently takes the last, and names wrong variables."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        try:
            rest = super().parse_args(ctx, args)  # shows the help and exits if asked to
        except UsageError as error:
            flag, _, reason = str(error).partition(" ")
            parameter = next((one for one in self.params if flag in one.opts), None)
            raise UsageError(f"{_shown(parameter, ctx) if parameter else flag} {reason}") from error
        _, _, order = self.make_parser(ctx).parse_args(given)
        for option in order:
            if isinstance(option, TyperOption) and not option.multiple and order.count(option) > 1:
                hint = ": 'A|B' finds either" if option.metavar == "PATTERN" else ""
                raise UsageError(f"{option.opts[0]} is given more than once; give it once{hint}")
        return rest


def run(
    app: typer.Typer, name: str, arguments: Sequence[str], explain: Callable[[BaseException], str] = one_line
) -> int:
    """Run a command line and return its exit status; an error is one line on stderr.

    Args:
        app: the command.
        name: its name, with which messages start.
        arguments: the command line without the name.
        explain: returns an error as one line.
    """
    global _shows_objects  # noqa: PLW0603  # standard error is one, too
    _shows_objects = _wants_objects(arguments)
    _open_closed_streams()
    debug = "--debug" in arguments or os.environ.get("WORDCOUNT_DEBUG", "").lower() in _TRUE
    if debug:
        logging.basicConfig()
    else:  # py4j logs tracebacks when interrupted, and kafka-python logs failures that our own messages report
        logging.getLogger().addHandler(logging.NullHandler())
    for number in (signal.SIGTERM, signal.SIGHUP):  # exit normally, so that temporary files are removed
        signal.signal(number, lambda number, _: sys.exit(KILLED_BY + number))
    for registered in app.registered_commands:
        registered.cls = _Command
    try:
        shows_help = not arguments and len(app.registered_commands) > 1
        status = app(["--help"] if shows_help else list(arguments), prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        commands = app.registered_commands
        names = {command.name or getattr(command.callback, "__name__", "") for command in commands}
        command = " ".join([name, *(word for word in arguments[:1] if word in names and len(commands) > 1)])
        if message := _wrong_usage(error):  # none after the help was shown
            say(name, f"{message.rstrip('?')}; see '{command} --help'", is_error=True)
        return UsageError.exit_status
    except (OutputClosedError, BrokenPipeError):
        _drop_unwritten()
        return OutputClosedError.exit_status
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  # users see a line, not a traceback
        if debug:
            traceback.print_exc()
        is_expected = isinstance(error, (WordCountError, OSError))
        message = explain(error) if is_expected else f"{explain(error)} (--debug shows more)"
        say(name, message, is_error=True)
        _drop_unwritten()
        return error.exit_status if isinstance(error, WordCountError) else 1
    return status if isinstance(status, int) else 0


def _shown(parameter: Any, context: Any) -> str:
    """Return an option as messages name it, with the variable of the environment that its value comes from."""
    source = context.get_parameter_source(parameter.name) if context else None
    name: str = parameter.opts[0]
    return f"{name} ({parameter.envvar})" if source and source.name == "ENVIRONMENT" else name


def _wrong_usage(error: TyperException) -> str:
    """Return typer's message about a wrong command line; for a wrong value, its option and the value come first."""
    validation = getattr(error.__cause__, "errors", None)  # of pydantic, with which typer checks values
    parameter = getattr(error, "param", None)
    if validation is None or parameter is None:
        return _of_other_command(error) or error.format_message().rstrip(".")
    first = validation()[0]
    reason = first["msg"].removeprefix("Value error, ").removeprefix(f"{first['input']!r} ").rstrip(".")
    if reason.startswith("Input should"):
        reason = reason.removeprefix("Input ").partition(",")[0]
    return f"{_shown(parameter, getattr(error, 'ctx', None))} {first['input']!r} {reason}"


def _of_other_command(error: Any) -> str | None:
    """Return the message about an option that only other commands have; None for any other error."""
    if not hasattr(error, "possibilities") or error.ctx is None:  # typer's class for an unknown option is private
        return None
    option, context, root = error.option_name, error.ctx, error.ctx.find_root()
    inner = getattr(root.command, "commands", {})
    commands = {root.command_path: root.command}
    commands |= {f"{root.command_path} {name}": command for name, command in inner.items()}
    having = [f"'{path}'" for path, command in commands.items() if _has(command, option)]
    if not having:
        return None
    advice = "leave it out"
    if context is root:
        advice = "give it after the command"
    elif _has(root.command, option):
        advice = "give it before the command"
    return f"{option} is an option of {', '.join(having)}, not of '{context.command_path}'; {advice}"


def _has(command: Any, option: str) -> bool:
    return any(option in parameter.opts and not getattr(parameter, "hidden", False) for parameter in command.params)


def _open_closed_streams() -> None:
    """Open the standard streams that the caller closed; else a file gets their number, and what is meant for them.

    Python knows a closed input by ``sys.stdin`` being None, which stays. Writing to a closed output fails, as it does
    for other programs. Messages that nobody takes are dropped.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest number that is free, which is this one
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _drop_unwritten() -> None:
    """Drop what standard output does not take; Python would try again, and complain, when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(context: typer.Context, names: Sequence[str], reason: str) -> None:
    """Refuse options that do not apply, if they are given on the command line.

    Those set by environment variables are ignored, as they may be meant for other commands.

    Args:
        context: the context of the command.
        names: the names of the options' parameters.
        reason: why they do not apply and what to do, to follow the name of the option.

    Raises:
        UsageError: one of them was given.
    """
    given = {name for name in names if is_given(context, name)}
    for parameter in context.command.params:
        if parameter.name in given:
            raise UsageError(f"{parameter.opts[0]} {reason}")


def is_given(context: typer.Context, name: str) -> bool:
    """Return whether an option is given on the command line; ``name`` is that of its parameter."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def say(name: str, message: str, *, is_error: bool = False) -> None:
    """Show a message on stderr, as one line whatever it quotes: a text, or with ``--log-format json`` an object.

    Args:
        name: the command that says it.
        message: what it says.
        is_error: whether the command ends with it.
    """
    if _shows_objects:
        line = as_object(name, message, datetime.now(UTC), is_error=is_error)
    else:
        line = f"{name}: {escape_unprintable(message)}"
    sys.stderr.buffer.write(f"{line}\n".encode("utf-8", "backslashreplace"))
    sys.stderr.buffer.flush()


def as_object(name: str, message: str, time: datetime, *, is_error: bool) -> str:
    """Return a message as an object of JSON, for those who collect logs.

    >>> print(as_object("w", "warning: a.log: gone", datetime(2026, 11, 29, tzinfo=UTC), is_error=False))
    {"time": "2026-11-29T00:00:00.000Z", "level": "warning", "message": "a.log: gone", "fields": {"command": "w"}}
    """
    text = message.removeprefix(_WARNING)
    level = "error" if is_error else "info" if text == message else "warning"
    at = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": at, "level": level, "message": text, "fields": {"command": name}})


def _wants_objects(arguments: Sequence[str]) -> bool:
    """Return whether messages are to be objects: all of them, so this is decided before the options are parsed."""
    given = [value for flag, value in pairwise([*arguments, ""]) if flag == _LOG_FORMAT]
    given += [each.partition("=")[2] for each in arguments if each.startswith(f"{_LOG_FORMAT}=")]
    return "json" in (given or [os.environ.get("WORDCOUNT_LOG_FORMAT", "")])
