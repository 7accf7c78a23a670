"""Notices: one line of JSON with documented members, the same bytes for the same change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.report import notice
from stillframe.report.message import Message
from stillframe.report.notice import ENTRIES_MOST, SnapshotLink, diff_document, notice_body
from tests.report.pictures import TEXTS, diffs, picture, row

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
MEMBERS = [
    "type", "timestamp", "dashboard_id", "snapshot_a", "snapshot_b", "diff", "reason", "subscription_id", "sequence",
    "links",
]  # fmt: skip


def frame(sequence: int) -> SnapshotLink:
    return SnapshotLink(
        id=f"s-{sequence}",
        sequence=sequence,
        timestamp=NOON + timedelta(hours=sequence),
        content_hash=f"{sequence:064x}",
        url=f"/api/snapshot/s-{sequence}",
    )


def body(**given: Any) -> bytes:
    plain: dict[str, Any] = {
        "delivery_id": "s-2_sub-1",
        "kind": "alert",
        "dashboard_id": "d-1",
        "dashboard_title": "Board",
        "created_at": NOON,
        "snapshot_a": frame(1),
        "snapshot_b": frame(2),
        "diff_json": b'{"is_empty":false}',
        "reason": {"path": "$", "outcome": "true"},
        "subscription_id": "sub-1",
        "links": {"dashboard": "/api/dashboard/d-1"},
    }
    return notice_body(Message(**(plain | given)))


def test_members_stand_in_the_documented_order() -> None:
    """Receivers read names, people read from the top."""
    document = orjson.loads(body())
    assert list(document) == MEMBERS
    assert document["type"] == "dashboard.diverged"
    assert document["timestamp"] == document["snapshot_b"]["timestamp"] == "2026-01-02T14:00:00.000Z"
    assert document["sequence"] == document["snapshot_b"]["sequence"] == 2


def test_a_test_send_says_so_at_the_end() -> None:
    """A receiver can tell a rehearsal from the real thing, and nothing else differs."""
    rehearsal = orjson.loads(body(test=True))
    assert list(rehearsal) == [*MEMBERS, "test"]
    assert {name: found for name, found in rehearsal.items() if name != "test"} == orjson.loads(body())


def test_what_is_over_and_what_is_told_together_have_types_of_their_own() -> None:
    """A receiver closes an incident, or reads a summary; the facts beside the diff stand under the kind's own name."""
    over = orjson.loads(body(kind="resolved", said={"verdict": {"outcome": "false"}, "told_snapshot_id": "s-1"}))
    assert (over["type"], over["resolved"]) == ("dashboard.resolved", {"told_snapshot_id": "s-1"})
    told = orjson.loads(body(kind="digest", said={"times": 3, "came_back": True}))
    assert (told["type"], told["digest"]) == ("dashboard.digest", {"times": 3, "came_back": True})


def test_only_an_importance_that_is_not_normal_is_said() -> None:
    """What everybody has is no news."""
    assert "importance" not in orjson.loads(body())
    assert orjson.loads(body(importance="high"))["importance"] == "high"


@given(diff=diffs(), sentence=TEXTS, dashboard=TEXTS)
def test_a_body_is_one_line_of_json_that_holds_what_was_given(diff: Diff, sentence: str, dashboard: str) -> None:
    """No cell or name can break the line or the document."""
    line = body(diff_json=diff_document(diff), reason={"sentence": sentence}, dashboard_id=dashboard)
    assert b"\n" not in line
    assert b"\r" not in line
    document = orjson.loads(line)
    assert document["dashboard_id"] == dashboard
    assert document["reason"] == {"sentence": sentence}
    assert document["diff"] == json.loads(json.dumps(diff.as_dict(limit=ENTRIES_MOST)))


@given(diff=diffs(), links=st.dictionaries(TEXTS, TEXTS, max_size=5))
def test_equal_arguments_give_equal_bytes(diff: Diff, links: dict[str, str]) -> None:
    """A replay signs the same bytes, whatever order a mapping was filled in."""
    backwards = dict(reversed(links.items()))
    again = Diff.from_dict(diff.as_dict())
    assert body(links=links) == body(links=backwards)
    assert diff_document(diff) == diff_document(diff)
    assert orjson.loads(diff_document(again))["totals"] == orjson.loads(diff_document(diff))["totals"]


def test_a_long_diff_is_cut_with_exact_totals() -> None:
    """A message stays small, and says how much it left out."""
    before = picture([row(f"r{number}") for number in range(150)])
    after = picture([row(f"r{number}", on_time=0.6) for number in range(150)])
    document = orjson.loads(diff_document(compute_diff(before, after)))
    assert len(document["row_value_deltas"]) == ENTRIES_MOST
    assert document["totals"]["row_value_deltas"] == 150
    assert document["truncated"] is True


def test_a_subscriber_says_how_long_lists_may_be() -> None:
    """What is left out is counted, whatever cut it; where nobody says so the diff is put in as it was written."""
    before = picture([row(f"r{number}") for number in range(150)])
    after = picture([row(f"r{number}", on_time=0.6) for number in range(150)])
    diff = compute_diff(before, after)
    written = diff_document(diff)
    short = orjson.loads(body(diff_json=written, max_items=3))["diff"]
    assert (len(short["row_value_deltas"]), short["totals"]["row_value_deltas"]) == (3, 150)
    assert short == json.loads(json.dumps(diff.as_dict(limit=3)))
    assert written in body(diff_json=written)


def test_what_json_cannot_say_is_refused() -> None:
    """A body that no receiver could parse is not sent."""
    with pytest.raises(ValueError, match="JSON compliant"):
        body(reason={"observed": float("nan")})


def test_all_that_is_told_is_found_in_one_place() -> None:
    """Whoever writes a notice imports one module."""
    assert sorted(notice.__all__) == [
        "ENTRIES_MOST", "SnapshotLink", "alert_comment", "diff_document", "notice_body", "plain_lines",
    ]  # fmt: skip
