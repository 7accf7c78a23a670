"""What this process counts of its own work: captures, diffs, deliveries, requests, as Prometheus knows such figures."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPMethod

from prometheus_client import Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import CollectorRegistry

from stillframe import __version__

_CAPTURE_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_DIFF_SECONDS = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_DELIVERY_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 600.0, 3_600.0, 86_400.0)
_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset(HTTPMethod)
_OTHER = "other"


class Metrics:
    """
    The figures of one process since it began. Thread safe, and cheap enough for every delivery.

    Each belongs to the services that it was made with, so two in one process do not mix. Nothing that a user names is
    a label: who may name things could make as many series.

    Source  https://prometheus.io/docs/practices/naming/
    """

    def __init__(self) -> None:
        # A `_created` series beside each figure doubles them and is of no use to a server that is scraped.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # because the package leaves this one untyped
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        labels = ("version", "python")
        build = Gauge("stillframe_build_info", "Always 1; the labels say what runs.", labels, registry=self._registry)
        build.labels(__version__, platform.python_version()).set(1)
        self._captures = self._counter(
            "captures",
            "Captures by how they ended: good, empty, partial (stored); source_failed, capture_refused, forbidden.",
            "outcome",
        )
        self._capture_seconds = self._histogram(
            "capture_duration", "How long it took to read what a dashboard shows, failures included.", _CAPTURE_SECONDS
        )
        self._diffs = self._counter("diffs", "Snapshots that were compared with the head before them.")
        self._diff_seconds = self._histogram(
            "diff_duration", "How long it took to compare a snapshot with the head before it.", _DIFF_SECONDS
        )
        self._matches = self._counter("matches", "Subscriptions whose rule was true, told or not.")
        self._suppressed = self._counter(
            "suppressed", "Subscriptions whose rule was true and that were not told then, by reason.", "reason"
        )
        self._wakes = self._counter("wakes", "Subscriptions judged again because a quiet time or a digest was due.")
        self._deliveries = self._counter(
            "deliveries",
            "Tries of deliveries that ended, by channel and outcome: sent, again (another try follows), gave_up, "
            "parked, unknown, withheld.",
            "channel",
            "outcome",
        )
        self._retries = self._counter("delivery_retries", "Tries after a delivery's first, by channel.", "channel")
        self._delivery_seconds = self._histogram(
            "delivery_latency",
            "From the commit of a promise to the end of the try that delivered it, by channel.",
            _DELIVERY_SECONDS,
            "channel",
        )
        self._requests = self._counter(
            "http_requests", "Requests by method, route and class of status.", "method", "route", "status"
        )
        self._request_seconds = self._histogram(
            "http_request_duration", "How long requests took, by method and route.", _REQUEST_SECONDS, "method", "route"
        )

    def collect(self) -> Iterable[Metric]:
        """Return every figure as it stands."""
        return self._registry.collect()

    def captured(self, outcome: str) -> None:
        """Count a capture: by the status that it was stored with, or by the code of the error that ended it."""
        self._captures.labels(outcome).inc()

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Time the block, which reads what a dashboard shows; it may fail."""
        with self._capture_seconds.time():
            yield

    @contextmanager
    def diffing(self) -> Iterator[None]:
        """Count and time the block, which compares a snapshot with the head."""
        began = time.perf_counter()
        yield
        self._diff_seconds.observe(time.perf_counter() - began)
        self._diffs.inc()

    def matched(self, count: int, *, told: int = 0) -> None:
        """Count subscriptions whose rule was true; `told` of them are personas, told in the same transaction."""
        self._matches.inc(count)
        if told:
            self._deliveries.labels("persona", "sent").inc(told)

    def suppressed(self, reason: str, count: int = 1) -> None:
        """Count subscriptions whose rule was true and that were not told then."""
        if count:
            self._suppressed.labels(reason).inc(count)

    def woken(self, count: int = 1) -> None:
        """Count subscriptions that were judged again though no snapshot came."""
        self._wakes.inc(count)

    def delivered(self, channel: str, outcome: str, *, attempt: int, seconds: float | None = None) -> None:
        """
        Count the end of a try.

        Shape   `outcome`: the state that the delivery has now, `again` where another try follows.
        Units   `seconds` since it was promised, where that is known; only what was sent has a latency.
        """
        self._deliveries.labels(channel, outcome).inc()
        if attempt > 1:
            self._retries.labels(channel).inc()
        if seconds is not None and outcome == "sent":
            self._delivery_seconds.labels(channel).observe(max(0.0, seconds))

    def answered(self, method: str, route: str | None, *, status: int, seconds: float) -> None:
        """
        Count a request.

        Shape   `route`: the path of the route that took it, with its parameters' names; None where none did.
        """
        verb, path = method if method in _METHODS else _OTHER, route or _OTHER
        self._requests.labels(verb, path, f"{status // 100}xx").inc()
        self._request_seconds.labels(verb, path).observe(seconds)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"stillframe_{name}", says, labels, registry=self._registry)

    def _histogram(self, name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"stillframe_{name}_seconds", says, labels, registry=self._registry, buckets=buckets)
