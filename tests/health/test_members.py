"""Groups and portfolios: ranked by health, missing left out, and a view that is what the visible members alone give."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.health import Member, member_of, members_payload, members_status, project_payload, seen_members
from stillframe.model.canonical import canonical_bytes
from stillframe.model.payload import Metric, Payload, Table
from stillframe.model.scope import DIMENSIONS

scores = st.dictionaries(st.sampled_from(DIMENSIONS), st.one_of(st.none(), st.integers(0, 100), st.floats(0, 100)))
groups = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), scores, max_size=8).map(
    lambda found: [Member(project=name, scores=given_scores) for name, given_scores in found.items()]
)


def rows(payload: Payload) -> list[dict[str, Any]]:
    table = payload.panels["projects"]
    assert isinstance(table, Table)
    return [dict(row) for row in table.rows]


def value(payload: Payload, panel: str) -> Any:
    metric = payload.panels[panel]
    assert isinstance(metric, Metric)
    return metric.value


@given(groups)
def test_the_best_health_is_first_and_who_has_none_is_last(members: list[Member]) -> None:
    """Ties are ranked by name."""
    found = rows(members_payload(members))
    known = [(row["health"], row["project"]) for row in found if row["health"] is not None]
    assert known == sorted(known, key=lambda pair: (-pair[0], pair[1]))
    assert all(row["health"] is None for row in found[len(known) :])
    assert [row["project"] for row in found[len(known) :]] == sorted(row["project"] for row in found[len(known) :])
    assert {row["project"] for row in found} == {member.project for member in members}


@given(groups)
def test_mean_and_worst_are_of_the_scores_that_are_there(members: list[Member]) -> None:
    """A missing score is never averaged as zero."""
    payload = members_payload(members)
    health = [score for member in members if (score := member.scores.get("health")) is not None]
    assert value(payload, "members") == len(members)
    assert value(payload, "members_without_score") == len(members) - len(health)
    assert value(payload, "worst_health") == (min(health) if health else None)
    mean = value(payload, "mean_health")
    assert mean == pytest.approx(fmean(health)) if health else mean is None
    for name in DIMENSIONS:
        known = [score for member in members if (score := member.scores.get(name)) is not None]
        assert (name in payload.summaries) is bool(known)
        if known:
            assert payload.summaries[name]["score"] == pytest.approx(fmean(known))


@given(groups, st.sets(st.text("abcdefgh", min_size=1, max_size=3)))
def test_a_view_is_exactly_what_the_visible_members_alone_would_give(members: list[Member], visible: set[str]) -> None:
    """Nothing of a hidden member is left: not in rows, ranks, means, worst or counts."""
    seen = seen_members(members_payload(members), visible)
    alone = members_payload([member for member in members if member.project in visible])
    assert canonical_bytes(seen.as_dict()) == canonical_bytes(alone.as_dict())


@given(groups)
def test_the_order_in_which_members_come_is_no_change(members: list[Member]) -> None:
    """The same members have the same hash."""
    one, two = members_payload(members), members_payload(members[::-1])
    assert canonical_bytes(one.as_dict()) == canonical_bytes(two.as_dict())


def test_a_member_without_evidence_makes_the_picture_partial() -> None:
    """It is said, and still the others are shown."""
    known = member_of("known", project_payload({"sca": {"score": 0, "measures": []}}))
    empty, unknown = member_of("empty", project_payload({})), member_of("unknown", None)
    assert members_status(members_payload([known])) == "good"
    assert members_status(members_payload([known, unknown])) == "partial"
    assert members_status(members_payload([known, empty])) == "partial"
    assert (known.has_evidence, empty.has_evidence, unknown.has_evidence) == (True, False, False)


def test_a_mean_that_is_whole_is_written_as_a_whole_number() -> None:
    """Payloads hold no float that reads back as an integer."""
    members = [Member(project=name, scores={"health": score}) for name, score in (("a", 70.0), ("b", 80.0))]
    mean = value(members_payload(members), "mean_health")
    assert (mean, type(mean)) == (75, int)
