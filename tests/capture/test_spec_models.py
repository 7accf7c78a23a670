"""Each member of a view spec has its limits and its default."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe.capture import parse_view_spec
from stillframe.capture.spec_models import MetricPanel, TablePanel
from stillframe.model.payload import Field
from tests.capture.specs import PUSH, document, spec_faults, table_spec


def test_what_is_not_said_has_a_default_and_the_stored_document_says_it() -> None:
    """A later version with other defaults changes no dashboard that is stored."""
    stored = parse_view_spec(document()).as_dict()
    assert stored["refresh_interval_seconds"] == 60
    assert stored["capture_timeout_seconds"] == 30.0
    assert stored["empty_is_news"] is False
    assert stored["metadata"] == {"snapshot_policy": "manual"}
    assert "top_n" not in stored


def test_the_stored_document_is_json_and_gives_the_same_view_spec() -> None:
    """What the database keeps is what was meant."""
    spec = parse_view_spec(
        document(
            sources={
                "feed": {"type": "file", "connection": "data", "path": "b.json"},
                "file": {"type": "file", "connection": "data", "path": "a.csv", "types": {"zip": "text"}},
            },
            panels={
                "board": {
                    "source": "feed",
                    "kind": "table",
                    "rank_by": "n",
                    "fields": {"n": {"tolerance": 1, "unit": "m"}},
                },
                "count": {"source": "file", "kind": "metric", "null_ok": True, "label": "Größe"},
            },
            metadata={"snapshot_policy": {"cron": "30 7 * * 1-5", "zone": "Europe/Berlin"}},
            top_n=3,
            capture_timeout_seconds=5,
        )
    )
    again = parse_view_spec(json.loads(json.dumps(spec.as_dict())))
    assert again == spec
    assert again.as_dict() == spec.as_dict()


def test_a_view_spec_names_the_connections_that_it_needs() -> None:
    """Whether the caller may use them is decided before anything is asked; what is pushed needs none."""
    sources = {"feed": PUSH, "db": {"type": "sql", "connection": "warehouse", "query": "select 1 as id"}}
    panels = {"board": {"source": "db", "kind": "table"}, "count": {"source": "feed", "kind": "metric"}}
    assert parse_view_spec(document(sources=sources, panels=panels)).connection_names() == {"db": "warehouse"}


def test_labels_stay_outside_the_payload() -> None:
    """A renamed label changes no hash."""
    panel = table_spec(fields={"n": {"better": "lower", "tolerance": 0.5, "unit": "s", "label": "Time"}}).panels[
        "board"
    ]
    assert isinstance(panel, TablePanel)
    assert panel.fields["n"].as_field() == Field(better="lower", tolerance=0.5, unit="s")


def test_a_metric_is_read_like_a_field() -> None:
    """The same words say what a column and what a metric mean."""
    spec = parse_view_spec(
        document(panels={"count": {"source": "feed", "kind": "metric", "better": "higher", "unit": "x"}})
    )
    panel = spec.panels["count"]
    assert isinstance(panel, MetricPanel)
    assert panel.as_field() == Field(better="higher", unit="x")


@pytest.mark.parametrize(("order", "descending"), [("desc", True), ("asc", False), (None, True)])
def test_a_ranking_begins_with_the_largest_unless_it_is_said(order: str | None, descending: bool) -> None:
    """A leaderboard shows its leaders."""
    panel = table_spec(rank_by="n", **({"order": order} if order else {})).panels["board"]
    assert isinstance(panel, TablePanel)
    assert panel.descending is descending


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("title", ""),
        ("title", "a\nb"),
        ("title", "x" * 201),
        ("title", 3),
        ("slug", "Not-A-Slug"),
        ("slug", "a--b"),
        ("top_n", 0),
        ("top_n", 1001),
        ("top_n", True),
        ("top_n", "10"),
        ("top_n", 2.5),
        ("refresh_interval_seconds", -1),
        ("refresh_interval_seconds", 86_401),
        ("capture_timeout_seconds", 0),
        ("capture_timeout_seconds", 601),
        ("capture_timeout_seconds", float("inf")),
        ("empty_is_news", 1),
        ("sources", {}),
        ("panels", {}),
        ("panels", {f"p{n}": {"source": "feed", "kind": "table"} for n in range(51)}),
    ],
)
def test_a_member_outside_its_limits_is_refused_at_its_path(member: str, value: Any) -> None:
    """Limits are said where they are broken, and nothing is turned quietly into something else."""
    assert f"$.{member}" in spec_faults(document(**{member: value}))


@pytest.mark.parametrize(
    ("panel", "path"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1_000_001}, "limit"),
        ({"order": "down", "rank_by": "n"}, "order"),
        ({"key": ""}, "key"),
        ({"fields": {"n": {"tolerance": -0.1}}}, "fields.n.tolerance"),
        ({"fields": {"n": {"tolerance": float("nan")}}}, "fields.n.tolerance"),
        ({"fields": {"n": {"tolerance": float("inf")}}}, "fields.n.tolerance"),
        ({"fields": {"n": {"tolerance": True}}}, "fields.n.tolerance"),
        ({"fields": {"n": {"better": "up"}}}, "fields.n.better"),
        ({"fields": {"": {}}}, "fields['']"),
        ({"null_ok": True}, "null_ok"),
    ],
)
def test_a_panel_outside_its_limits_is_refused_at_its_path(panel: dict[str, Any], path: str) -> None:
    """The path leads through the panel's name to the member."""
    faults = spec_faults(document(panels={"board": {"source": "feed", "kind": "table", **panel}}))
    assert list(faults) == [f"$.panels.board.{path}"]


@pytest.mark.parametrize("name", ["a.b", "", "-a", "a b", "é", "x" * 65])
def test_names_hold_no_dots(name: str) -> None:
    """A rule says PANEL or SUMMARY.MEASURE, and the two must not be confused."""
    faults = spec_faults(document(panels={name: {"source": "feed", "kind": "table"}}))
    assert any("letters, digits" in message for message in faults.values())


@pytest.mark.parametrize(
    "source",
    [
        {"type": "sql", "connection": "db", "query": " \n"},
        {"type": "sql", "connection": "db", "query": "x" * 65_537},
        {"type": "sql", "query": "select 1"},
        {"type": "sql", "connection": "db", "query": "select 1", "url": "sqlite:///x"},
        {"type": "file", "connection": "data", "path": ""},
        {"type": "file", "connection": "data", "path": "a.csv", "format": "xlsx"},
        {"type": "file", "connection": "data", "path": "a.csv", "types": {"a": "number"}},
        {"type": "http", "connection": "site", "path": "/a", "select": " "},
        {"type": "prometheus", "connection": "prom", "query": ""},
        {"type": "push", "connection": "x"},
        {"type": "ftp"},
        {},
        "sql",
    ],
)
def test_a_source_that_cannot_be_read_is_refused(source: Any) -> None:
    """A source is refused when it is written, not at night when it is captured."""
    faults = spec_faults(document(sources={"feed": source}))
    assert all(path.startswith("$.sources.feed") for path in faults)
