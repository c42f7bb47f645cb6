"""The metrics of a stream, for Prometheus. No word is in them: words would be labels without end."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from producer import __version__
from streaming.live_counts.counts import Counts, Durations
from streaming.serving.status import Status, Vitals


def registry(status: Status) -> CollectorRegistry:
    """Return a registry that has the metrics of a stream, and those of this process."""
    made = CollectorRegistry()
    made.register(_Metrics(status))
    ProcessCollector(registry=made)
    return made


class _Metrics(Collector):
    """What a stream tells about itself, as metrics."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is to measure depends on the stream."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its value now."""
        status = self._status
        version = GaugeMetricFamily("wordcount_build_info", "The version of wordcount.", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        yield GaugeMetricFamily("wordcount_start_time_seconds", "When the stream began.", status.since.timestamp())
        if status.counts is not None:
            with status.counts.read() as counts:
                counted = list(_of_counts(counts, is_real_time=status.is_real_time))
            yield from counted
        warnings = CounterMetricFamily("wordcount_warnings", "Warnings, by what they are about.", labels=["kind"])
        for kind, number in list(status.warned.items()):
            warnings.add_metric([kind], number)
        yield warnings
        yield GaugeMetricFamily("wordcount_viewers", "Pages that are sent updates.", status.viewers)
        progress = status.progress()
        yield from _gauge("wordcount_lag_seconds", "How long the oldest line has waited to be counted.", progress.lag)
        yield from _gauge("wordcount_followed_files", "Files that are followed.", progress.files)
        if status.vitals is not None:
            yield from _of_vitals(status.vitals)


def _gauge(name: str, text: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield GaugeMetricFamily(name, text, value)


def _counter(name: str, text: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield CounterMetricFamily(name, text, value)


def _of_counts(counts: Counts, *, is_real_time: bool) -> Iterator[Metric]:
    yield CounterMetricFamily("wordcount_words", "Words counted in this run.", counts.words)
    yield GaugeMetricFamily("wordcount_distinct_words", "Distinct words, of earlier runs too.", counts.distinct)
    if is_real_time:
        return
    yield CounterMetricFamily("wordcount_lines", "Lines counted in this run.", counts.lines)
    yield CounterMetricFamily("wordcount_batches", "Batches counted in this run.", counts.batches)
    yield _histogram("wordcount_batch_seconds", "How long batches took, without the last one.", counts.durations)
    behind = counts.previous.records_behind
    yield from _gauge("wordcount_most_records_behind", "Records behind, of the partition furthest behind.", behind)


def _histogram(name: str, text: str, durations: Durations) -> Metric:
    buckets = [(str(bound), number) for bound, number in durations.up_to.items()]
    return HistogramMetricFamily(name, text, [*buckets, ("+Inf", durations.number)], durations.seconds)


def _of_vitals(vitals: Vitals) -> Iterator[Metric]:
    yield from _counter("wordcount_read_bytes", "Bytes of files read, of earlier runs too.", vitals.bytes_read)
    yield from _counter(
        "wordcount_counted_bytes", "Bytes of text, unpacked, counted in this run.", vitals.bytes_counted
    )
    yield from _gauge("wordcount_unreadable_files", "Files that could not be read.", vitals.unreadable_files)
    yield from _counter("wordcount_late_words", "Words that came after their window had closed.", vitals.late_words)
    yield from _counter("wordcount_untimed_lines", "Lines without a time.", vitals.untimed_lines)
    behind = GaugeMetricFamily(
        "wordcount_records_behind", "Records that wait in a partition.", labels=["topic", "partition"]
    )
    for (topic, partition), records in vitals.records_behind.items():
        behind.add_metric([topic, str(partition)], records)
    yield behind
    yield CounterMetricFamily("wordcount_query_restarts", "Times that the query was started again.", vitals.restarts)
    yield GaugeMetricFamily("wordcount_state_size_bytes", "Size of the state on disk.", vitals.state_bytes)
    yield from _gauge("wordcount_state_free_bytes", "Room on the disk of the state.", vitals.free_bytes)
    yield GaugeMetricFamily("wordcount_jvm_heap_bytes", "Memory of Java in use.", vitals.heap_bytes)
    yield GaugeMetricFamily("wordcount_jvm_heap_max_bytes", "Memory that Java may use.", vitals.heap_limit)
