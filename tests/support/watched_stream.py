"""A stream that watches a folder, for tests that change files there."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.processes import Stream, unprivileged
from tests.support.reference import parsed_file


class WatchedFolder(NamedTuple):
    """A folder, the stream that watches it, and the stream's output."""

    folder: Path
    stream: Stream
    output: Path

    def move_in(self, name: str, content: bytes) -> Path:
        """Put a whole file into the folder, as ``mv`` does."""
        source = self.folder.parent / "outside"
        source.write_bytes(content)
        return source.rename(self.folder / name)


@contextmanager
def watching(base: Path) -> Iterator[WatchedFolder]:
    """Watch a folder in ``base`` during the block. At the end the counts must be those the tests waited for."""
    folder, output = base / "in", base / "out"
    folder.mkdir()
    arguments = [folder, "--output", output, "--trigger", "0s", "--settle", "1s", "--snapshot-interval", "1s"]
    with Stream(*arguments, prefix=unprivileged()) as stream:
        (folder / "first.txt").write_text("first\n")
        stream.wait_for(first=1)
        yield WatchedFolder(folder, stream, output)
        assert stream.stop(signal.SIGINT) == 0
        assert any("the same command continues" in line for line in stream.messages)
        # The last snapshot is the sum of everything printed, and holds nothing that no test expected.
        assert parsed_file(output / "counts.txt") == stream.counts
