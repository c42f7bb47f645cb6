"""Every command that README.md and docs/ show is run here, and prints what the page says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import PAGES, blocks, check_session, sessions
from tests.support.processes import PATIENCE, command, wait_until
from tests.support.terminal import Terminal
from tests.support.warm import warm_shell

_WITH_COMMANDS = [page for page in PAGES if sessions(page, broker=False)]
_WITH_PROGRAMS = [page for page in PAGES if blocks(page, "python")]


@pytest.mark.parametrize("page", _WITH_COMMANDS)
def test_the_commands_print_what_is_shown(page: str, tmp_path: Path) -> None:
    (shell := tmp_path / "shell").mkdir()
    (folder := tmp_path / "page").mkdir()
    with warm_shell(shell) as environment:
        for session in sessions(page, broker=False):
            check_session(session, folder, environment)


@pytest.mark.parametrize("page", _WITH_PROGRAMS)
def test_the_programs_run(page: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "hamlet.txt").write_text("to be or\nnot to be\n")
    program = "\n".join(block.text for block in blocks(page, "python"))
    few_tasks = "--master local[2] --conf spark.sql.shuffle.partitions=1 --conf spark.ui.enabled=false pyspark-shell"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYSPARK_SUBMIT_ARGS": few_tasks},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_live_view_looks_as_shown(tmp_path: Path) -> None:
    (shown,) = (block.text for block in blocks("docs/logs.md", "text") if "rising" in block.text)
    (tmp_path / "hamlet.txt").write_text("to be or\nnot to be\n")
    totals, heading, *_, foot = (line.split() for line in shown.splitlines() if line.strip())
    with Terminal(80, 14, command("wordcount"), "stream", tmp_path) as terminal:
        wait_until(lambda: terminal.shows("distinct") and terminal.shows("be", "2"), "the table")
        screen = [line.split() for line in terminal.lines]
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
    assert heading in screen
    assert screen[-1] == foot
    words = [re.sub(r"[\d.,]+", "N", " ".join(line)) for line in screen]
    assert re.sub(r"[\d.,]+", "N", " ".join(totals)) in words[0]
    assert [line[0] for line in screen[-3:-1]] == ["new", "rising"]
