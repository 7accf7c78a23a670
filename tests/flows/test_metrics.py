"""What a process counts: each figure once, under a name with its unit, with labels that nobody outside can make."""

from __future__ import annotations

import time

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from stillframe.flows.metrics import Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """One sample as it is scraped, None where there is none."""
    families = text_string_to_metric_families(generate_latest(metrics).decode())  # type: ignore[arg-type]  # because only `collect` is called
    found = [one.value for family in families for one in family.samples if one.name == name and one.labels == labels]
    return found[0] if found else None


def test_a_capture_is_counted_by_how_it_ended_and_timed_also_when_it_failed() -> None:
    """A source that takes ten seconds to fail is slow."""
    metrics = Metrics()
    metrics.captured("good")
    with pytest.raises(ZeroDivisionError), metrics.capturing():
        raise ZeroDivisionError
    metrics.captured("source_failed")
    assert value(metrics, "stillframe_captures_total", outcome="good") == 1
    assert value(metrics, "stillframe_captures_total", outcome="source_failed") == 1
    assert value(metrics, "stillframe_capture_duration_seconds_count") == 1


def test_a_diff_is_counted_and_timed() -> None:
    """How long the block took, in seconds."""
    metrics = Metrics()
    with metrics.diffing():
        time.sleep(0.02)
    assert value(metrics, "stillframe_diffs_total") == 1
    assert 0.02 <= (value(metrics, "stillframe_diff_duration_seconds_sum") or 0) < 2


def test_only_what_was_sent_has_a_latency_and_only_later_tries_are_retries() -> None:
    """A try that failed at once would make the channel look quick."""
    metrics = Metrics()
    metrics.delivered("webhook", "again", attempt=1, seconds=0.5)
    metrics.delivered("webhook", "sent", attempt=2, seconds=5.5)
    metrics.delivered("email", "sent", attempt=1)
    assert value(metrics, "stillframe_deliveries_total", channel="webhook", outcome="again") == 1
    assert value(metrics, "stillframe_deliveries_total", channel="webhook", outcome="sent") == 1
    assert value(metrics, "stillframe_delivery_retries_total", channel="webhook") == 1
    assert value(metrics, "stillframe_delivery_retries_total", channel="email") is None
    assert value(metrics, "stillframe_delivery_latency_seconds_sum", channel="webhook") == 5.5
    assert value(metrics, "stillframe_delivery_latency_seconds_count", channel="email") is None


def test_matches_personas_and_what_was_held_back_are_counted() -> None:
    """A persona is told with the commit, so it is delivered then."""
    metrics = Metrics()
    metrics.matched(5, told=2)
    metrics.suppressed("cooldown", 3)
    metrics.suppressed("snooze", 0)
    metrics.woken()
    assert value(metrics, "stillframe_matches_total") == 5
    assert value(metrics, "stillframe_deliveries_total", channel="persona", outcome="sent") == 2
    assert value(metrics, "stillframe_suppressed_total", reason="cooldown") == 3
    assert value(metrics, "stillframe_suppressed_total", reason="snooze") is None
    assert value(metrics, "stillframe_wakes_total") == 1


def test_a_request_is_counted_by_its_route_and_never_by_what_was_asked() -> None:
    """A client that asks for a million paths, or by a method of its own, makes no million series."""
    metrics = Metrics()
    metrics.answered("GET", "/api/dashboard/{dashboard_ref}", status=200, seconds=0.01)
    metrics.answered("BREW", None, status=404, seconds=0.01)
    metrics.answered("BOIL", None, status=405, seconds=0.01)
    route = {"method": "GET", "route": "/api/dashboard/{dashboard_ref}", "status": "2xx"}
    assert value(metrics, "stillframe_http_requests_total", **route) == 1
    assert value(metrics, "stillframe_http_requests_total", method="other", route="other", status="4xx") == 2
    assert value(metrics, "stillframe_http_request_duration_seconds_count", method="other", route="other") == 2


def test_two_installations_in_one_process_do_not_mix() -> None:
    """Figures belong to the services that they were made with."""
    one, other = Metrics(), Metrics()
    one.captured("good")
    assert value(other, "stillframe_captures_total", outcome="good") is None


def test_no_figure_is_written_twice() -> None:
    """A `_created` beside each would double what is scraped and kept."""
    metrics = Metrics()
    metrics.captured("good")
    assert b"_created" not in generate_latest(metrics)  # type: ignore[arg-type]  # because only `collect` is called
