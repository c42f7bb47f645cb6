import pytest

from streaming.sinks.formats import FORMATS, file_name


@pytest.mark.parametrize(
    ("name", "file"),
    [("text", "counts.txt"), ("csv", "counts.csv"), ("json", "counts.json"), ("parquet", "counts.parquet")],
)
def test_each_format_has_its_file_name(name: str, file: str) -> None:
    assert name in FORMATS
    assert file_name("counts", name) == file
