"""``top``, ``get`` and ``export``: next to a running stream, and after it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.processes import command
from tests.support.warm import WarmStream, run_warm

FAILED, WRONG = 1, 2
_WHICH = r"wordcount: the counts after batch \d+, of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^ ]+\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b'to be or "not" to be,\nb b b b\n')
    return tmp_path


def test_counts_of_a_running_stream_and_after_its_end(folder: Path) -> None:
    with WarmStream(folder / "in", "--output", folder / "out of it", "--trigger", "0s") as stream:
        stream.wait_for(to=2, b=4)
        top = run_warm("top", folder / "out of it", "-n", "2")
        assert (top.returncode, top.stdout) == (0, "b: 4\nto: 2\n")
        assert re.fullmatch(_WHICH, top.stderr)
        (folder / "in" / "b.txt").write_bytes(b"to to to\n")
        stream.wait_for(to=5)
        assert run_warm("get", folder / "out of it", "to", "none", "be,").stdout == "to: 5\nnone: 0\nbe,: 1\n"
        assert stream.stop() == 0
    csv = run_warm("export", folder / "out of it")
    assert csv.stdout.splitlines() == ["word,count", "to,5", "b,4", '"""not""",1', "be,1", '"be,",1', "or,1"]
    assert re.fullmatch(_WHICH, csv.stderr)


def test_every_format_from_a_state_in_a_folder_of_its_own(folder: Path) -> None:
    output, state = folder / "out", folder / "state"
    stream = run_warm(
        "stream", "in", "--output", "out", "--checkpoint", "state", "--state-store", "rocksdb", "--once", cwd=folder
    )
    assert stream.returncode == 0
    lines = run_warm("export", output, "--format", "json").stdout.splitlines()
    assert json.loads(lines[0]) == {"word": "b", "count": 4}
    assert len(lines) == 6
    with (folder / "counts.parquet").open("wb") as file:
        subprocess.run([command("wordcount"), "export", state, "--format", "parquet"], stdout=file, check=True)
    parquet = (folder / "counts.parquet").read_bytes()
    assert (parquet[:4], parquet[-4:]) == (b"PAR1", b"PAR1")


@pytest.mark.parametrize("asked", [["top", "{}"], ["get", "{}", "a"], ["export", "{}"]])
def test_a_folder_without_state_is_refused(in_process: InProcess, folder: Path, asked: list[str]) -> None:
    result = in_process(*(part.format(folder) for part in asked))
    assert (result.returncode, result.stderr.count("\n"), result.stdout) == (WRONG, 1, ""), result.stderr
    assert f"{folder}: holds no state; give the --output or the --checkpoint" in result.stderr
