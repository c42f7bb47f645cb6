"""What the page answers, over a real connection."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from streaming.live_counts import trends
from streaming.live_counts.counts import Progress
from streaming.serving.status import Status
from tests.support.processes import PATIENCE
from tests.support.served import ask, count, raw, running, served

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '"now":"',
    "\x1b[31mred\x00\x07",
    "a/b?c=d&e#f",
    "\ufffd\ufffd",
    "한국어",
    "😀" * 100,
    "w" * 10_000,
    "글" * 10_000,
]


def test_the_table_has_the_words_with_the_highest_counts() -> None:
    status = running(a=3, b=9, c=1)
    with served(status) as page:
        answer = page.get("/api/top", params={"n": 2}).json()
        assert [(row["word"], row["count"]) for row in answer["words"]] == [("b", 9), ("a", 3)]
        assert answer["words"][0]["share"] == pytest.approx(9 / 13, abs=1e-6)
        count(status, {"c": 20})
        assert page.get("/api/top", params={"n": 1}).json()["words"][0]["word"] == "c"
        assert page.get("/api/words/a").json()["count"] == 3
        summary = page.get("/api/summary").json()
        assert (summary["lines"], summary["words"], summary["state"]) == (2, 33, "running")
        assert summary["hour"]["words"][-1] + summary["hour"]["words"][-2] == 33


def test_only_words_that_match_are_shown() -> None:
    with served(running(error=2, errors=1, warn=9)) as page:
        for by in ("count", "rate"):
            answer = page.get("/api/top", params={"match": "err", "by": by}).json()
            assert [row["word"] for row in answer["words"]] == ["error", "errors"]
            assert (answer["by"], answer["match"]) == (by, "err")


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word[:12]))
def test_any_word_is_data_and_nothing_else(word: str) -> None:
    with served(running(**{word: 7})) as page:
        status, content = ask(page, f"/api/words/{quote(word, safe='')}")
        assert status == 200
        assert (json.loads(content)["word"], json.loads(content)["count"]) == (word, 7)
        answer = page.get("/api/top")
        assert answer.json()["words"][0]["word"] == word
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'self'"
        assert word not in page.get("/metrics").text


def test_half_of_a_surrogate_pair_does_not_break_the_answer() -> None:
    with served(running(**{"a\ud800b": 7})) as page:
        assert json.loads(page.get("/api/top").content.decode("utf-8"))["words"][0]["word"] == "a?b"


@pytest.mark.parametrize(
    "query",
    [
        *("n=0", "n=501", "n=x", "n=-1", "n=\uff11", "n=000000001999999", "n=" + "9" * 5_000),
        *("by=word", "match=" + "m" * 201, "&".join(["pin=a"] * 7)),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(query: str) -> None:
    with served(running()) as page:
        for path in ("top", "events"):
            answer = page.get(f"/api/{path}?{query}")
            assert answer.status_code == 400
            assert answer.json()["error"]


def test_only_reading_is_allowed() -> None:
    with served(running()) as page:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
            answer = page.request(method, "/api/top", content=b"{}")
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert page.head("/api/top").content == b""
        assert page.request("GET", "/api/top", content=b"body").status_code == 400


def test_paths_that_do_not_exist_and_words_that_were_not_counted_are_404() -> None:
    with served(running()) as page:
        for path in ("/none", "/api/", "/api/words/none", "/api/windows", "/../pyproject.toml", "/page/index.html"):
            answer = page.get(path)
            assert answer.status_code == 404
            assert answer.json()["error"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "127.0.0.1.nip.io"])
def test_a_host_that_is_not_its_own_is_refused(host: str) -> None:
    with served(running()) as page:
        for path in ("/", "/api/top", "/api/events", "/metrics", "/health"):
            answer = page.get(path, headers={"Host": host})
            assert answer.status_code == 421
            assert answer.json()["error"].startswith(f"unknown Host {host!r}")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:9", "LOCALHOST:1", "192.168.0.1", "localhost.:1"])
def test_its_own_names_and_numbers_are_answered(host: str) -> None:
    with served(running()) as page:
        assert page.get("/api/top", headers={"Host": host}).status_code == 200


def test_names_without_a_dot_are_its_own_where_other_machines_reach_it() -> None:
    for host, expected in (("127.0.0.1", 421), ("0.0.0.0", 200)):
        with served(running(), host) as page:
            assert page.get("/health", headers={"Host": "stream:8080"}).status_code in {expected, 503}
            assert page.get("/api/top", headers={"Host": "stream:8080"}).status_code == expected


def test_a_request_that_is_too_long_is_refused() -> None:
    with served(running()) as page:
        assert ask(page, "/api/words/" + "w" * 100_000)[0] == 414
        with raw(page) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000)
            assert connection.recv(1000).split()[1] in {b"400", b"431"}


def test_page_files_are_answered_with_a_tag() -> None:
    with served(running()) as page:
        first = page.get("/")
        assert first.headers["content-type"] == "text/html; charset=utf-8"
        assert first.headers["cache-control"] == "no-cache"
        again = page.get("/", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert page.get("/api/top").headers["cache-control"] == "no-store"


def test_before_anything_is_counted_there_is_nothing_to_show() -> None:
    with served(Status("app.log")) as page:
        assert page.get("/api/top").json()["words"] == []
        assert page.get("/api/summary").json()["state"] == "starting"
        assert page.get("/api/words/a").status_code == 404
        health = page.get("/health")
        assert (health.status_code, health.json()) == (503, {"error": "Spark is starting"})
        assert page.get("/api/export").status_code == 503


def test_an_answer_says_which_stream_it_is_of() -> None:
    status = running()
    with served(status) as page:
        answers = [page.get("/"), page.get("/none"), page.post("/")]
        assert {answer.headers["wordcount-stream"] for answer in answers} == {status.identity}


def test_a_fault_of_this_program_is_an_error_as_any_other() -> None:
    def broken() -> Progress:
        raise ValueError("a fault")

    with served(Status("app.log", progress=broken)) as page:
        answer = page.get("/api/summary")
        assert (answer.status_code, answer.json()) == (500, {"error": "something went wrong"})


def test_a_page_of_another_site_cannot_have_anything_searched() -> None:
    with served(running(a=1)) as page:
        for path, status in (("/api/top?match=a", 403), ("/", 200)):
            assert page.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == status
        assert page.get("/api/top?match=a", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_head_of_an_export_runs_no_job() -> None:
    asked: list[str] = []
    with served(Status("app.log", export=lambda name: Path(asked.append(name) or name))) as page:
        assert page.head("/api/export").headers["content-type"].startswith("text/csv")
        assert asked == []
        assert page.get("/api/export").status_code >= 500
        assert asked == ["csv"]


def test_a_slow_name_server_does_not_keep_the_process_from_ending() -> None:
    code = (
        "import socket, threading, time; socket.getfqdn = lambda: time.sleep(3600);"
        "from streaming.serving.guard import Guard; Guard(None, '', is_open=False)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE)


def test_a_word_that_has_reached_the_top_late_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trends, "KNOWN_WORDS", 1)
    status = running(a=1)
    with served(status) as page:
        for number in (5, 7):
            count(status, {"late": number})
        answer = page.get("/api/words/late").json()
        assert (answer["count"], answer["last_minute"]) == (7, 7)
        rare, known = page.get("/api/words?word=rare&word=a").json()["words"]
        assert (rare["is_counted"], rare["may_be_counted"]) == (False, True)
        assert (known["is_counted"], known["may_be_counted"]) == (True, False)


def test_words_are_asked_for_once_something_is_counted() -> None:
    with served(running()) as page:
        assert page.get("/api/words?word=a").json() == {
            "error": "nothing is counted yet; ask again after the first batch"
        }


def test_few_words_are_asked_for_at_once() -> None:
    with served(running(a=1)) as page:
        known = page.get("/api/words?" + "&".join(["word=a"] * 5000)).json()
        assert [one["word"] for one in known["words"]] == ["a"]
        refused = page.get("/api/words?" + "&".join(f"word={number}" for number in range(501)))
        assert (refused.status_code, refused.json()) == (400, {"error": "ask for 500 words at once, or fewer"})


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=x", "text/plain; version=1.x", ";", "*"])
def test_metrics_are_there_whatever_is_asked_for(accept: str) -> None:
    with served(running(a=1)) as page:
        assert page.get("/metrics", headers={"Accept": accept}).status_code == 200


def test_a_stream_that_starts_has_no_windows_yet() -> None:
    with served(Status("app.log", is_windowed=True)) as page:
        assert page.get("/api/windows").json() == {"windows": []}
