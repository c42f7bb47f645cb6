"""Refuse options that do not apply or contradict each other, and paths that cannot be used.

All raise UsageError with a message that names the option, its value and what to do. An option that does not apply is
refused only if it was given on the command line: one from the environment may be meant for another command.
"""

import glob
import os
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

import typer

from producer.common.arguments import OF_LOGS
from producer.common.errors import UsageError
from producer.common.folders import PRIVATE, check_input, check_separate, output_folder
from producer.common.terminal import is_given, refuse
from producer.kafka.address import is_kafka, kafka_endpoint
from streaming.cli.options import EACH_SECOND, Trigger
from streaming.sources.files import STANDARD_INPUT
from streaming.sources.remote import is_remote
from streaming.spark.settings import STATE_STORES, STORE, is_cluster


class SourceKind(Enum):
    """The kinds of sources; the value is how a message calls them."""

    FILES = "files"
    STANDARD_INPUT = "standard input"
    REMOTE = "an address that Spark reads"
    TOPICS = "topics"


#: Options that only windows have.
_OF_WINDOWS = ("slide", "time_format", "time_regex", "time_zone", "late", "untimed")
#: Where the first run may begin.
_PLACES = {SourceKind.FILES: ("start", "end"), SourceKind.TOPICS: ("earliest", "latest")}


def source_kind(sources: Sequence[str]) -> SourceKind:
    """Return what kind of source is meant."""
    kinds = [_kind(text) for text in sources]
    for text, kind in zip(sources, kinds, strict=True):
        if kind is not SourceKind.FILES and len(sources) > 1:
            raise UsageError(f"{text}: cannot be combined with other sources; give it alone")
    return kinds[0]


def _kind(text: str) -> SourceKind:
    if text == STANDARD_INPUT:
        return SourceKind.STANDARD_INPUT
    if is_kafka(text):
        return SourceKind.TOPICS
    return SourceKind.REMOTE if is_remote(text) else SourceKind.FILES


def check_batch_options(context: typer.Context) -> None:
    """Refuse the options that do not apply to ``batch``, its inputs or its output."""
    given = context.params
    refuse(context, ["late"], "is for a stream, and a batch closes its windows at its end; leave it out")
    refuse(context, ["untimed"], "is for a stream, and in batch no line has a time of arrival; leave it out")
    if all(is_remote(text) for text in given["inputs"]):
        of_folders = ["depth", "exclude", "safe_links"]
        refuse(context, of_folders, "is for folders of this machine, and Spark reads all of an address; leave it out")
    elif all(text == STANDARD_INPUT for text in given["inputs"]):
        refuse(
            context, ["depth", "exclude", "safe_links"], "is for folders, and the input is standard input; leave it out"
        )
    else:
        _check_folder_options(context, [path for text in given["inputs"] for path in (text, *glob.glob(text))])
    if any(is_remote(text) for text in given["inputs"]):
        reason = f"is for files of this machine, and the source is {SourceKind.REMOTE.value}; leave it out"
        refuse(context, ["encoding", "max_line"], reason)
    if given["output"] is not None:
        refuse(context, ["top"], "is for printed counts, and --output saves all of them; leave one of them out")
    elif given["format_name"] != "text":
        refuse(context, ["format_name"], "is for saved counts; add --output DIR, or leave it out")
    _check_window_options(context)


def _check_folder_options(context: typer.Context, paths: Sequence[str]) -> None:
    if not any(os.path.isdir(path) for path in paths):
        refuse(context, ["depth", "safe_links"], "is for folders, and no input is one; leave it out")


def check_stream_options(context: typer.Context) -> SourceKind:
    """Refuse the options that do not apply to the source or the output of ``stream``, and return what the source is."""
    given = context.params
    kind = source_kind(given["sources"])
    output: str | None = given["output"]
    to_topic = output is not None and is_kafka(output)
    if to_topic or kind is SourceKind.TOPICS:
        for address in (given["sources"][0], output):
            if address is not None and is_kafka(address):
                kafka_endpoint(address)
    else:
        refuse(context, ["kafka_config", "jars"], "is for topics, and neither source nor output is one; leave it out")
    _check_source_options(context, kind, given["start"])
    _check_output_options(context, output, to_topic=to_topic)
    _check_window_options(context)
    if given["serve"] is None:
        refuse(context, ["stuck_after"], "is for the page's /health; add --serve PORT, or leave it out")
    if given["once"]:
        refuse(context, ["serve"], "is for a stream that goes on, and --once ends it; leave one of them out")
    return kind


def applicable_trigger(context: typer.Context, kind: SourceKind) -> Trigger:
    """Return when ``stream`` counts: real time that is set in the environment gives way where Spark cannot do it."""
    trigger: Trigger = context.params["trigger"]
    if not trigger.is_real_time:
        return trigger
    if (reason := _why_no_real_time(context, kind, trigger.name)) is None:
        if context.params["state_store"] == "memory":
            refuse(context, ["state_store"], f"'memory' cannot be combined with --trigger {trigger.name}; give rocksdb")
        if not trigger.is_auto:
            refuse(context, ["max_per_batch"], "is for batches, and --trigger realtime makes none; leave it out")
        return trigger
    if is_given(context, "trigger"):
        raise UsageError(reason)
    return EACH_SECOND


