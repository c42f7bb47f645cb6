"""Fetch jars by their Maven coordinates, with the resolver that comes with pyspark."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from producer.common.errors import WordCountError
from producer.common.progress import waiting
from streaming.spark.environment import account_options, working_folder
from streaming.spark.install import find_jar
from streaming.spark.java import Java, start_failure
from streaming.spark.temp_folder import lock_descriptors, remove_abandoned, temp_folder

_FETCH_SECONDS = 600.0
_UNFINISHED = ".fetching-"
_FAILURE = re.compile(r"(?!Picked up ).*Exception")
_MISSING = re.compile(r"module not found: ")


class NotInRepositoryError(WordCountError):
    """The repositories answer, and lack an artifact."""


def fetch(
    java: Java,
    coordinates: Sequence[str],
    folder: Path,
    *,
    without: Sequence[str] = (),
    repositories: Sequence[str] = (),
    settings: str | None = None,
) -> list[Path]:
    """Fetch artifacts and their dependencies into a folder, unless the folder exists.

    Args:
        java: the Java that runs the resolver.
        coordinates: ``group:name:version`` of each artifact.
        folder: where the jars go. It is created when all of them are there, so it never holds only a part.
        without: dependencies to leave out, each a ``group`` or a ``group:name``.
        repositories: addresses of repositories to ask before Maven Central.
        settings: a file of Ivy settings to use instead of these repositories and Maven Central.

    Returns:
        The jars.

    Raises:
        NotInRepositoryError: the repositories lack one.
        WordCountError: they cannot be fetched.
    """
    remove_abandoned(folder.parent, _UNFINISHED)
    if folder.is_dir():
        return sorted(folder.glob("*.jar"))
    with temp_folder(folder.parent, _UNFINISHED) as work, waiting("fetching"):
        (work / "ivy.xml").write_text(_module(coordinates, without), "utf-8")
        (work / "settings.xml").write_text(_settings(repositories), "utf-8")
        command = _command(java, work, settings or work / "settings.xml")
        try:
            result = subprocess.run(  # noqa: S603  # the user's own Java
                [str(part) for part in command],
                capture_output=True,
                text=True,
                timeout=_FETCH_SECONDS,
                check=False,
                cwd=working_folder(),
                pass_fds=lock_descriptors(),
            )
        except subprocess.TimeoutExpired as error:
            raise WordCountError(
                f"{', '.join(coordinates)}: not fetched after {_FETCH_SECONDS:g} s; try again"
            ) from error
        if result.returncode != 0:
            is_missing, reason = _reason(result)
            failure = NotInRepositoryError if is_missing else WordCountError
            raise failure(f"{', '.join(coordinates)}: cannot be fetched ({reason})")
        try:
            (work / "jars").rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process has fetched them meanwhile
                raise
    return sorted(folder.glob("*.jar"))


def _command(java: Java, work: Path, settings: str | Path) -> list[str | Path]:
    options = {
        "-ivy": work / "ivy.xml",
        "-settings": settings,
        "-cache": work / "cache",
        "-retrieve": work / "jars" / "[artifact]-[revision].[ext]",
    }
    command: list[str | Path] = [java.executable, *account_options(), "-jar", find_jar("ivy")]
    return command + [part for option in options.items() for part in option]


def _module(coordinates: Sequence[str], without: Sequence[str]) -> str:
    wanted = "".join(
        f'<dependency org="{group}" name="{name}" rev="{version}" conf="default->runtime(*),master(*)"/>'
        for group, name, version in (coordinate.split(":") for coordinate in coordinates)
    )
    excluded = "".join(
        f'<exclude org="{group}"' + (f' module="{name}"' if name else "") + "/>"
        for group, _, name in (text.partition(":") for text in without)
    )
    return (
        '<ivy-module version="2.0"><info organisation="wordcount" module="jars"/>'
        '<configurations><conf name="default"/></configurations>'
        f"<dependencies>{wanted}{excluded}</dependencies></ivy-module>"
    )


def _settings(repositories: Sequence[str]) -> str:
    first = "".join(
        f'<ibiblio name="r{number}" m2compatible="true" root={quoteattr(address)}/>'
        for number, address in enumerate(repositories)
    )
    return (
        '<ivysettings><settings defaultResolver="all"/><resolvers><chain name="all" returnFirst="true">'
        f'{first}<ibiblio name="central" m2compatible="true"/></chain></resolvers></ivysettings>'
    )


def _reason(result: "subprocess.CompletedProcess[str]") -> tuple[bool, str]:
    """Return whether the repositories lack an artifact, and why a fetch failed, in the words of the resolver."""
    lines = [line.strip() for line in (result.stdout + result.stderr).splitlines()]
    # The resolver also says "not found" if it could not ask.
    if failures := [line for line in lines if _FAILURE.match(line)]:
        return False, failures[0]
    if missing := [line for line in lines if _MISSING.match(line)]:
        return True, missing[0]
    return False, start_failure(result.stderr, os.environ) or "no reason given"
