"""The figures of a process and of the database that it works on, in the words that Prometheus reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import CollectorRegistry

from stillframe.errors import ConfigurationError, StoreError
from stillframe.flows.dispatch import WORKER_ALIVE_SECONDS
from stillframe.flows.permission import require
from stillframe.flows.readiness import PATIENCE
from stillframe.flows.services import Services
from stillframe.model.identity import Caller
from stillframe.store import OutboxGauge

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def read_metrics(services: Services, caller: Caller) -> bytes:
    """
    Return the figures to somebody who may read them.

    Errors  Forbidden for everybody but administrators.
    """
    require(caller, "metrics.read")
    return exposition(services)


def exposition(services: Services) -> bytes:
    """
    Return every figure as text.

    Depths, ages and beats are read from the database as it is now; where it cannot be read, `stillframe_store_up` is 0
    and they are left out.

    Source  https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    return generate_latest(_registry(services))


def serve_metrics(services: Services, *, host: str, port: int) -> Callable[[], None]:
    """
    Answer every GET on an address with the figures, for a process without the HTTP door; returns what ends it.

    Nobody is asked who they are: the address is for this machine, or for a network that is trusted.

    Errors  ConfigurationError if the address cannot be listened on.
    """
    try:
        server, thread = start_http_server(port, addr=host, registry=_registry(services))
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"cannot listen on {host}:{port} for metrics: {error}") from error

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def _registry(services: Services) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(services.metrics)
    registry.register(_StoreFigures(services))
    return registry


class _StoreFigures:
    """What only the database knows: it is asked once for each scrape."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterable[Metric]:
        store = self._services.store
        errors = CounterMetricFamily(
            "stillframe_store_write_errors", "Transactions that the database did not let be written."
        )
        errors.add_metric((), store.failed_writes)
        up = GaugeMetricFamily("stillframe_store_up", "1 if the database could be read for this scrape, else 0.")
        now = self._services.clock()
        try:
            with store.read() as unit:
                outbox, beats = unit.gauges.outbox(), unit.gauges.beats("worker")
                is_stuck = unit.waiting.is_stuck(now=now, patience=PATIENCE)
        except StoreError:
            up.add_metric((), 0)
            return [errors, up]
        up.add_metric((), 1)
        sending = GaugeMetricFamily(
            "stillframe_sending", "0 when a delivery is due and nobody sends, else 1: what /readyz calls sending."
        )
        sending.add_metric((), 0 if is_stuck else 1)
        return [errors, up, sending, *_of_outbox(outbox, now=now), *_of_workers(beats, now=now)]


def _of_outbox(outbox: Iterable[OutboxGauge], *, now: datetime) -> Iterable[Metric]:
    depth = GaugeMetricFamily(
        "stillframe_outbox_depth",
        "Deliveries that are not at their end, or ended without arriving, by channel and state.",
        labels=("channel", "state"),
    )
    age = GaugeMetricFamily(
        "stillframe_outbox_oldest_due_age_seconds",
        "For how long the oldest delivery that is due has been so, by channel; 0 when none is.",
        labels=("channel",),
    )
    depths: Counter[tuple[str, str]] = Counter()
    late: dict[str, float] = {}
    for found in outbox:
        depths[found.channel, found.state] += found.count
        if found.oldest_due_at is not None:
            late[found.channel] = max(0.0, (now - found.oldest_due_at).total_seconds())
    for key, count in sorted(depths.items()):
        depth.add_metric(key, count)
    for channel, seconds in sorted(late.items()):
        age.add_metric((channel,), seconds)
    return [depth, age]


def _of_workers(beats: Iterable[datetime], *, now: datetime) -> Iterable[Metric]:
    ages = sorted((now - beat).total_seconds() for beat in beats)
    workers = GaugeMetricFamily("stillframe_workers", "Workers that were seen in the last minute.")
    workers.add_metric((), sum(age <= WORKER_ALIVE_SECONDS for age in ages))
    beat = GaugeMetricFamily(
        "stillframe_worker_beat_age_seconds",
        "For how long the worker that was last seen has been silent; absent when there was none.",
    )
    if ages:
        beat.add_metric((), max(0.0, ages[0]))
    return [workers, beat]
