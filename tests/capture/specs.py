"""View specs with boring, complete defaults: each test says only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillframe.capture import Captured, ViewSpec, capture, parse_view_spec
from stillframe.errors import CaptureRefused, Fault, InvalidViewSpec

PUSH = {"type": "push"}


def document(**members: Any) -> dict[str, Any]:
    """One pushed table named `board`, and what the test adds or replaces."""
    return {
        "title": "Board",
        "sources": {"feed": PUSH},
        "panels": {"board": {"source": "feed", "kind": "table"}},
        **members,
    }


def table_spec(**panel: Any) -> ViewSpec:
    """A view spec of one pushed table, with members of the panel."""
    return parse_view_spec(document(panels={"board": {"source": "feed", "kind": "table", **panel}}))


def metric_spec(**panel: Any) -> ViewSpec:
    """A view spec of one pushed metric named `count`, with members of the panel."""
    return parse_view_spec(document(panels={"count": {"source": "feed", "kind": "metric", **panel}}))


def pushed(spec: ViewSpec, data: Mapping[str, Any] | None, *, max_rows: int = 1_000) -> Captured:
    """What a capture of pushed data gives."""
    return capture(spec, connections={}, pushed=data, max_rows=max_rows, source_timeout_seconds=10.0)


def refusal(spec: ViewSpec, data: Any, *, max_rows: int = 1_000) -> dict[str, str]:
    """The faults of a capture that must be refused, by path."""
    try:
        pushed(spec, data, max_rows=max_rows)
    except CaptureRefused as error:
        return by_path(error.faults)
    raise AssertionError("nothing was refused")


def spec_faults(text: str | bytes | Mapping[str, Any], **options: Any) -> dict[str, str]:
    """The faults of a view spec that must be refused, by path."""
    try:
        parse_view_spec(text, **options)
    except InvalidViewSpec as error:
        return by_path(error.faults)
    raise AssertionError("nothing was refused")


def by_path(faults: tuple[Fault, ...]) -> dict[str, str]:
    """The message at each path."""
    return {fault.path: fault.message for fault in faults}
