"""Everything the README shows is run here, and prints what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, command, wait_until
from tests.support.terminal import Terminal

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text("utf-8")


def environment() -> dict[str, str]:
    """Return that of this test, with the commands first in the path."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def sessions(*, kafka: bool) -> list[tuple[str, str]]:
    """Return each command shown that needs a broker, or each that does not, with what is shown below it."""
    blocks = re.findall(r"```console\n(.*?)```", _README, re.DOTALL) + re.findall(
        r"\n\n((?:    .*\n)*    \$ .*\n(?:    .*\n)*)", _README
    )
    shown = []
    for block in blocks:
        text = re.sub(r"^    ", "", block, flags=re.MULTILINE)
        for session in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            if ("kafka://" in command) == kafka:
                shown.append((command, output))
    return shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "hamlet.txt").write_text("to be or\nnot to be\n")
    return folder


def check_session(line: str, output: str, folder: Path) -> None:
    """Run a command in a folder, and hold what it prints, errors too, to what is shown; ``...`` is anything."""
    result = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    expected = ".*".join(re.escape(part) for part in output.split("..."))
    assert re.fullmatch(expected, result.stdout), (line, result.stdout)


def test_the_commands_print_what_is_shown(folder: Path) -> None:
    shown = sessions(kafka=False)
    assert len(shown) >= 12
    for line, output in shown:
        check_session(line, output, folder)


def test_the_live_view_looks_as_shown(folder: Path) -> None:
    (shown,) = re.findall(r"redrawn in place:\n\n((?:    .*\n|\n)+)", _README)
    totals, heading, *_, foot = (line.split() for line in shown.splitlines() if line.strip())
    with Terminal(80, 14, command("wordcount"), "stream", folder / "inbox") as terminal:
        wait_until(lambda: terminal.shows("distinct") and terminal.shows("be", "2"), "the table")
        screen = [line.split() for line in terminal.lines]
        terminal.press("q")
        assert terminal.process.wait(timeout=PATIENCE) == 0
    assert heading in screen
    assert screen[-1] == foot
    words = [re.sub(r"[\d.,]+", "N", " ".join(line)) for line in screen]
    assert re.sub(r"[\d.,]+", "N", " ".join(totals)) in words[0]
    assert [line[0] for line in screen[-3:-1]] == ["new", "rising"]


def test_the_program_runs(folder: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", _README, re.DOTALL)
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_commands_of_make_are_there() -> None:
    for target in ("demo", "test"):
        assert f"make {target}" in _README
        result = subprocess.run(["make", "--dry-run", target], cwd=_ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr


def test_every_option_shown_exists() -> None:
    wide = {**environment(), "COLUMNS": "200"}
    help_texts = "".join(
        subprocess.run([sys.executable, "-m", package, *name, "--help"], cwd=_ROOT, env=wide,
                       capture_output=True, text=True, check=True).stdout
        for package, name in (("streaming", ["stream"]), ("streaming", ["batch"]), ("streaming", []), ("producer", []))
    )  # fmt: skip
    shown = _README + (_ROOT / "docs" / "live-logs.md").read_text("utf-8")
    for option in set(re.findall(r"(--[a-z][a-z-]+)", re.sub(r"docker compose[^`\n]*", "", shown))):
        assert option in help_texts, option
