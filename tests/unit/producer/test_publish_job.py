"""Publishing files until all is read."""

import gzip

import pytest

from producer import publish_job
from producer.common.errors import WordCountError
from producer.follower import FollowerOptions
from producer.targets.directory import DirectoryTarget
from tests.support.watched import Watched


@pytest.mark.parametrize("content", [gzip.compress(b"one\n"), b"no longer compressed"], ids=["as it was", "broken"])
def test_an_error_of_the_target_names_where_the_safe_lines_end(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = watched.write("a.gz", gzip.compress(b"one\n"))

    def refuse(*_: object) -> bool:
        path.write_bytes(content)
        raise WordCountError("the broker is gone")

    monkeypatch.setattr(publish_job, "allow_open_files", lambda: None)
    monkeypatch.setattr(DirectoryTarget, "publish", refuse)

    with pytest.raises(WordCountError, match=r"^the broker is gone; all is safe up to (line|byte) 0 of .*/a\.gz, and"):
        publish_job.publish_files([str(path)], watched.target, FollowerOptions(settle=0), None, print)
