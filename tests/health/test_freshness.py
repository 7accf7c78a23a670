"""How fresh what is known is: each of the six words, and which comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stillframe.health import freshness
from stillframe.model.facts import PARTS
from tests.health.reports import assessed, bandit, everything, evidence

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALL = assessed(*everything()).summaries


def words(**changed: Any) -> dict[str, str]:
    said: dict[str, Any] = {"summaries": ALL, "as_of": NOW, "now": NOW, **changed}
    return dict(freshness(said.pop("summaries"), **said))


@pytest.mark.parametrize(
    ("age", "word"),
    [(timedelta(0), "current"), (timedelta(days=30), "current"), (timedelta(days=30, milliseconds=1), "stale")],
)
def test_evidence_is_stale_when_it_is_older_than_allowed(age: timedelta, word: str) -> None:
    """To the millisecond; the last day still counts."""
    assert set(words(as_of=NOW - age).values()) == {word}
    assert set(words(as_of=NOW - timedelta(days=2), stale_after_days=1).values()) == {"stale"}


def test_each_part_has_its_own_word() -> None:
    """Fresh findings make no fresh coverage."""
    broken = evidence("pip-audit", failed="no answer", looks_for=("sca",))
    assert words(summaries=assessed(bandit(), broken).summaries) == {
        "audit": "current",
        "compliance": "missing",
        "release": "missing",
        "sca": "failed",
        "quality": "missing",
    }


def test_without_a_snapshot_everything_is_missing_or_failed() -> None:
    """Nobody tried is another thing than nobody succeeded."""
    assert set(words(summaries={}, as_of=None).values()) == {"missing"}
    assert set(words(summaries={}, as_of=None, last_attempt_failed=True).values()) == {"failed"}


def test_after_an_attempt_that_failed_what_is_known_is_from_before() -> None:
    """What was never there is still missing."""
    found = words(summaries=assessed(bandit()).summaries, last_attempt_failed=True)
    assert (found["audit"], found["release"]) == ("failed", "missing")


def test_of_a_payload_that_had_its_time_nobody_knows() -> None:
    """The record remains and does not say which parts it had."""
    assert set(words(summaries=None).values()) == {"unknown"}
    assert set(words(summaries=None, last_attempt_failed=True).values()) == {"failed"}


def test_while_a_capture_runs_everything_is_being_updated() -> None:
    """Whatever is known will be different in a moment."""
    for summaries in (ALL, {}, None):
        found = words(summaries=summaries, is_updating=True, last_attempt_failed=True)
        assert found == dict.fromkeys(PARTS, "updating")
    assert set(words(as_of=None, is_updating=True).values()) == {"updating"}
