"""Whatever is appended in whatever pieces, with looks, renames and restarts in between, counts once."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.reference import count
from tests.unit.watched import Watched

_NAMES = st.integers(0, 2)
_PIECE = st.lists(
    st.sampled_from([b"\n", b"\r", b" ", b"a", b"bc", b"\xef\xbb\xbf", b"\xed\x95", b"\x9c", b"long " * 9]),
    min_size=1,
    max_size=5,
).map(b"".join)
_STEP = (
    st.tuples(st.just("append"), _NAMES, _PIECE)
    | st.tuples(st.just("look"), st.none(), st.none())
    | st.tuples(st.just("restart"), st.none(), st.none())
    | st.tuples(st.just("rename"), _NAMES, st.none())
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_STEP, max_size=25), st.sampled_from([float("inf"), 0.02, 1e-12]), st.none() | st.integers(1, 2))
def test_every_byte_appended_counts_once(
    steps: list[tuple[str, int, bytes]], whole_looks: float, chunk_lines: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as root:
        patch.setattr("producer.folder._FULL_LOOK_SHARE", whole_looks)
        patch.setattr("producer.directory.DirectoryTarget.chunk_bytes", 32)
        patch.setattr("producer.pieces._READ_BYTES", 8)
        patch.setattr("os.fsync", lambda *_: None)  # no power cut here
        contents = [b"", b"", b""]
        names = ["0-0", "1-0", "2-0"]
        watched = Watched(Path(root), settle=3600, chunk_lines=chunk_lines)
        for number, (step, index, piece) in enumerate(steps):
            if step == "append":
                watched.append(names[index], piece)
                contents[index] += piece
            elif step == "look":
                watched.look()
            elif step == "restart":
                watched.restart()
            elif watched.path(names[index]).exists():
                before, names[index] = names[index], f"{index}-{number}"
                watched.path(before).rename(watched.path(names[index]))
        watched.restart(settle=0)
        watched.look()
        watched.close()

        assert watched.counts == count(*contents)
