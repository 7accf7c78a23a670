"""The names in a rule, and the refusal of those that a dashboard does not have."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.model.payload import Metric, Payload, Primary, Table
from stillframe.rules import KnownNames, known_names, missing_names, names_in, parse_rule

KNOWN = KnownNames(
    panels={"board": ("id", "elo"), "later": None},
    metrics=("papers", "sca.score"),
    dimensions=("sca",),
    primary="board",
    has_primary_metric=True,
)


@pytest.mark.parametrize(
    "rule",
    [
        {"value_delta_abs": 1, "on_field": "elo"},
        {"value_delta_abs": 1, "on_field": "anything", "panel": "later"},
        {"top_n_reordering": 3},
        {"metric_delta_abs": 1, "on_metric": "sca.score"},
        {"primary_metric_delta_pct": 0.1},
        {"dimension_state": "regressed"},
        {"any_change": True},
    ],
)
def test_what_a_dashboard_has_is_not_missing(rule: dict[str, Any]) -> None:
    """A table nobody has seen yet may have any field."""
    assert missing_names(parse_rule(rule), KNOWN) == []


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (
            {"value_delta_abs": 1, "on_field": "ello"},
            "$.on_field: this dashboard has no field 'ello'; did you mean 'elo'?",
        ),
        (
            {"set_added_min": 1, "panel": "bord"},
            "$.panel: this dashboard has no table panel 'bord'; did you mean 'board'?",
        ),
        (
            {"not": {"metric_delta_abs": 1, "on_metric": "paper"}},
            "$.NOT.on_metric: this dashboard has no metric 'paper'; did you mean 'papers'?",
        ),
        (
            {"or": [{"any_change": True}, {"dimension_state": "improved", "on_dimension": "scan"}]},
            "$.OR[1].on_dimension: this dashboard has no dimension 'scan'; did you mean 'sca'?",
        ),
    ],
)
def test_a_missing_name_is_told_with_the_nearest_known(rule: dict[str, Any], fault: str) -> None:
    """A rule about nothing would stay silent for ever, so it is refused with advice."""
    assert [str(found) for found in missing_names(parse_rule(rule), KNOWN)] == [fault]


def test_a_dashboard_without_primaries_refuses_rules_about_them() -> None:
    """No primary table, no primary metric, no dimension: three faults."""
    rule = parse_rule(
        {"AND": [{"top_n_reordering": 1}, {"primary_metric_delta_pct": 1}, {"dimension_state": "improved"}]}
    )
    assert len(missing_names(rule, KnownNames())) == 3


def test_every_name_of_a_rule_is_found() -> None:
    """Names are found through every combinator."""
    rule = parse_rule(
        {"AND": [{"NOT": {"value_delta_abs": 1, "on_field": "elo", "panel": "b"}}, {"primary_metric_delta_pct": 1}]}
    )
    names = names_in(rule)
    assert (names.fields, names.panels, names.metrics) == (
        frozenset({("b", "elo")}),
        frozenset({"b"}),
        frozenset({None}),
    )


def test_a_payload_knows_its_own_names() -> None:
    """Columns, metric panels, scores and measures."""
    payload = Payload(
        panels={"t": Table(key="id", columns=("id",), rows=[]), "m": Metric(value=1)},
        primary=Primary(rows="t", metric="m"),
        summaries={"sca": {"score": 1, "measures": [{"id": "open", "value": 2}]}},
    )
    known = known_names(payload)
    assert known.metrics == ("m", "sca.score", "sca.open")
    assert (known.panels, known.dimensions, known.has_primary_metric) == ({"t": ("id",)}, ("sca",), True)
