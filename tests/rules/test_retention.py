"""What a payload is kept for: each reason stands above age."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.rules.retention import WHY_KEPT, Use, why_kept

OLD = Use(1, 7, 1_000, False, "standard", "api")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"timestamp": 2_000}, "young"),
        ({"timestamp": 2_001}, "young"),
        ({"timestamp": 1_999}, None),
        ({"immutable": True}, "immutable"),
        ({"retention_class": "release"}, "release"),
        ({"trigger_source": "release_gate_pre"}, "release"),
        ({"trigger_source": "release_gate_post"}, "release"),
        ({"retention_class": "audit"}, "forever"),
        ({"sequence": 8}, "baseline"),
        ({"sequence": 9}, "newest"),
        ({"immutable": True, "sequence": 9}, "immutable"),
    ],
)
def test_a_payload_goes_when_it_is_old_and_nothing_else_keeps_it(change: dict[str, Any], reason: str | None) -> None:
    """A horizon is the time before which payloads go; a class without one is kept for ever."""
    protected: Any = {(1, 8): "baseline", (1, 9): "newest", (2, 7): "pending"}
    assert why_kept(OLD._replace(**change), horizons={"standard": 2_000}, protected=protected) == reason
    assert reason is None or reason in WHY_KEPT


def test_release_evidence_is_kept_even_if_its_class_knows_an_age() -> None:
    """What a gate decided on is evidence for as long as the product stands."""
    use = OLD._replace(retention_class="release")
    assert why_kept(use, horizons={"release": 9_000}, protected={}) == "release"
