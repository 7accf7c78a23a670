"""A project's health as it is known now: score, grade, risk, what each part rests on, and how fresh it is."""

from __future__ import annotations

from typing import Any

from stillframe.flows.scopes import scope_dashboard
from stillframe.flows.seeing import visible_snapshot
from stillframe.flows.services import Services
from stillframe.health import freshness, health_card
from stillframe.model.identity import Caller
from stillframe.model.scope import Scope
from stillframe.model.times import time_from_text, time_text


def project_health(services: Services, caller: Caller, *, project_name: str) -> dict[str, Any]:
    """
    Return the health of a project.

    Shape   JSON: the health card, with `project_name`, `persisted` (whether there is any snapshot yet), `snapshot`
            (which one says so) and `freshness` by part.
    Errors  NotFound for a project that is absent or not for the caller's eyes.
    Source  docs/reference/health-score.md.
    """
    with services.store.read() as unit:
        dashboard = scope_dashboard(unit, caller, Scope(kind="project", name=project_name))
        head_id = unit.heads.get(dashboard.id).head_snapshot_id
        view = None if head_id is None else visible_snapshot(unit, caller, head_id)[0]
        attempts = unit.attempts.list(dashboard.id, limit=1).items
    summaries = {} if view is None else view.payload.summaries
    bundle = () if view is None else view.record.source_bundle
    # Carried frames, such as those before a gate, make evidence neither newer nor whole again.
    dated = bundle[0] if bundle and "as_of" in bundle[0] else None
    as_of = None if view is None else time_from_text(dated["as_of"]) if dated else view.record.as_of
    taken_at = None if view is None else time_from_text(dated["taken_at"]) if dated else view.record.timestamp
    last_failed = bool(attempts) and (taken_at is None or attempts[0].finished_at > taken_at)
    snapshot = None
    if view is not None:
        record = view.record
        snapshot = {
            "id": record.id,
            "sequence": record.sequence,
            "as_of": time_text(record.as_of),
            "timestamp": time_text(record.timestamp),
            "source_ref": record.source_ref,
            "content_hash": record.content_hash,
        }
    return {
        "project_name": dashboard.project,
        "persisted": view is not None,
        "snapshot": snapshot,
        **health_card(summaries, bundle, weights=services.formula({}).weights),
        "freshness": freshness(
            summaries,
            as_of=as_of,
            now=services.clock(),
            stale_after_days=services.limits.stale_after_days,
            last_attempt_failed=last_failed,
            is_updating=services.turns.is_taken(dashboard.id),
        ),
    }
