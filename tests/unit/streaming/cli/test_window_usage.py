"""What ``wordcount`` refuses about windows of time before it starts Java."""

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.refusals import assert_refused


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["stream", "--slide", "1m"], ["--slide is for windows", "--window 5m"]),
        (["stream", "--late", "1m"], ["--late is for windows", "--window 5m"]),
        (["stream", "--time-zone", "UTC"], ["--time-zone is for windows"]),
        (["stream", "--window", "5"], ["--window '5' is not a duration"]),
        (["stream", "--window", "500ms"], ["--window '500ms'", "whole seconds"]),
        (["stream", "--window", "0s"], ["--window '0s'", "from 1s to"]),
        (["stream", "--window", "999999999d"], ["--window '999999999d'", "from 1s to"]),
        (["stream", "--window", "1m", "--slide", "2m"], ["--slide 120s is longer than --window 60s"]),
        (["stream", "--window", "1h", "--slide", "1s"], ["--slide 1s", "3,600 windows", "longer"]),
        (["stream", "--window", "1m", "--late", "2m"], ["--late is for times in lines", "--time-format"]),
        (
            ["stream", "--window", "1m", "--time-format", "iso", "--untimed", "drop"],
            ["--untimed 'drop' is not one of"],
        ),
        (["stream", "--window", "1m", "--time-format", "HH:mm"], ["--time-format 'HH:mm'", "--time-regex"]),
        (["stream", "--window", "1m", "--time-format", "iso", "--time-zone", "Mars"], ["--time-zone 'Mars'", "UTC"]),
        (
            ["batch", "--window", "1m", "--time-format", "iso", "--time-zone", "Factory"],
            ["--time-zone 'Factory'", "UTC"],
        ),
        (["stream", "--window", "1m", "--time-zone", "localtime"], ["--time-zone 'localtime' is unknown"]),
        (["stream", "--window", "1m", "--output", "out", "--changes"], ["--changes", "once, when it is closed"]),
        (["batch", "--window", "1m"], ["--window", "--time-format"]),
        (
            ["batch", "--window", "1m", "--time-format", "iso", "--late", "1m"],
            ["--late is for a stream", "leave it out"],
        ),
        (["batch", "--untimed", "aside"], ["--untimed is for a stream", "leave it out"]),
    ],
)
def test_window_options_that_do_not_apply_are_refused(
    in_process: InProcess, tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    (tmp_path / "in").mkdir()
    assert_refused(in_process(*arguments[:1], "in", *arguments[1:], cwd=tmp_path), *parts)
