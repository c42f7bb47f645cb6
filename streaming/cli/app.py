"""The command ``wordcount``: its commands, and what they share."""

import os
from typing import Annotated

import typer

from producer import __version__
from producer.common.arguments import examples
from streaming.cli import batch, demo, prepare, states, stream
from streaming.errors import JavaError
from streaming.spark.install import spark_home
from streaming.spark.java import find_java
from streaming.spark.temp_folder import scratch_folder


def _after_success(status: int | None, *, no_prepare: bool, **_: object) -> int | None:
    if not no_prepare:
        prepare.prepare_later(os.environ)
    return status


app = typer.Typer(
    help="Count words: of files once, or of folders, logs and topics as they grow. Each word counts exactly once,"
    " whatever is killed.",
    epilog="Every option can also come from the environment, by the name that its help shows.\n\n"
    + examples("wordcount demo", "wordcount batch book.txt", "wordcount stream inbox --output counts"),
    add_completion=False,
    rich_markup_mode=None,  # plain help fits a narrow terminal, and half the time of --help was the loading of rich
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    result_callback=_after_success,
)


def _show_version(wanted: bool) -> None:
    if not wanted:
        return
    import pyspark

    try:
        java = find_java(os.environ)
        found = f"Java {java.version} (from {java.found_in}: {java.executable})"
    except JavaError as error:
        found = f"no Java ({error})"
    typer.echo(f"wordcount {__version__}, Spark {pyspark.__version__}, {found}")
    raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the versions of wordcount, Spark and Java.", callback=_show_version)
    ] = False,
    no_prepare: Annotated[  # noqa: ARG001  # typer hands it to _after_success
        bool,
        typer.Option("--no-prepare", help="Do not make later starts quicker after this command, as 'prepare' does."),
    ] = False,
) -> None:
    spark_home()  # before anything is imported from another version
    context.with_resource(scratch_folder())


app.command(epilog=batch.EPILOG)(batch.batch)
app.command(epilog=stream.EPILOG)(stream.stream)
app.command(epilog=states.TOP_EPILOG)(states.top)
app.command(epilog=states.GET_EPILOG)(states.get)
app.command(epilog=states.EXPORT_EPILOG)(states.export)
app.command(epilog=states.REPARTITION_EPILOG)(states.repartition)
app.command(epilog=prepare.EPILOG)(prepare.prepare)
app.command(epilog=demo.EPILOG)(demo.demo)
