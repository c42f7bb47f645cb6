"""``wordcount batch``: count the words of files, once."""

import os
from contextlib import closing
from typing import Annotated

import typer

from producer.common.arguments import Depth, MaxLine, SafeLinks, examples
from producer.common.errors import UsageError
from producer.text.long_lines import LineLimit
from streaming.cli import checks
from streaming.cli.options import (
    Conf,
    Debug,
    Encoding,
    Exclude,
    Format,
    Lowercase,
    Master,
    Match,
    MinLength,
    Normalize,
    NotMatch,
    NotOfBatch,
    Output,
    Regex,
    Slide,
    Split,
    StopWords,
    TimeFormat,
    TimeRegex,
    TimeZone,
    Top,
    Window,
    say,
    warn,
)
from streaming.cli.rule_options import WindowOptions, WordOptions
from streaming.counting.rules import cuts_lines
from streaming.spark.java import find_java
from streaming.spark.settings import settings

EPILOG = examples("wordcount batch book.txt --top 5", "wordcount batch 'logs/*.gz' --output out --format csv")

#: Compiling well does not pay below this many bytes: 3.7 s against 5.0 s for 4 MB, but 9.5 s against 7.7 s for 220 MB.
_SHORT_BYTES = 32 << 20


def batch(
    context: typer.Context,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Files (also .gz, .bz2, .zst, .xz), folders and globs; - is standard input."
        ),
    ],
    output: Output = None,
    format_name: Format = "text",
    top: Top = None,
    depth: Depth = None,
    encoding: Encoding = None,
    exclude: Exclude = None,
    safe_links: SafeLinks = False,
    max_line: MaxLine = None,
    split: Split = None,
    regex: Regex = None,
    match: Match = None,
    not_match: NotMatch = None,
    normalize: Normalize = False,
    lowercase: Lowercase = False,
    min_length: MinLength = None,
    stop_words: StopWords = None,
    window: Window = None,
    slide: Slide = None,
    time_format: TimeFormat = None,
    time_regex: TimeRegex = None,
    time_zone: TimeZone = None,
    late: NotOfBatch = None,  # noqa: ARG001  # it is refused
    untimed: NotOfBatch = None,  # noqa: ARG001  # it is refused
    master: Master = None,
    conf: Conf = None,
    debug: Debug = False,
) -> None:
    """Count the words of files, once. Prints 'word: count', the most frequent word first."""
    checks.check_batch_options(context)
    rule = WordOptions(split, regex, match, not_match, normalize, lowercase, min_length, stop_words).rule()
    window_options = WindowOptions(window, slide, time_format, time_regex, time_zone)
    windows = window_options.windows()
    if windows is not None and windows.time is None:
        raise UsageError(
            "--window: in a batch no line has a time of arrival; add --time-format to take the times in the lines"
        )
    chosen = window_options.settings(settings(master, conf or []))
    saved_in = None if output is None else checks.writable_folder(output, "--output")
    if saved_in and (saved_in / ".lock").exists():
        raise UsageError(f"--output {output}: a stream keeps its counts there; give another folder")
    from streaming import batch_inputs, batch_job
    from streaming.spark.session import Jvm, quick_options

    limit = LineLimit(max_line or LineLimit.size, cuts_lines(rule, windows))
    options = batch_job.BatchOptions(
        saved_in, "text" if saved_in is None else format_name, top, rule, windows, encoding, limit
    )
    found = batch_inputs.find_inputs(inputs, depth, warn, saved_in, exclude or (), safe_links=safe_links)
    java = find_java(os.environ)
    with closing(
        Jvm(java, chosen, debug=debug, options=quick_options(java) if found.size < _SHORT_BYTES else None)
    ) as jvm:
        try:
            batch_job.run(found, options, jvm, say, warn)
        except Exception as error:
            raise jvm.explained(error) from error
