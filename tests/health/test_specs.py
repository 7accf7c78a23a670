"""The view specs of health dashboards: valid as any, and declaring what their payloads show."""

from __future__ import annotations

import pytest

from stillframe.capture import parse_view_spec
from stillframe.health import Member, formula_digest, health_spec, members_payload, project_payload
from stillframe.model.payload import Payload
from stillframe.model.scope import SCOPE_KINDS, ScopeKind


def shown(kind: ScopeKind) -> Payload:
    return project_payload({}) if kind == "project" else members_payload([Member(project="a", scores={})])


@pytest.mark.parametrize("kind", SCOPE_KINDS)
def test_a_health_dashboard_declares_every_panel_that_it_shows(kind: ScopeKind) -> None:
    """A rule may so be checked before the first snapshot."""
    spec, payload = parse_view_spec(health_spec(kind, title="Health")), shown(kind)
    assert {name: panel.kind for name, panel in spec.panels.items()} == {
        name: "table" if name in payload.tables else "metric" for name in payload.panels
    }
    assert (spec.primary.rows, spec.primary.metric) == (payload.primary.rows, payload.primary.metric)


@pytest.mark.parametrize("kind", SCOPE_KINDS)
def test_a_health_dashboard_says_of_its_fields_what_its_payload_says(kind: ScopeKind) -> None:
    """Which way is better, and what is no change, is said once."""
    spec, payload = parse_view_spec(health_spec(kind, title="Health")), shown(kind)
    for name, table in payload.tables.items():
        panel = spec.panels[name]
        assert panel.kind == "table"
        assert {field: found.as_field() for field, found in panel.fields.items() if field != "status"} == table.fields
    for name, metric in payload.metrics.items():
        found = spec.panels[name]
        assert found.kind == "metric"
        assert found.as_field() == metric.field


def test_groups_and_portfolios_share_a_formula_and_projects_have_their_own() -> None:
    """Pictures made by two formulas are only partly comparable, and the record says by which one."""
    assert formula_digest("group") == formula_digest("portfolio") != formula_digest("project")
