"""The golden table, with a restart between every two lines."""

import pytest

from tests.support.golden import GOLDEN, Golden
from tests.support.watched import Watched


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_a_restart_between_every_two_lines(watched: Watched, golden: Golden) -> None:
    watched.restart(settle=3600)
    watched.write("a", b"")
    for line in golden.data.splitlines(keepends=True):
        watched.append("a", line)
        watched.poll()
        watched.restart()
    watched.restart(settle=0)

    assert watched.poll() == golden.counts
