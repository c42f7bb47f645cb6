"""Parsers take any bytes: those on which they have failed once, and those that a fuzzer makes up."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import SEEDS, TARGETS
from tests.support.rounds import rounds

_CASES = Path(__file__).with_name("cases")
_SECONDS = rounds(8)


@pytest.mark.parametrize("case", sorted(_CASES.glob("*/*")), ids=lambda case: f"{case.parent.name}/{case.name}")
def test_what_has_failed_once(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_fuzzer_makes_up(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")  # comes for some machines only
    (tmp_path / "corpus").mkdir()
    for number, seed in enumerate(SEEDS[target]):
        (tmp_path / "corpus" / str(number)).write_bytes(seed)
    options = [f"-max_total_time={_SECONDS}", "-max_len=4096", f"-artifact_prefix={tmp_path}/", "-timeout=20"]
    folders = [str(tmp_path / "corpus"), *map(str, _CASES.glob(target))]
    fuzzer = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, *options, *folders], capture_output=True, text=True, check=False
    )
    assert fuzzer.returncode == 0, f"keep {list(tmp_path.glob('*-*'))} in {_CASES / target}: {fuzzer.stderr[-3000:]}"
    assert "Done" in fuzzer.stderr, fuzzer.stderr[-3000:]
