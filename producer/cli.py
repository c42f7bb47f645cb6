"""The command ``wordcount-producer``: parses, wires and reports; the work is done elsewhere."""

import glob
import os
import stat
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from producer import pipe, terminal
from producer.directory import DirectoryTarget
from producer.errors import UsageError
from producer.follow import Follower
from producer.locks import lock
from producer.pace import Pace
from producer.paths import check_apart, output_folder
from producer.positions import Positions
from producer.progress import bytes_progress
from producer.units import duration, whole_number
from producer.units import rate as parse_rate

#: How long to rest where nothing is new but something is waited for.
_PAUSE_SECONDS = 0.05

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _option(name: str, text: str, **more: Any) -> Any:
    return typer.Option(f"--{name}", help=text, envvar=f"WORDCOUNT_{name.upper()}", **more)


def _say(message: str) -> None:
    terminal.say("wordcount-producer", message)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wordcount-producer {version('streaming-wordcount')}")
        raise typer.Exit


@app.command(
    epilog="Examples:  wordcount-producer app.log --to inbox  ·  journalctl | wordcount-producer - --to inbox --rate 9"
)
def produce(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Files (also .gz, .bz2, .zst), folders, globs; - is standard input."),
    ],
    to: Annotated[str, _option("to", "The watched directory, made if missing.", metavar="DIR")],
    rate: Annotated[
        str | None, _option("rate", "Hand on so many lines a second; by default as fast as can be.", metavar="N")
    ] = None,
    depth: Annotated[str | None, _option("depth", "Levels of folders to look into; 1: no others.", metavar="N")] = None,
    settle: Annotated[
        str, _option("settle", "A last line without a line end is handed on once its file was quiet for so long.")
    ] = "2s",
    debug: Annotated[bool, _option("debug", "Show tracebacks.")] = False,  # noqa: ARG001  # the caller looks at it
    _version: Annotated[bool, typer.Option("--version", help="Show the version.", callback=_show_version)] = False,
) -> int:
    """Hand the lines of INPUT on to a watched directory, each exactly once; started again it goes on where it stopped.

    Lines appear in DIR as files of whole lines. How far each input was handed on is kept in DIR/.wordcount-producer. A
    pipe has no place to go back to: of that, what was read is handed on once.
    """
    if "://" in to:
        raise UsageError(f"--to {to!r} is no directory; this version hands lines on to a directory: --to DIR")
    pace = None if rate is None else Pace(parse_rate(rate, "--rate"))
    levels = None if depth is None else whole_number(depth, "--depth")
    quiet = duration(settle, "--settle")
    paths, piped = _inputs(inputs)
    for path in paths:
        check_apart(path, to, "--to")
    directory = output_folder(to, "--to")
    own = directory / ".wordcount-producer"
    own.mkdir(exist_ok=True)
    lock(own / "lock", f"the target {directory}")
    target = DirectoryTarget(directory, Positions(own / "positions.db"))
    try:
        failures = _hand_on(paths, target, pace, levels, quiet)
        if piped:
            pipe.hand_on(
                sys.stdin.fileno(),
                target,
                pace.admit if pace else lambda _: None,
                pace.chunk_lines if pace else None,
            )
    except KeyboardInterrupt:
        _say("stopped; the same command goes on where this one ended")
        raise
    if failures:
        _say(f"{failures} of the inputs could not be read; the warnings above name them")
    return 1 if failures else 0


def _hand_on(paths: list[str], target: DirectoryTarget, pace: Pace | None, depth: int | None, settle: float) -> int:
    """Hand on all that is in files and folders, and return how many could not be read."""
    with bytes_progress("handing on") as show:

        def admit(data: bytes) -> None:
            if show is not None:
                show(follower.bytes_done, follower.bytes_found)
            if pace is not None:
                pace.admit(data)

        follower = Follower(
            paths,
            target,
            settle=settle,
            depth=depth,
            apart=[str(target.directory)],
            warn=lambda path, reason: _say(f"warning: {path}: {reason}"),
            admit=admit,
            chunk_lines=pace.chunk_lines if pace else None,
        )
        while not follower.caught_up():
            if not follower.look():
                time.sleep(_PAUSE_SECONDS)
    return len(follower.failures)


def _inputs(inputs: list[str]) -> tuple[list[str], bool]:
    """Return the files and folders that are meant, and whether standard input is, as a pipe.

    Raises:
        UsageError: an input does not exist, or is no file or folder.
    """
    paths: list[str] = []
    piped = False
    for text in inputs:
        if text == "-":
            if sys.stdin is None:
                raise UsageError("-: standard input is closed; give it a pipe or a file to read")
            if stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode):
                paths.append("/dev/stdin")  # a file after all, with a position to go on from
            else:
                piped = True
            continue
        found = [text] if os.path.lexists(text) else sorted(glob.glob(text, recursive=True))
        if not found:
            raise UsageError(f"{text}: no such file or folder; give a path, or a glob in quotes, that names one")
        for path in found:
            if not Path(path).is_file() and not Path(path).is_dir():
                raise UsageError(f"{path}: is neither a file nor a folder; '-' reads a pipe")
        paths += found
    return paths, piped
