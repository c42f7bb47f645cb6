from pathlib import Path

from streaming.sinks.files import remove_unfinished
from streaming.spark.temp_folder import temp_folder


def test_files_that_a_killed_process_was_writing_are_removed_and_those_of_a_living_one_are_not(tmp_path: Path) -> None:
    folders = [tmp_path, tmp_path / "changes", tmp_path / "windows"]
    for folder in folders:
        (folder / ".writing-counts.txt.abc" / "files").mkdir(parents=True)
    with temp_folder(tmp_path, ".writing-") as living:
        remove_unfinished(tmp_path)

        assert [path for folder in folders for path in folder.glob(".writing-*")] == [living]
