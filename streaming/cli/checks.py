"""What the options of ``wordcount`` mean where the text alone does not say it, and what does not go together.

All raise UsageError, with the option, its value and what to do.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import typer

from producer.common import terminal
from producer.common.arguments import whole_number
from producer.common.errors import UsageError
from producer.common.folders import check_input, check_separate, output_folder
from producer.kafka.address import is_kafka
from streaming.counting.rules import Windows
from streaming.sinks import formats
from streaming.sources.files import STANDARD_INPUT, Files
from streaming.sources.remote import is_remote
from streaming.state.location import default_location

_REFUSED = "{}[]*?\\"  # Spark takes a folder whose name has one of these for a pattern


def check_format(format_name: str, output: str | None) -> None:
    """Refuse a format that there is not, and one of files where none are saved."""
    formats.check_format(format_name)
    if output is None and format_name != "text":
        raise UsageError(f"--format {format_name} says how counts are saved; give --output DIR to save them")


def source_of(texts: list[str]) -> Files | str:
    """Return the source that is meant: files, or the address of topics or of what Spark reads itself."""
    alone = [text for text in texts if text == STANDARD_INPUT or is_kafka(text) or is_remote(text)]
    if alone and len(texts) > 1:
        raise UsageError(f"{alone[0]}: is a source alone; give it without others")
    return texts[0] if alone and texts[0] != STANDARD_INPUT else Files(tuple(texts))


def check_stream(context: typer.Context, source: Files | str, output: str | None, start: str | None) -> bool:
    """Refuse what does not go together; return whether to begin with what comes."""
    from_topic = isinstance(source, str) and is_kafka(source)
    places = ("earliest", "latest") if from_topic else ("start", "end")
    if start is not None and start not in places:
        raise UsageError(f"--from {start!r} is unknown; take {places[0]} or {places[1]}")
    to_topic = output is not None and is_kafka(output)
    if to_topic:
        terminal.refuse(context, ["format_name", "snapshot_interval"], "is for files, and the counts go to a topic")
    if isinstance(source, str):
        terminal.refuse(context, ["settle", "depth"], "is for files; leave it out")
    if not from_topic:
        terminal.refuse(context, ["max_per_batch"], "is for a source kafka://HOST:PORT/TOPIC; leave it out")
        if not to_topic:
            terminal.refuse(context, ["kafka_config", "jars"], "is for topics, and none is named; leave it out")
    return start == places[1]


def check_changes(output: str | None, windows: Windows | None) -> None:
    """Refuse ``--changes`` where it has nothing to write, or nowhere."""
    if output is None:
        raise UsageError("--changes needs a folder to write to; give --output DIR")
    if windows is not None:
        raise UsageError("--changes is for words whose count changes; a window is saved once, when it is closed")


def number(text: str | None, option: str) -> int | None:
    """Return the whole number that was asked for, None where none was."""
    return None if text is None else whole_number(text, option)


def state_folder(checkpoint: str | None, output: Path | None, stack: ExitStack) -> tuple[Path, bool]:
    """Return where the state is kept, and whether that is temporary and ends with ``stack``."""
    if checkpoint is not None:
        return folder(checkpoint, "--checkpoint"), False
    if output is not None:
        return default_location(output), False
    temporary = tempfile.mkdtemp(prefix="wordcount-state-")
    stack.callback(shutil.rmtree, temporary, ignore_errors=True)
    return Path(temporary), True


def folder(text: str, option: str) -> Path:
    """Return a folder to write to, made if missing, as an absolute path that Spark takes as it is."""
    if bad := sorted(set(os.path.abspath(text)) & set(_REFUSED)):
        raise UsageError(f"{option} {text}: Spark takes {' '.join(bad)} in a path for a pattern; give another name")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{option} {text!r}: Spark cannot take a path that is not UTF-8; give another name") from error
    return output_folder(text, option)


def check_files(paths: Sequence[str], written: Sequence[tuple[str, str | None]], *, once: bool) -> None:
    """Refuse files that cannot be followed, and folders to write to, each with its option, that lie in them."""
    if STANDARD_INPUT in paths:
        if sys.stdin is None:
            raise UsageError("-: standard input is closed; give it a pipe to read")
        return
    for path in paths:
        check_input(path, may_be_missing=not once)
        for option_name, target in written:
            if target is not None and os.path.isdir(path):
                check_separate(path, target, option_name)
