"""The commands for the state of a stream: ``top``, ``get``, ``export`` and ``repartition``."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from producer.common.arguments import examples, option, parser, whole_number
from producer.common.errors import UsageError
from producer.common.terminal import refuse
from streaming.cli.options import Conf, Debug, Folder, say
from streaming.sinks.formats import FormatName

if TYPE_CHECKING:
    from streaming.running_stream import Page

TOP_EPILOG = examples("wordcount top counts", "wordcount top counts -n 5")
GET_EPILOG = examples("wordcount get counts ERROR WARN")
EXPORT_EPILOG = examples(
    "wordcount export counts > counts.csv", "wordcount export counts --format parquet > counts.parquet"
)

REPARTITION_EPILOG = examples("wordcount repartition counts 8")


def top(
    context: typer.Context,
    folder: Folder,
    number: Annotated[
        int,
        typer.Option("-n", "--top", help="How many words to print.", metavar="N", parser=parser(whole_number, "-n")),
    ] = 20,
    _format_name: Annotated[str | None, typer.Option("--format", hidden=True)] = None,
    debug: Debug = False,
) -> None:
    """Print the top words of a stream, running or stopped."""
    refuse(context, ["_format_name"], "is for 'wordcount export', which writes all counts; leave it out here")
    from streaming import running_stream
    from streaming.sinks.stdout import print_all, print_changes
    from streaming.state.counts import counts_in

    page = _page(folder)
    if page is not None and (rows := running_stream.top(page, number)) is not None:
        _say_source(page)
        print_changes(rows)
        return
    with counts_in(folder, say, debug=debug) as counts:
        print_all(counts, number)


def get(folder: Folder, words: Annotated[list[str], typer.Argument(metavar="WORD")], debug: Debug = False) -> None:
    """Print how often words occur in a stream, running or stopped."""
    for word in words:
        if word != word.encode("utf-8", "replace").decode("utf-8"):
            raise UsageError(f"{word!r} is not UTF-8, as all words are; give it in UTF-8")
    from streaming import running_stream
    from streaming.sinks.stdout import print_changes, print_some
    from streaming.state.counts import counts_in

    page = _page(folder)
    if page is not None and (rows := running_stream.counts_of(page, words)) is not None:
        _say_source(page)
        print_changes(rows)
        return
    with counts_in(folder, say, debug=debug) as counts:
        if missing := print_some(counts, words):
            say(f"in no open window: {', '.join(missing)}; closed windows are in the folder windows/ of the --output")


def export(
    folder: Folder,
    format_name: Annotated[FormatName, option("format", "The format; json has one object a line.")] = "csv",
    debug: Debug = False,
) -> None:
    """Print all counts of a stream, running or stopped."""
    if format_name == "parquet" and sys.stdout.isatty():
        raise UsageError("--format parquet cannot be shown on a terminal; add '> counts.parquet'")
    from streaming import running_stream
    from streaming.sinks.formats import file_name
    from streaming.sinks.stdout import print_all, print_file
    from streaming.state.counts import counts_in

    if (page := _page(folder)) is not None:
        with tempfile.TemporaryDirectory(prefix="wordcount-") as place:
            file = Path(place) / file_name("counts", format_name)
            if running_stream.export(page, format_name, file):
                _say_source(page)
                print_file(file)
                return
    with counts_in(folder, say, debug=debug) as counts:
        print_all(counts, None, format_name)


def _page(folder: str) -> "Page | None":
    """Return the page of the stream whose output or state folder this is, if one is noted there."""
    from streaming import running_stream
    from streaming.state.location import find_state

    return running_stream.find_page(find_state(folder))


def _say_source(page: "Page") -> None:
    say(f"the counts of the running stream, from {page.url}")


def repartition(
    folder: Folder,
    number: Annotated[
        int, typer.Argument(metavar="N", help="How many partitions.", parser=parser(whole_number, "the number"))
    ],
    conf: Conf = None,
    debug: Debug = False,
) -> None:
    """Change the number of partitions of a stopped stream.

    Its state store must be rocksdb.
    """
    from streaming.state.partitions import repartition as write_anew

    write_anew(folder, number, conf or [], say, debug=debug)
