"""What both commands do alike at the terminal: messages on stderr, errors as one line, the right exit status."""

import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption
from typer.exceptions import TyperException

from producer.common.errors import OutputClosedError, UsageError, WordCountError, one_line
from producer.common.escaping import escape_unprintable
from producer.common.signals import KILLED_BY

_TRUE = {"1", "true", "yes", "on", "t", "y"}  # as typer takes them
_INTERRUPTED = 130  # as a shell reports the end by Ctrl-C


class _Command(TyperCommand):
    """A command that refuses an option given twice, of which typer takes the last and says nothing."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        rest = super().parse_args(ctx, args)  # which shows the help, and ends, where that is asked for
        _, _, order = self.make_parser(ctx).parse_args(given)
        for option in order:
            if isinstance(option, TyperOption) and not option.multiple and order.count(option) > 1:
                hint = ": 'A|B' finds either" if option.metavar == "PATTERN" else ""
                raise UsageError(f"{option.opts[0]} is given more than once; give it once{hint}")
        return rest


def run(
    app: typer.Typer, name: str, arguments: Sequence[str], explain: Callable[[BaseException], str] = one_line
) -> int:
    """Run a command line and return its exit status; what goes wrong is told in one line on stderr.

    Args:
        app: the command.
        name: what it is called.
        arguments: what follows its name.
        explain: makes one line of an error.
    """
    debug = "--debug" in arguments or os.environ.get("WORDCOUNT_DEBUG", "").lower() in _TRUE
    if debug:
        logging.basicConfig()
    else:  # py4j logs tracebacks where it is interrupted, and kafka-python what is told in a line of our own
        logging.getLogger().addHandler(logging.NullHandler())
    for number in (signal.SIGTERM, signal.SIGHUP):  # so that temporary files are removed
        signal.signal(number, lambda number, _: sys.exit(KILLED_BY + number))
    for registered in app.registered_commands:
        registered.cls = _Command
    try:
        status = app(list(arguments), prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        shown = getattr(error, "format_message", None)  # typer keeps the class that has it to itself
        known = getattr(app, "registered_commands", [])
        names = {command.callback.__name__ for command in known if command.callback} if len(known) > 1 else set()
        command = " ".join([name, *(word for word in arguments[:1] if word in names)])
        if message := (shown() if shown else str(error)).rstrip("."):  # none where the help itself was shown
            say(name, f"{message}; '{command} --help' says what there is")
        return UsageError.exit_status
    except (OutputClosedError, BrokenPipeError):
        _drop_unwritten()
        return OutputClosedError.exit_status
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  # no error may reach the user as a traceback
        if debug:
            traceback.print_exc()
        known = isinstance(error, (WordCountError, OSError))
        say(name, explain(error) if known else f"{explain(error)} (--debug shows more)")
        _drop_unwritten()
        return error.exit_status if isinstance(error, WordCountError) else 1
    return status if isinstance(status, int) else 0


def _drop_unwritten() -> None:
    """Drop what standard output does not take: Python would try again at its end, and complain of it."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refuse(context: typer.Context, names: Sequence[str], reason: str) -> None:
    """Refuse options that would have no effect; one from the environment, meant for many commands, is passed over.

    Args:
        context: of the command.
        names: what the options' parameters are called.
        reason: why they have none, and what to do.

    Raises:
        UsageError: one of them was given.
    """
    given = {name for name in names if (source := context.get_parameter_source(name)) and source.name == "COMMANDLINE"}
    for parameter in context.command.params:
        if parameter.name in given:
            raise UsageError(f"{parameter.opts[0]} {reason}")


_hidden: list[str] = []


def hide(secrets: Sequence[str]) -> None:
    """Let no message show these from now on."""
    _hidden.extend(secrets)


def say(name: str, message: str) -> None:
    """Show a message on stderr, one line whatever it quotes."""
    for secret in _hidden:
        message = message.replace(secret, "***")
    sys.stderr.buffer.write(f"{name}: {escape_unprintable(message)}\n".encode("utf-8", "backslashreplace"))
    sys.stderr.buffer.flush()
