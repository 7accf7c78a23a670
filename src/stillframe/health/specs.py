"""What health dashboards declare of themselves: the view specs that Stillframe writes, and their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillframe.health.project import SCORE_TOLERANCE
from stillframe.model.canonical import digest_of
from stillframe.model.scope import (
    COUNT_PANEL,
    DIMENSIONS,
    DIMENSIONS_PANEL,
    HEALTH_PANEL,
    MEAN_PANEL,
    MEMBERS_PANEL,
    UNSCORED_PANEL,
    WORST_PANEL,
    ScopeKind,
)

_SCORE = {"better": "higher", "unit": "points", "tolerance": SCORE_TOLERANCE}
_FORMULAS: Mapping[str, Mapping[str, Any]] = {
    "project": {"formula": "stillframe.summary/1", "scores": "as the summary says"},
    "members": {
        "formula": "stillframe.members/1",
        "mean": "of the scores that are there",
        "worst": "the least of them",
    },
}


def health_spec(kind: ScopeKind, *, title: str) -> dict[str, Any]:
    """Return the view spec of a health dashboard, in the form in which view specs are written."""
    return _project_spec(title) if kind == "project" else _members_spec(title)


def formula_digest(kind: ScopeKind) -> str:
    """Return the name of the formula that a scope's figures come from; pictures of two formulas are only partly
    comparable."""
    return digest_of(_FORMULAS["project" if kind == "project" else "members"])


def _project_spec(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "sources": {"summary": {"type": "push"}},
        "panels": {
            DIMENSIONS_PANEL: {
                "source": "summary",
                "kind": "table",
                "key": "dimension",
                "fields": {"score": _SCORE, "status": {}},
            },
            HEALTH_PANEL: {"source": "summary", "kind": "metric", "null_ok": True, **_SCORE},
        },
        "primary": {"rows": DIMENSIONS_PANEL, "metric": HEALTH_PANEL},
    }


def _members_spec(title: str) -> dict[str, Any]:
    counted = {"source": "projects", "kind": "metric", "unit": "projects"}
    scored = {"source": "projects", "kind": "metric", "null_ok": True, **_SCORE}
    return {
        "title": title,
        "sources": {"projects": {"type": "push"}},
        "panels": {
            MEMBERS_PANEL: {
                "source": "projects",
                "kind": "table",
                "key": "project",
                "rank_by": "health",
                "order": "desc",
                "fields": dict.fromkeys(DIMENSIONS, _SCORE),
            },
            MEAN_PANEL: scored,
            WORST_PANEL: scored,
            COUNT_PANEL: counted,
            UNSCORED_PANEL: counted,
        },
        "primary": {"rows": MEMBERS_PANEL, "metric": MEAN_PANEL},
        "empty_is_news": True,
    }
