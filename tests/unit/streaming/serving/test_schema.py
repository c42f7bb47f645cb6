"""The page answers as docs/openapi.json says, whatever it is asked."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from streaming.live_counts.windows import LastWindows
from streaming.serving.status import Vitals
from tests.support.pages import ROOT
from tests.support.served import running, served, updates

_SCHEMA = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
_API = schemathesis.openapi.from_dict(_SCHEMA)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    status = running(**{"a": 1, "error": 2, "<b>": 3})
    start = datetime(2026, 11, 29, 10, tzinfo=UTC)
    status.windows = LastWindows()
    status.windows.note_open([(start, start + timedelta(minutes=1), "a", 2)])
    snapshot = tmp_path_factory.mktemp("snapshot") / "counts.csv"
    snapshot.write_text("word,count\na,1\n")
    status.export = lambda _: snapshot
    status.vitals = Vitals(measured_at=time.monotonic() + 3600, committed_at=0.0)
    with served(status) as client:
        yield client


@_API.exclude(path="/api/events").parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_schema_says(case: schemathesis.Case, page: httpx.Client) -> None:
    case.call_and_validate(base_url=str(page.base_url))


def test_every_update_is_as_the_schema_says(page: httpx.Client) -> None:
    with page.stream("GET", "/api/events?n=3&pin=a&pin=none") as events:
        update = next(updates(events))
    jsonschema_rs.validate({**_SCHEMA, "$ref": "#/components/schemas/Update"}, update)
    assert update["windows"] is not None
