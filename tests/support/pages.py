"""The pages a user reads, and the commands they show."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.support.processes import PATIENCE, wait_until

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
}

#: A fence of a block, with its kind and a note behind it.
_BLOCK = re.compile(r"^```(?P<kind>\w*)(?P<note>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_NOT_RUN = "not-run:"


class Block(NamedTuple):
    """A fenced block of a page.

    Attributes:
        kind: the language, the first word of the info string.
        note: the rest of the info string: ``broker``, ``not-run: REASON`` or nothing.
        text: what is inside the fences.
    """

    kind: str
    note: str
    text: str

    @property
    def needs_broker(self) -> bool:
        return self.note == "broker"

    @property
    def reason(self) -> str | None:
        """Why the block is not run, None if it is run."""
        return self.note.removeprefix(_NOT_RUN).strip() if self.note.startswith(_NOT_RUN) else None


class Session(NamedTuple):
    """A command line, and what a terminal shows below it; ``...`` stands for anything."""

    line: str
    output: str


def blocks(page: str, kind: str | None = None) -> list[Block]:
    """Return the fenced blocks of a page, those of one kind or all."""
    found = [
        Block(match["kind"], match["note"].strip(), match["text"])
        for match in _BLOCK.finditer(PAGES[page].read_text("utf-8"))
    ]
    return [block for block in found if kind is None or block.kind == kind]


def prose(page: str) -> str:
    """Return a page without its fenced blocks."""
    return _BLOCK.sub("", PAGES[page].read_text("utf-8"))


def sessions(page: str, *, broker: bool) -> list[Session]:
    """Return the commands of a page that are run, those that need a broker or the others."""
    return [
        Session(*(part.partition("\n")[::2]))
        for block in blocks(page, "console")
        if block.reason is None and block.needs_broker == broker
        for part in re.split(r"^\$ ", re.sub(r"\\\n\s*", "", block.text), flags=re.MULTILINE)[1:]
    ]


def check_session(session: Session, folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command in a folder, and compare stdout and stderr with what is shown; at ``^C``, interrupt it."""
    printed = folder.with_name(f"{folder.name}.printed")  # not in the folder, which the command may list
    with printed.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "-c", session.line],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches all processes in the foreground of a terminal
        )
    try:
        before, interrupted, after = session.output.partition("^C\n")
        if interrupted:
            wait_until(
                lambda: process.poll() is not None or _matches(before, printed.read_text("utf-8")),
                f"{before!r} of {session.line}",
            )
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=PATIENCE)
    text = printed.read_text("utf-8")
    assert _matches(before + after, text), (session.line, text)


def _matches(shown: str, printed: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in shown.split("...")), printed, re.DOTALL) is not None
