from pathlib import Path

from streaming.sinks.files import remove_undone, remove_unfinished
from streaming.spark.temp_folder import temp_folder


def test_files_that_a_killed_process_was_writing_are_removed_and_those_of_a_living_one_are_not(tmp_path: Path) -> None:
    folders = [tmp_path, tmp_path / "changes", tmp_path / "windows"]
    for folder in folders:
        (folder / ".writing-counts.txt.abc" / "files").mkdir(parents=True)
    with temp_folder(tmp_path, ".writing-") as living:
        remove_unfinished(tmp_path)

        assert [path for folder in folders for path in folder.glob(".writing-*")] == [living]


def test_files_of_batches_that_were_undone_are_removed(tmp_path: Path) -> None:
    names = ["changes/000000001.txt", "changes/000000002.csv", "windows/000000001.txt", "windows/notes.txt"]
    for name in (*names, "counts.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    remove_undone(tmp_path, 1)

    assert [name for name in names if (tmp_path / name).exists()] == [names[0], names[2], names[3]]
    assert (tmp_path / "counts.txt").exists()
