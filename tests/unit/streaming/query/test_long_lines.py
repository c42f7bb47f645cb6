"""Which lines a stream may cut, and where it notes what it sets aside."""

from pathlib import Path

import pytest

from streaming.counting.rules import ONE_SPACE, LineTime, Windows, WordRule, cuts_lines
from streaming.query.options import StreamOptions
from streaming.query.spool import SpoolFeeder
from streaming.sources.files import Files
from streaming.spark.settings import settings
from streaming.state.folder import open_state
from streaming.state.manifest import Manifest
from tests.support.processes import wait_until
from tests.support.reference import count

_TIMED = Windows(60, 60, LineTime("iso"))


@pytest.mark.parametrize(
    ("rule", "windows", "expected"),
    [
        (ONE_SPACE, None, True),
        (WordRule(split="whitespace", lowercase=True, normalize=True), None, True),
        (WordRule(split="words", min_length=2, stop_words=frozenset({"a"})), Windows(60, 60), True),
        (WordRule(regex="a b"), None, False),
        (WordRule(match="a"), None, False),
        (WordRule(not_match="a"), None, False),
        (ONE_SPACE, _TIMED, False),
    ],
)
def test_a_line_is_cut_only_where_its_words_stay(rule: WordRule, windows: Windows | None, *, expected: bool) -> None:
    assert cuts_lines(rule, windows) is expected


@pytest.mark.parametrize("rule", [ONE_SPACE, WordRule(match="one")], ids=["cut", "not cut"])
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "temporary"])
def test_what_is_set_aside_is_noted_in_a_state_that_is_kept(tmp_path: Path, rule: WordRule, *, is_kept: bool) -> None:
    (tmp_path / "a").write_bytes(b"one " * 500 + b"x" * 2000 + b" two\nthree\n")
    options = StreamOptions(
        source=Files((str(tmp_path / "a"),)), output=None, format_name="text", trigger=0, once=True, top=None,
        snapshot_interval=0, changes=False, settle=0, depth=None, rule=rule, max_line=1024,
        state_folder=tmp_path / "state" if is_kept else None,
    )  # fmt: skip
    warnings = list[tuple[str, str]]()
    with open_state(tmp_path / "state", Manifest.for_stream("source", settings(None, []), rule)) as state:
        state.begin()
        feeder = SpoolFeeder(state, options.source, options, lambda *one: warnings.append(one))
        feeder.start()
        wait_until(lambda: feeder.has_ended, "the end of the feeder", 10)
        feeder.stop()
        counts = count(*(chunk.read_bytes() for chunk in sorted(state.spool.glob("chunk-*"))))

    assert counts == ({"one": 500, "two": 1, "three": 1} if rule is ONE_SPACE else {"three": 1})
    assert len(warnings) == 1
    assert (tmp_path / "state" / "set-aside" / "notes.txt").exists() is is_kept
