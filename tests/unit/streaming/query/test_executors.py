"""How many cores the executors of a cluster have."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from streaming.query import executors
from streaming.query.executors import cluster_cores, promised_cores


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


@pytest.mark.parametrize(("promised", "cores"), [({"spark.executor.instances": "2"}, 2), ({}, 1)])
def test_executors_that_are_promised_are_waited_for(
    monkeypatch: pytest.MonkeyPatch, promised: dict[str, str], cores: int
) -> None:
    coming = iter([0, 1, 1, 1, 2])
    monkeypatch.setattr(executors, "NEXT_SECONDS", 0.0)
    monkeypatch.setattr(executors, "cores_of", lambda _: next(coming))
    settings = {"spark.master": "k8s://a", **promised}
    spark = SimpleNamespace(
        sparkContext=SimpleNamespace(getConf=lambda: SimpleNamespace(getAll=lambda: list(settings.items())))
    )

    class NoStop:
        def __bool__(self) -> bool:
            return False

        def wait(self, _: float) -> None:
            pass

    assert cluster_cores(cast("Any", spark), cast("Any", NoStop())) == cores
