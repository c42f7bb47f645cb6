import pytest

from producer.common.errors import UsageError
from streaming.sinks.formats import check_format, file_name


@pytest.mark.parametrize(
    ("name", "file"),
    [("text", "counts.txt"), ("csv", "counts.csv"), ("json", "counts.json"), ("parquet", "counts.parquet")],
)
def test_each_format_has_its_file_name(name: str, file: str) -> None:
    check_format(name)
    assert file_name("counts", name) == file


@pytest.mark.parametrize("name", ["txt", "", "TEXT", "orc"])
def test_an_unknown_format_is_refused_with_the_ones_there_are(name: str) -> None:
    with pytest.raises(UsageError, match="is unknown; take one of text, csv, json, parquet") as caught:
        check_format(name)

    assert f"--format {name!r}" in str(caught.value)
