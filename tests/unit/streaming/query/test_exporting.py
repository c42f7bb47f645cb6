"""Snapshots for those who ask the page."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from producer.common.errors import WordCountError
from streaming.query.watching import exporting
from streaming.query.watching.exporting import Exporter
from tests.support.made_checkpoint import write_log
from tests.support.processes import PATIENCE, wait_until


class _Exports:
    """An exporter whose files are written while ``may_write`` is set."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.checkpoint = folder / "checkpoint"
        self.written: list[str] = []
        self.may_write = threading.Event()
        self.may_write.set()
        (folder / "exports").mkdir()
        patch.setattr(exporting, "save", self._save)
        state, snapshots = SimpleNamespace(checkpoint=self.checkpoint), SimpleNamespace(counts=lambda: None)
        self.write = Exporter(folder / "exports", cast("Any", state), cast("Any", snapshots))

    def commit(self, batch: int) -> None:
        write_log(self.checkpoint / "commits", str(batch), ["{}"])

    def _save(self, _: object, file: Path, _format: str) -> None:
        self.written.append(file.name)
        assert self.may_write.wait(PATIENCE)
        file.write_text("counts")


@pytest.fixture
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Exports:
    return _Exports(tmp_path, monkeypatch)


def test_each_format_is_written_once_a_batch_and_older_batches_go(exports: _Exports) -> None:
    exports.commit(0)
    files = [exports.write(format_name) for format_name in ("csv", "json", "csv", "json")]
    assert exports.written == ["counts-0.csv", "counts-0.json"]
    exports.commit(1)
    exports.write("csv")
    assert all(file.exists() for file in files), "an answer may be about to open it"
    exports.commit(2)
    exports.write("csv")
    assert not any(file.exists() for file in files)


def test_one_is_written_and_one_waits_and_the_end_awaits_the_first_alone(exports: _Exports) -> None:
    exports.commit(0)
    exports.may_write.clear()
    refused: list[WordCountError] = []

    def write(format_name: str) -> None:
        try:
            exports.write(format_name)
        except WordCountError as error:
            refused.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("csv", "json", "text")]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(refused) == 1, "the third, which is refused")
    assert "other exports" in str(refused[0])
    closing = threading.Thread(target=exports.write.close)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive()
    exports.may_write.set()
    for thread in (closing, *threads):
        thread.join(PATIENCE)
    with pytest.raises(WordCountError, match="the stream ends"):
        exports.write("csv")
