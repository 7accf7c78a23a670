"""Notices of a release: the decision first, what failed first, and nothing from outside that formats or mentions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillframe.report.release_notice import CHECKS_MOST, gate_comment, gate_headline, release_body


def check_of(number: int, status: str = "pass", **said: Any) -> dict[str, Any]:
    plain = {"id": f"check-{number}", "severity": "blocker", "status": status, "message": f"message {number}"}
    return {**plain, **said}


def answer(*checks: dict[str, Any], **said: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": "01a2",
        "project_name": "my-service",
        "decision": "fail",
        "profile": {"name": "standard", "digest": "d" * 64, "source": "built-in"},
        "decided_at": "2026-05-04T12:00:00.000Z",
        "source_ref": "4be1f0a",
        "initiator": "ci",
        "adopted": False,
        "evidence_incomplete": False,
        "checks": list(checks),
        "suppressions": [],
        "pre_snapshot_id": "pre-1",
        "post_snapshot_id": None,
        "baseline_snapshot_id": "pre-1",
        "state_snapshot_id": "pre-1",
        "snapshot_errors": [],
        "formula_digest": "f" * 64,
        "health": {"before": None, "after": {}},
        "diff_summary": {"headline": "Audit regressed"},
        "dimension_states": {"audit": "regressed"},
        "findings": None,
        "comparability": {"level": "full", "reasons": []},
        "links": {"decision": "/api/v1/release/history/01a2"},
    }
    return {**plain, **said}


def body_of(told: dict[str, Any]) -> dict[str, Any]:
    links = {"decision": "/x", "dashboard": "/y"}
    raw = release_body(told, dashboard_id="project:my-service", subscription_id="s-1", links=links)
    assert b"\n" not in raw
    found: dict[str, Any] = json.loads(raw)
    return found


def test_a_body_carries_ids_checks_and_what_changed() -> None:
    """A receiver needs no second request to know what was decided and why."""
    body = body_of(answer(check_of(1), check_of(2, "fail")))
    assert (body["type"], body["decision_id"], body["subscription_id"]) == ("release.decided", "01a2", "s-1")
    assert [found["status"] for found in body["checks"]] == ["fail", "pass"]
    assert body["compare"]["diff_summary"] == {"headline": "Audit regressed"}
    assert (body["pre_snapshot_id"], body["post_snapshot_id"]) == ("pre-1", None)


def test_a_long_list_is_cut_with_its_true_length_and_what_failed_is_never_cut_away() -> None:
    """A hundred passes do not hide the one that failed."""
    body = body_of(answer(*(check_of(number) for number in range(150)), check_of(999, "fail")))
    assert (len(body["checks"]), body["checks_total"], body["checks"][0]["id"]) == (CHECKS_MOST, 151, "check-999")


def test_without_an_adopted_state_there_is_nothing_to_compare() -> None:
    """Null, not an empty comparison."""
    nothing = dict.fromkeys(("diff_summary", "dimension_states", "findings", "comparability"))
    assert body_of(answer(**nothing))["compare"] is None
    assert "no adopted state" in gate_comment(answer(**nothing), persona_slug="bob")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (answer(check_of(2, "fail")), "my-service (4be1f0a) failed the release gate standard: check-2"),
        (answer(decision="pass", source_ref=None), "my-service passed the release gate standard"),
        (
            answer(check_of(1, "skipped"), decision="warn", evidence_incomplete=True),
            "my-service (4be1f0a) passed the release gate with warnings standard; evidence incomplete",
        ),
        (
            answer(*(check_of(number, "fail") for number in range(7))),
            (
                "my-service (4be1f0a) failed the release gate standard: "
                "check-0, check-1, check-2, check-3, check-4 and 2 more"
            ),
        ),
    ],
)
def test_a_headline_says_who_what_and_why(told: dict[str, Any], said: str) -> None:
    """One line for an inbox."""
    assert gate_headline(told) == said


def test_what_comes_from_outside_does_nothing_in_a_comment() -> None:
    """A finding called `@alice` mentions nobody, and a revision is no HTML."""
    told = answer(check_of(1, "fail", id="<i>x</i>", message="see @alice [x](http://y)"), source_ref="<b>")
    comment = gate_comment(told, persona_slug="bob")
    assert comment.startswith("@bob **")
    assert "<" not in comment
    assert "@alice" not in comment
    assert "[x]" not in comment.replace(r"\[x\]", "")
