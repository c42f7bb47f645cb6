"""What docs/serve.md shows is what the page answers."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import generate_latest

from streaming.live_counts.counts import Progress
from streaming.live_counts.windows import LastWindows
from streaming.serving.metrics import registry
from streaming.serving.status import Vitals
from streaming.spark.metrics import BatchTotals, PreviousBatch
from tests.support.pages import ROOT, blocks
from tests.support.served import count, running, served

_EXAMPLES = [
    (match[1], match[2])
    for block in blocks("docs/serve.md", "text")
    for match in re.finditer(r"^GET (\S+)\n(.*?)(?=^GET |\Z)", block.text, re.DOTALL | re.MULTILINE)
]


@pytest.mark.parametrize(("path", "shown"), _EXAMPLES, ids=[path for path, _ in _EXAMPLES])
def test_the_examples_are_what_the_page_answers(path: str, shown: str) -> None:
    status = running()
    status.source = "hamlet.txt"
    count(status, {"to": 2, "be": 2, "or": 1, "not": 1}, lines=2)
    if "windows" in path:
        start = datetime(2026, 11, 29, 10, tzinfo=UTC)
        status.windows = LastWindows()
        status.windows.close([(start, start + timedelta(minutes=1), *row) for row in (("be", 2), ("or", 1))])
    pattern = ".*".join(map(re.escape, shown.strip().split("...")))
    with served(status) as page, page.stream("GET", path) as answer:
        received = ""
        for part in answer.iter_text():
            received += part
            if re.fullmatch(pattern, received.strip(), re.DOTALL):
                return
    pytest.fail(received)


def _metric_names() -> set[str]:
    """Return the names of all metrics that a stream can have."""
    status = running(a=1)
    status.vitals = Vitals(time.monotonic(), 0.0, 1, 1, 0, {("lines", 0): 3}, 0, 0, free_bytes=1)
    assert status.counts is not None
    status.counts.update([], BatchTotals(0, 0, 1), PreviousBatch(0.1, records_behind=3))
    status.progress = lambda: Progress(1, 0.1)
    status.note("warning: a.log: gone", "files")
    return set(re.findall(r"^# TYPE (\w+)", generate_latest(registry(status)).decode(), re.MULTILINE))


def test_every_metric_is_explained_and_every_one_that_is_explained_exists() -> None:
    text = (ROOT / "docs" / "serve.md").read_text("utf-8")
    assert set(re.findall(r"`(wordcount_\w+)`", text)) == {
        name for name in _metric_names() if name.startswith("wordcount_")
    }


def test_the_dashboard_shows_metrics_that_exist() -> None:
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text("utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    names = {
        name.removesuffix("_bucket") for text in shown for name in re.findall(r"\b(?:wordcount|process)_\w+", text)
    }
    assert len(names) > 15
    assert names - _metric_names() == set()
