"""What the page shows, as objects for JSON. Pure: it is given the counts and the time."""

import heapq
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from streaming.live_counts.counts import KEPT_ROWS, Counts
from streaming.live_counts.hour import PART_SECONDS, PARTS, seconds_left
from streaming.live_counts.searches import Found
from streaming.live_counts.trends import KNOWN_WORDS
from streaming.live_counts.windows import Window
from streaming.serving.status import Said, Status

#: Longer words are neither new nor rising, and are cut in updates.
LONGEST_WORD = 10_000
#: The most words of a table.
MOST_ROWS = KEPT_ROWS

Json = dict[str, Any]


class Moment(NamedTuple):
    """A time: by the clock that counts are noted with, in seconds, and by the calendar."""

    seconds: float
    date: datetime


class Query(NamedTuple):
    """What a viewer wants to see.

    Attributes:
        rows: how many words.
        match: what the words contain; empty if that does not matter.
        by_rate: those that come most often now come first, instead of those with the highest counts.
        pinned: words to show in any case.
    """

    rows: int = 50
    match: str = ""
    by_rate: bool = False
    pinned: tuple[str, ...] = ()


def iso(time: datetime) -> str:
    """Return a time as ISO 8601 has it, in UTC.

    >>> iso(datetime(2026, 11, 29, 23, 10, 0, 500, UTC))
    '2026-11-29T23:10:00Z'
    """
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def summary(status: Status, counts: Counts | None, moment: Moment) -> Json:
    """Return the head of the page.

    Args:
        status: what the stream tells about itself.
        counts: what it has counted; None if it has not begun.
        moment: the time now.
    """
    nothing: Json = {
        "lines": 0, "words": 0, "distinct": 0, "words_before": 0,
        "lines_per_second": 0, "words_per_second": 0, "lag_records": None, "batch_seconds": None,
    }  # fmt: skip
    no_lines: Json = {"lines": None, "lines_per_second": None} if status.is_real_time else {}
    progress = status.progress()
    return {
        "state": status.state,
        "since": iso(status.since),
        "now": iso(moment.date),
        "source": status.source,
        "ended": None if status.ended is None else {"at": iso(status.ended.at), "message": status.ended.text},
        **(nothing if counts is None else _totals(counts, moment.seconds)),
        **no_lines,
        "lag_seconds": None if progress.lag is None else round(progress.lag, 3),
        "files": progress.files,
        "partitions": status.partitions,
        "is_windowed": status.is_windowed,
        "hour": _hour(counts, moment) | ({"lines": None} if status.is_real_time else {}),
        "warnings": [_said(warning) for warning in status.warnings],
    }


def _said(warning: Said) -> Json:
    return {"at": iso(warning.at), "text": warning.text}


def _totals(counts: Counts, now: float) -> Json:
    rates = counts.rates(now)
    return {
        "lines": counts.lines,
        "words": counts.words_before + counts.words,
        "distinct": counts.distinct,
        "words_before": counts.words_before,
        "lines_per_second": round(rates.lines, 3),
        "words_per_second": round(rates.words, 3),
        "lag_records": counts.previous.records_behind,
        "batch_seconds": counts.previous.seconds,
    }


def _hour(counts: Counts | None, moment: Moment) -> Json:
    lines, words = ([0] * PARTS, [0] * PARTS) if counts is None else counts.hour(moment.seconds)
    # To a half of a second more: the two clocks do not read the same fraction, and the time of this minute is one.
    until = moment.date + timedelta(seconds=seconds_left(moment.seconds) + 0.5)
    return {"seconds": PART_SECONDS, "until": iso(until), "lines": lines, "words": words}


def top(counts: Counts, query: Query, found: Found, now: float) -> Json:
    """Return the table of words, and the new and the rising ones beside it."""
    return {
        "by": "rate" if query.by_rate else "count",
        "match": query.match,
        "words": [row(counts, word, count, now) for word, count in _chosen(counts, query, found, now)],
        "new": [word for word in found.new if len(word) <= LONGEST_WORD],
        "rising": [
            {"word": word, "times": round(times, 2)} for word, times in found.rising if len(word) <= LONGEST_WORD
        ],
    }


def cut(table: Json) -> Json:
    """Return a table of words with the longest cut and marked: whole, thirty of them would be an update of 30 MB."""
    return {**table, "words": [_cut(row) for row in table["words"]]}


def cut_windows(shown: Json | None) -> Json | None:
    """Return windows with the longest words cut and marked, as ``cut`` does."""
    if shown is None:
        return None
    return {"windows": [{**window, "words": [_cut(row) for row in window["words"]]} for window in shown["windows"]]}


def _cut(row: Json) -> Json:
    word = row["word"]
    return row if len(word) <= LONGEST_WORD else {**row, "word": word[:LONGEST_WORD] + "…", "is_cut": True}


def no_top(query: Query) -> Json:
    """Return the table before anything is counted."""
    return {"by": "rate" if query.by_rate else "count", "match": query.match, "words": [], "new": [], "rising": []}


def _chosen(counts: Counts, query: Query, found: Found, now: float) -> list[tuple[str, int]]:
    known = counts.trends.counts
    rows = [(word, known[word]) for word in found.matching] if query.match else counts.top.rows
    if query.by_rate:
        recent = ((word, count) for word, count in counts.trends.recent_counts(now).items() if query.match in word)
        fast = dict(heapq.nsmallest(query.rows, recent, key=lambda row: (-row[1], row[0])))
        rows = [(word, known.get(word, count)) for word, count in fast.items()] + [
            row for row in rows if row[0] not in fast
        ]
    return rows[: query.rows]


def row(counts: Counts, word: str, count: int, now: float) -> Json:
    """Return what is known of a word."""
    words = counts.words_before + counts.words
    return {
        "word": word,
        "count": count,
        "share": round(count / words, 6) if words else 0.0,
        "per_second": round(counts.trends.rate(word, now), 3),
        "last_minute": counts.trends.last_minute(word, now),
        "hour": counts.trends.hour(word, now),
    }


def word(counts: Counts, text: str, now: float) -> Json:
    """Return what is known of one word, which may not have come yet."""
    count = counts.trends.counts.get(text)
    if count is None:  # a word that has reached the top late
        count = dict(counts.top.rows).get(text)
    may_be_counted = count is None and not counts.trends.is_complete
    known = {"is_counted": count is not None, "may_be_counted": may_be_counted}
    return {**row(counts, text, count or 0, now), **known}


def windows(last: Sequence[Window], rows: int, text: str | None) -> Json:
    """Return windows, the latest last.

    Args:
        last: the windows.
        rows: how many words of each.
        text: the word to count in each; None counts none.
    """
    return {
        "windows": [
            {
                "start": iso(window.start),
                "end": iso(window.end),
                "is_open": window.is_open,
                "words": [{"word": word, "count": count} for word, count in islice(window.words.items(), rows)],
                "count": None if text is None else window.count_of(text),
            }
            for window in last
        ]
    }


def unknown(counts: Counts | None, text: str) -> Json:
    """Return why there is no count of a word: it was not counted, or is not kept in memory."""
    if counts is None or not counts.trends.is_complete:
        reason = f"not among the counts in memory, of {KNOWN_WORDS:,} words at most: 'wordcount get' reads the others"
        return {"error": f"{text!r} is {reason}", "may_be_counted": True}
    return {"error": f"{text!r} is not counted"}
