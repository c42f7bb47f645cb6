import os
from pathlib import Path

import pytest

from streaming.errors import StateError
from streaming.state import checkpoint
from tests.support.made_checkpoint import entry, make, write_log


def chunk(tmp_path: Path, number: int) -> Path:
    return tmp_path / "a spool%41#" / f"chunk-{number}.txt"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A checkpoint of 13 offsets, one file each, of which 12 are committed."""
    entries = [entry(chunk(tmp_path, number), number) for number in range(13)]
    sources = {str(number): [entries[number]] for number in (7, 8, 10, 11, 12)} | {"9.compact": entries[:10]}
    make(tmp_path / "checkpoint", sources, offsets=range(13), committed=12)
    return tmp_path / "checkpoint"


def test_the_last_commit_is_the_greatest_number_not_the_last_name(made: Path) -> None:
    assert checkpoint.last_commit(made) == 11


@pytest.mark.parametrize("folder", ["", "commits"])
def test_before_the_first_batch_nothing_is_committed(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(exist_ok=True)

    assert checkpoint.last_commit(tmp_path) is None
    assert checkpoint.log_offset(tmp_path, None) == -1
    assert list(checkpoint.source_files(tmp_path, after=-1)) == []
    checkpoint.trim(tmp_path)


def test_the_offset_is_that_of_the_batch(tmp_path: Path) -> None:
    make(tmp_path, {}, offsets=[4, 5, 9], committed=2)

    assert checkpoint.log_offset(tmp_path, 1) == 5


@pytest.mark.parametrize(("offsets", "offset"), [("-\n-", -1), ('-\n{"logOffset":3}', -1), ('{"logOffset":2}\n-', 2)])
def test_the_offset_is_that_of_the_first_source(made: Path, offsets: str, offset: int) -> None:
    (made / "offsets" / "11").write_text(f"v1\n{{}}\n{offsets}", "utf-8")

    assert checkpoint.log_offset(made, 11) == offset


def test_each_file_is_forced_to_the_disk_once(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(os.readlink(f"/proc/self/fd/{file}")), fsync(file)))
    files = checkpoint.SyncedFiles(made)
    files.sync()
    first, synced[:] = set(synced), []
    (made / "commits" / "12").write_text("v1\n{}", "utf-8")
    (made / "commits" / ".12.4711.tmp").write_text("v1\n{}", "utf-8")
    files.sync()

    assert first >= {str(path) for path in made.rglob("*") if ".tmp" not in path.name} - {synced[0]}
    assert synced == [str(made / "commits" / "12"), str(made / "commits")]


def test_temporary_files_and_checksums_are_not_batches(made: Path) -> None:
    (made / "commits" / ".12.4711.tmp").write_text("v1\n{}", "utf-8")

    assert checkpoint.last_commit(made) == 11


@pytest.mark.parametrize("damaged", ["", "v1", "v1\n{}\n{", "v1\n{}\n+", "v1\n{}\n{}", 'v1\n{}\n{"logOffset":null}'])
def test_damaged_offsets_are_refused_with_their_path(made: Path, damaged: str) -> None:
    (made / "offsets" / "11").write_text(damaged, "utf-8")

    with pytest.raises(StateError, match=r"offsets/11 is damaged .*restore the state folder"):
        checkpoint.log_offset(made, 11)


@pytest.mark.parametrize("damage", ["missing", "no text"])
def test_unreadable_offsets_are_refused_with_their_path(made: Path, damage: str) -> None:
    (made / "offsets" / "11").unlink()
    if damage == "no text":
        (made / "offsets" / "11").write_bytes(b"\xff")

    with pytest.raises(StateError, match="offsets/11 cannot be read"):
        checkpoint.log_offset(made, 11)


def test_each_source_file_has_its_own_offset(made: Path, tmp_path: Path) -> None:
    files = list(checkpoint.source_files(made, after=8))

    assert files == [(chunk(tmp_path, number), number) for number in (9, 10, 11, 12)]


@pytest.mark.parametrize("damaged", ["", "v1\n{", "v1\n{}", "v1\n[]"])
@pytest.mark.parametrize("name", ["9.compact", "12"])
def test_a_damaged_log_of_the_source_is_refused_with_its_path(made: Path, damaged: str, name: str) -> None:
    (made / "sources" / "0" / name).write_text(damaged, "utf-8")

    with pytest.raises(StateError, match=f"sources/0/{name}"):
        list(checkpoint.source_files(made, after=-1))


def test_trim_keeps_the_files_of_the_last_offsets(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "KEPT_OFFSETS", 3)
    compact = made / "sources" / "0" / "9.compact"
    version, *entries = compact.read_text("utf-8").splitlines()

    checkpoint.trim(made)

    assert compact.read_text("utf-8") == "\n".join([version, *entries[7:]])
    assert sorted(path.name for path in compact.parent.glob("[0-9]*")) == ["10", "11", "12", "7", "8", "9.compact"]


def test_trim_leaves_no_temporary_file(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "KEPT_OFFSETS", 3)
    checkpoint.trim(made)

    assert list((made / "sources" / "0").glob(".*.tmp")) == []


def test_trim_removes_the_checksum_before_it_replaces_the_file(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "KEPT_OFFSETS", 3)
    checksum = made / "sources" / "0" / ".9.compact.crc"
    there = []
    monkeypatch.setattr(Path, "replace", lambda *_: there.append(checksum.exists()))

    checkpoint.trim(made)

    assert there == [False]


def test_trim_takes_the_last_of_several_compact_files(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "KEPT_OFFSETS", 3)
    folder = made / "sources" / "0"
    before = (folder / "9.compact").read_text("utf-8")
    write_log(folder, "19.compact", [entry(Path("/a"), number) for number in range(20)])

    checkpoint.trim(made)

    assert (folder / "9.compact").read_text("utf-8") == before
    assert len((folder / "19.compact").read_text("utf-8").splitlines()) == 1 + 3


def test_trim_leaves_a_short_log_alone(made: Path) -> None:
    checksum = made / "sources" / "0" / ".9.compact.crc"

    checkpoint.trim(made)

    assert checksum.exists()


def test_trim_refuses_a_damaged_log_with_its_path(made: Path) -> None:
    (made / "sources" / "0" / "9.compact").write_text("", "utf-8")

    with pytest.raises(StateError, match=r"sources/0/9\.compact"):
        checkpoint.trim(made)


@pytest.mark.parametrize("batch", [9, 11])
def test_a_batch_has_the_files_after_those_of_the_one_before(made: Path, tmp_path: Path, batch: int) -> None:
    assert list(checkpoint.batch_files(made, batch)) == [chunk(tmp_path, batch)]


def test_the_first_batch_may_have_several_files(tmp_path: Path) -> None:
    sources = {str(number): [entry(chunk(tmp_path, number), number)] for number in range(4)}
    make(tmp_path / "checkpoint", sources, offsets=[2, 3], committed=0)
    assert list(checkpoint.batch_files(tmp_path / "checkpoint", 0)) == [chunk(tmp_path, number) for number in range(3)]
