"""``wordcount --help`` starts without what only counting needs."""

from tests.unit.test_layers import loaded_by


def test_the_commands_load_spark_only_when_they_count() -> None:
    loaded = loaded_by("streaming.cli.app", "streaming.__main__")

    assert "streaming.cli.stream" in loaded
    assert (
        not {"pyspark", "py4j", "kafka", "javaproperties", "rich", "tzlocal", "pydoc_data", "streaming.query.runner"}
        & loaded
    )
