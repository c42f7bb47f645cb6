"""Which names may belong to a log."""

import pytest

from producer.discovery import patterns
from producer.discovery.patterns import Glob, Paths


@pytest.mark.parametrize("wanted", [Paths(["/logs/app.log", "/logs/app.err"]), Glob("/logs/app*.log")], ids=str)
def test_names_with_another_prefix_cost_next_to_nothing(wanted: Paths | Glob, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wanted.accepts("app-2026-11-23.log.1.gz")
    monkeypatch.setattr(patterns, "origins", lambda _: pytest.fail("the origins are computed"))
    assert not wanted.accepts("session-2026-11-23.log")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("/app.l*", "app-2026-11-23.log"), ("/a.b.log", "a.b-2026-11-23.log.1"), ("/.log", ".log.1"), ("/app", "app.gz")],
)
def test_every_name_of_a_log_has_the_prefix(pattern: str, name: str) -> None:
    wanted = Glob(pattern) if "*" in pattern else Paths([pattern])
    assert wanted.accepts(name)
