"""What a release gate answers: the decision with its checks, what changed, and which snapshots prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast

from stillframe.flows.gate_evaluation import Candidate, Evaluation
from stillframe.flows.services import Services
from stillframe.model.dashboard import Dashboard
from stillframe.model.facts import GateDecision
from stillframe.model.gate import GateRecord
from stillframe.model.payload import Payload
from stillframe.model.scope import scope_of
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.times import time_from_text, time_text
from stillframe.report.comparison import COMPARED_VERSIONS, LISTED_MOST, comparability_of
from stillframe.report.drilldown import drilldown
from stillframe.report.words import diff_summary, titles_of

_HEALTH = MappingProxyType(
    {"health_score": "score", "grade": "grade", "risk_level": "risk_level", "reason_codes": "reason_codes"}
)


def answer_of(
    services: Services,
    candidate: Candidate,
    evaluation: Evaluation,
    *,
    decision_id: str | None,
    initiator: str,
    source_ref: str | None,
    decided_at: datetime,
    pre_snapshot_id: str | None,
    post_snapshot_id: str | None,
    adopted: SnapshotRecord | None,
    errors: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """
    Return the answer as it is given, kept and never changed.

    Shape   JSON: docs/reference/http-api.md, "Release". `decision_id`: None of a dry run. `adopted`: the snapshot that
            is the project's state now, if the candidate became it. Of the answer, `baseline_snapshot_id` is what the
            candidate was compared with, and `state_snapshot_id` the adopted state after the decision.
    """
    verdict, previous, picture = evaluation.verdict, evaluation.previous, evaluation.picture
    state = adopted or (None if previous is None else previous.record)
    snapshots = {
        "baseline_snapshot": None if previous is None else previous.record.id,
        "pre_snapshot": pre_snapshot_id,
        "post_snapshot": post_snapshot_id,
        "state_snapshot": None if state is None else state.id,
    }
    return {
        "id": decision_id,
        "project_name": candidate.dashboard.project,
        "decision": verdict.decision,
        "dry_run": decision_id is None,
        "profile": {
            "name": candidate.profile.name,
            "digest": candidate.profile.digest,
            "source": candidate.profile.source,
        },
        "decided_at": time_text(decided_at),
        "initiator": initiator,
        "source_ref": source_ref,
        "checks": [check.as_dict() for check in verdict.checks],
        "evidence_incomplete": verdict.evidence_incomplete,
        "suppressions": [found.as_dict(now=decided_at) for found in verdict.suppressions],
        **{f"{name}_id": found for name, found in snapshots.items()},
        "adopted": adopted is not None,
        "snapshot_errors": [dict(error) for error in errors],
        "formula_digest": picture.formula_digest,
        "health": {
            "before": None if previous is None else _health(previous.payload),
            "after": _health(picture.captured.payload),
        },
        "reports": [dict(entry) for entry in picture.source_bundle],
        **_changes(evaluation),
        "links": _links(services, candidate.dashboard, decision_id, snapshots=snapshots),
    }


def gate_record(answer: Mapping[str, Any], dashboard: Dashboard) -> GateRecord:
    """Return the line of history that holds an answer."""
    return GateRecord(
        id=answer["id"],
        project_name=answer["project_name"],
        dashboard_id=dashboard.id,
        decided_at=time_from_text(answer["decided_at"]),
        decision=cast(GateDecision, answer["decision"]),
        profile=answer["profile"]["name"],
        profile_digest=answer["profile"]["digest"],
        initiator=answer["initiator"],
        source_ref=answer["source_ref"],
        adopted=answer["adopted"],
        pre_snapshot_id=answer["pre_snapshot_id"],
        post_snapshot_id=answer["post_snapshot_id"],
        evidence_incomplete=answer["evidence_incomplete"],
        answer=answer,
    )


def _changes(evaluation: Evaluation) -> dict[str, Any]:
    """Return what differs from the adopted state; nothing is said where there is none."""
    previous, diff = evaluation.previous, evaluation.diff
    if previous is None or diff is None:
        nothing = ("snapshot_diff", "diff_summary", "dimension_states", "findings", "comparability")
        return dict.fromkeys(nothing)
    titles = titles_of(previous.payload) | titles_of(evaluation.compared)
    written = diff.as_dict(limit=LISTED_MOST)
    found = drilldown(previous.payload, evaluation.compared, diff)
    counts, previews = found["categories"]["findings"], found["previews"]["findings"]
    picture = evaluation.picture
    return {
        "snapshot_diff": written,
        "diff_summary": diff_summary(diff, titles=titles),
        "dimension_states": written["dimension_states"],
        "findings": {
            kind: {"total": counts[kind], "previews": previews[kind]}
            for kind in ("added", "resolved")
            if kind in counts
        }
        or None,
        "comparability": comparability_of(
            previous.record,
            versions={name: getattr(picture, name) for name in COMPARED_VERSIONS},
            source_bundle=picture.source_bundle,
        ),
    }


def _health(payload: Payload) -> dict[str, Any]:
    summary = payload.summaries.get("health", {})
    measures = {found["id"]: found.get("value") for found in summary.get("measures") or ()}
    said = {name: summary.get(member) for name, member in _HEALTH.items()}
    return said | {name: measures.get(name) for name in ("provisional_score", "evidence_coverage")}


def _links(
    services: Services, dashboard: Dashboard, decision_id: str | None, *, snapshots: Mapping[str, str | None]
) -> dict[str, str]:
    start = services.limits.public_url
    scope = scope_of(dashboard.id)
    board = f"{start}/api/dashboard/{dashboard.slug if scope is None else scope.slug}"
    before, after = snapshots["baseline_snapshot"], snapshots["post_snapshot"]
    return {
        "dashboard": board,
        **({} if decision_id is None else {"decision": f"{start}/api/v1/release/history/{decision_id}"}),
        **{name: f"{start}/api/snapshot/{found}" for name, found in snapshots.items() if found is not None},
        **({"compare": f"{board}/diff?from={before}&to={after}"} if before and after else {}),
    }
