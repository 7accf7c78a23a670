"""Suppressions: nobody answers for a finding without a reason and an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.model.gate import Suppression
from stillframe.rules.suppressions import holding, new_suppression
from tests.rules.candidates import NOW, suppression

DAY = timedelta(days=1)


def made(**said: Any) -> Suppression:
    plain: dict[str, Any] = {
        "id": "s-1",
        "project_name": "my-service",
        "finding_id": "B608:src/db.py",
        "reason": "only constants reach it",
        "expires_at": NOW + 30 * DAY,
        "created_by": "rita",
        "now": NOW,
    }
    return new_suppression(**{**plain, **said})


def test_a_suppression_says_all_that_was_said() -> None:
    """Without the blanks around it, and to the millisecond."""
    found = made(reason="  because \n", ticket=" SEC-1 ", now=NOW + timedelta(microseconds=1_999))
    assert (found.reason, found.ticket, found.created_by) == ("because", "SEC-1", "rita")
    assert found.created_at == NOW + timedelta(milliseconds=1)
    assert (found.expires_at, found.lifted_at) == (NOW + 30 * DAY, None)
    assert found.is_active(NOW + DAY)


@pytest.mark.parametrize(
    ("said", "path", "advice"),
    [
        ({"finding_id": ""}, "$.finding_id", "1 to 512"),
        ({"finding_id": "f" * 513}, "$.finding_id", "513 characters, and at most 512"),
        ({"finding_id": "a\0"}, "$.finding_id", "NUL"),
        ({"reason": ""}, "$.reason", "is required"),
        ({"reason": " \n\t "}, "$.reason", "not all blank"),
        ({"reason": "r" * 2001}, "$.reason", "at most 2000"),
        ({"reason": "\ud800"}, "$.reason", "lone surrogate"),
        ({"ticket": "t" * 201}, "$.ticket", "at most 200"),
        ({"expires_at": None}, "$.expires_at", "is required"),
        ({"expires_at": NOW}, "$.expires_at", "not in the future"),
        ({"expires_at": NOW - DAY}, "$.expires_at", "not in the future"),
        ({"expires_at": NOW + 365 * DAY + timedelta(milliseconds=1)}, "$.expires_at", "more than 365 days"),
        ({"expires_at": datetime(2026, 6, 1)}, "$.expires_at", "needs a zone"),  # noqa: DTZ001  # because that is refused
    ],
)
def test_a_refusal_says_where_and_what_is_allowed(said: dict[str, Any], path: str, advice: str) -> None:
    """One path for each fault."""
    with pytest.raises(InvalidInput) as caught:
        made(**said)
    assert [fault.path for fault in caught.value.faults] == [path]
    assert advice in caught.value.faults[0].message


@pytest.mark.parametrize(
    "said",
    [
        {"finding_id": "f" * 512},
        {"reason": "r" * 2000},
        {"reason": "  " + "r" * 2000 + "  "},
        {"ticket": "t" * 200},
        {"ticket": "  "},
        {"expires_at": NOW + timedelta(milliseconds=1)},
        {"expires_at": NOW + 365 * DAY},
    ],
)
def test_the_edges_are_allowed(said: dict[str, Any]) -> None:
    """What is at most so long may be so long."""
    assert made(**said).is_active(NOW)


def test_all_faults_are_told_at_once() -> None:
    """Nobody corrects a form field by field."""
    with pytest.raises(InvalidInput) as caught:
        made(finding_id="", reason="", expires_at=None)
    assert [fault.path for fault in caught.value.faults] == ["$.finding_id", "$.reason", "$.expires_at"]


def test_those_that_hold_are_found_by_their_finding() -> None:
    """Expired, lifted and foreign ones hold nothing; of two the longer counts."""
    short, long = suppression("f", id="a"), suppression("f", id="b", expires_at=NOW + 60 * DAY)
    others = [
        suppression("g", expires_at=NOW),
        suppression("h", lifted_at=NOW, lifted_by="rita"),
        suppression("i", project_name="their-service"),
    ]
    for order in ([short, long], [long, short]):
        assert holding([*order, *others], now=NOW, project_name="my-service") == {"f": long}


@given(st.permutations(["a", "b", "c"]))
def test_of_equals_always_the_same_one_holds(ids: list[str]) -> None:
    """The order in which they come decides nothing."""
    found = holding([suppression("f", id=one) for one in ids], now=NOW)
    assert found["f"].id == "c"
