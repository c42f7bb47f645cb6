"""What a fetch that was killed leaves is removed by the next."""

import os
from pathlib import Path

from streaming.spark import maven
from streaming.spark.java import Java
from streaming.spark.temp_folder import temp_folder


def test_jars_half_fetched_by_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / ".fetching-abandoned" / "cache").mkdir(parents=True)
    with temp_folder(tmp_path, ".fetching-") as living:
        assert maven.fetch(Java(Path("java"), "17", "PATH"), [], tmp_path / "jars") == []

        assert sorted(os.listdir(tmp_path)) == sorted([living.name, "jars"])