def _why_no_real_time(context: typer.Context, kind: SourceKind, name: str) -> str | None:
    """Return why Spark cannot count in real time what was asked for, and what to do; None if it can."""
    given = context.params
    if kind is not SourceKind.TOPICS:
        return f"--trigger {name} is for topics, and the source is {kind.value}; give --trigger 0s"
    if given["output"] is None or not is_kafka(given["output"]):
        return f"--trigger {name} writes to a topic; give --output kafka://HOST:PORT/TOPIC or --trigger 0s"
    is_chosen = is_given(context, "trigger")  # else the environment sets it, and it gives way to all else

    def is_set(name: str) -> bool:
        return is_given(context, name) or (not is_chosen and bool(given[name]))

    if is_set("window") or any(is_given(context, name) for name in _OF_WINDOWS):
        return f"--window cannot be combined with --trigger {name}, as windows close in batches; give --trigger 0s"
    if is_set("once"):
        return f"--once cannot be combined with --trigger {name}, which has no end; leave one of them out"
    return None


def check_real_time_settings(chosen: Mapping[str, str], trigger: Trigger) -> None:
    """Refuse another state store than the one that real time needs, and changes to batches on a cluster.

    How much waits is known to the JVMs that read the topics, and only the one of this process is asked.
    """
    if trigger.is_real_time and chosen[STORE] != STATE_STORES["rocksdb"]:
        raise UsageError(
            f"--conf '{STORE}={chosen[STORE]}' cannot be combined with --trigger {trigger.name}; leave it out"
        )
    if trigger.is_auto and is_cluster(chosen):
        raise UsageError(
            f"--trigger auto counts on this machine, and the master is {chosen['spark.master']}; give"
            " --trigger realtime or 0s"
        )


def _check_source_options(context: typer.Context, kind: SourceKind, start: str | None) -> None:
    if kind is not SourceKind.FILES:
        of_files = ["settle", "depth", "exclude", "safe_links", "archive", "rotated"]
        refuse(context, of_files, f"is for files, and the source is {kind.value}; leave it out")
    else:
        _check_folder_options(context, context.params["sources"])
        if not any(os.path.isdir(path) or glob.has_magic(path) for path in context.params["sources"]):
            refuse(context, ["exclude"], "is for folders and globs, and no input is one; leave it out")
    if all(map(os.path.isdir, context.params["sources"])):
        refuse(context, ["archive", "rotated"], OF_LOGS)
    if kind in {SourceKind.REMOTE, SourceKind.TOPICS}:
        reason = f"is for files of this machine, and the source is {kind.value}; leave it out"
        refuse(context, ["encoding", "max_line"], reason)
    if kind is not SourceKind.TOPICS:
        refuse(context, ["max_per_batch", "after_loss"], "is for a source kafka://HOST:PORT/TOPIC; leave it out")
    places = _PLACES.get(kind)
    if places is None:
        refuse(context, ["start"], f"is for files and topics, and the source is {kind.value}; leave it out")
    elif start is not None and start not in places:
        raise UsageError(f"--from {start!r} is not a place in {kind.value}; give {places[0]} or {places[1]}")


def _check_output_options(context: typer.Context, output: str | None, *, to_topic: bool) -> None:
    of_folders = ["snapshot_interval", "changes", "format_name"]
    if output is None:
        if context.params["format_name"] == "text":  # which is also how counts are printed
            of_folders.remove("format_name")
        refuse(context, of_folders, "is for saved counts; add --output DIR, or leave it out")
    elif to_topic:
        refuse(context, of_folders, "is for an output folder, and the counts go to a topic; leave it out")
    elif context.params["window"] is not None:
        refuse(context, ["changes"], "is for words, and a window is saved once, when it is closed; leave it out")


def _check_window_options(context: typer.Context) -> None:
    of_times = ["time_regex", "late", "untimed"]
    if context.params["window"] is None:
        of_windows = ["slide", "time_format", *of_times, "time_zone"]
        refuse(context, of_windows, "is for windows of time; add --window 5m, or leave it out")
    elif context.params["time_format"] is None:
        reason = "is for times in lines, and these lines count by arrival; add --time-format, or leave it out"
        refuse(context, of_times, reason)


def check_paths(
    kind: SourceKind, sources: Sequence[str], written: Sequence[tuple[str, str | None]], *, once: bool
) -> None:
    """Refuse files that cannot be followed, and folders to write to that lie in a source or hold it.

    Args:
        kind: what the sources are; only files and standard input are checked.
        sources: files, folders and globs, or ``-``.
        written: the options that name folders to write to, with their values.
        once: whether only what is there now is counted.
    """
    if kind is SourceKind.STANDARD_INPUT and sys.stdin is None:
        raise UsageError("-: standard input is closed; give it a pipe to read")
    if kind is not SourceKind.FILES:
        return
    for path in sources:
        check_input(path, may_be_missing=not once)
        for option, folder in written:
            if folder is not None and os.path.isdir(path):
                check_separate(path, folder, option)


def writable_folder(text: str, option: str, mode: int = 0o777) -> Path:
    """Return what ``output_folder`` does if Spark can use that path."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{option} {text!r}: Spark cannot use a path that is not UTF-8; give another name") from error
    return output_folder(text, option, mode)


def state_folder(checkpoint: str | None, output: Path | None) -> Path | None:
    """Return the folder of the state; None if the state is temporary."""
    from streaming.state.location import default_location

    if checkpoint is not None:
        return writable_folder(checkpoint, "--checkpoint", PRIVATE)
    return None if output is None else default_location(output)
