"""How many cores the executors of a cluster have."""

import pytest

from streaming.query.executors import promised_cores


@pytest.mark.parametrize(
    ("chosen", "cores"),
    [
        ({"spark.master": "spark://a:7077", "spark.cores.max": "6"}, 6),
        ({"spark.master": "spark://a:7077"}, None),
        ({"spark.master": "yarn"}, None),
        ({"spark.master": "k8s://a", "spark.executor.instances": "3"}, 3),
    ],
)
def test_what_a_cluster_promises(chosen: dict[str, str], cores: int | None) -> None:
    assert promised_cores(chosen) == cores
