"""Fetching jars: what a killed fetch leaves is removed by the next, and why a fetch fails."""

import os
from pathlib import Path

import pytest

from producer.common.errors import WordCountError
from streaming.spark import maven
from streaming.spark.java import Java, find_java
from streaming.spark.temp_folder import temp_folder


def test_jars_half_fetched_by_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / ".fetching-abandoned" / "cache").mkdir(parents=True)
    with temp_folder(tmp_path, ".fetching-") as living:
        assert maven.fetch(Java(Path("java"), "17", "PATH"), [], tmp_path / "jars") == []

        assert sorted(os.listdir(tmp_path)) == sorted([living.name, "jars"])


_IVY = """<ivysettings><settings defaultResolver="one"/><resolvers>{}</resolvers></ivysettings>"""
_EMPTY = '<filesystem name="one"><artifact pattern="/nowhere/[artifact].[ext]"/></filesystem>'
_CLOSED = '<ibiblio name="one" m2compatible="true" root="http://127.0.0.1:9/"/>'


@pytest.mark.parametrize(("resolver", "is_missing"), [(_EMPTY, True), (_CLOSED, False)])
def test_an_artifact_that_is_not_there_differs_from_a_repository_that_does_not_answer(
    tmp_path: Path, resolver: str, *, is_missing: bool
) -> None:
    (tmp_path / "ivy.xml").write_text(_IVY.format(resolver))
    with pytest.raises(WordCountError, match="a:b:1: cannot be fetched") as caught:
        maven.fetch(find_java(os.environ), ["a:b:1"], tmp_path / "jars", settings=str(tmp_path / "ivy.xml"))
    assert isinstance(caught.value, maven.NotInRepositoryError) == is_missing
    assert ("ConnectException" in str(caught.value)) != is_missing
