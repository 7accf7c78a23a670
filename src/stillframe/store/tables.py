"""The tables as queries see them; `migrations` makes them, and a test holds the two together."""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from stillframe.model.snapshot import CaptureStatus
from stillframe.store.types import CalmText, Code, Flag, HexDigest, JsonText, PackedId, TimeMillis, TimeText, Words

METADATA = MetaData()
CAPTURE_STATUSES: tuple[str, ...] = get_args(CaptureStatus)


def _table(name: str, /, **columns: TypeEngine[Any]) -> Table:
    """Return a table; the first column is its key as far as queries need to know."""
    return Table(name, METADATA, *(Column(column, kind) for column, kind in columns.items()))


USERS = _table("users", id=Text(), name=Text(), role=Text(), created_at=TimeText(), disabled_at=TimeText())
TOKENS = _table(
    "tokens",
    id=Text(),
    user_id=Text(),
    name=Text(),
    scopes=JsonText(),
    digest=LargeBinary(),
    created_at=TimeText(),
    expires_at=TimeText(),
    last_used_at=TimeText(),
    revoked_at=TimeText(),
)
GROUPS = _table("groups", id=Text(), name=Text(), created_at=TimeText(), created_by=Text())
MEMBERSHIPS = _table("memberships", group_id=Text(), user_id=Text(), role=Text(), since=TimeText())
PROJECTS = _table("projects", name=Text(), group_id=Text(), title=Text(), created_at=TimeText(), created_by=Text())
AUDIT = _table(
    "audit",
    key=Integer(),
    at=TimeMillis(),
    actor=Text(),
    actor_id=Text(),
    action=Text(),
    object=Text(),
    outcome=Text(),
    detail=JsonText(),
    request_id=Text(),
)
PERSONAS = _table("personas", id=Text(), slug=Text(), name=Text(), owner_id=Text(), created_at=TimeText())
DASHBOARDS = _table(
    "dashboards",
    key=Integer(),
    id=Text(),
    slug=Text(),
    title=Text(),
    owner_id=Text(),
    view_spec=JsonText(),
    view_spec_hash=Text(),
    snapshot_policy=Text(),
    policy_since=TimeText(),
    created_at=TimeText(),
    updated_at=TimeText(),
    kind=Text(),
    scope_group=Text(),
    scope_project=Text(),
)
HEADS = _table(
    "heads",
    dashboard=Integer(),
    last_snapshot_id=PackedId(),
    last_sequence=Integer(),
    last_timestamp=TimeMillis(),
    head_sequence=Integer(),
    head_snapshot_id=PackedId(),
    head_content_hash=HexDigest(),
    head_as_of=TimeMillis(),
    head_view_spec_hash=Text(),
    rules_version=Integer(),
    chain=Integer(),
    depth=Integer(),
    tip=Integer(),
    segment=Integer(),
    segment_bytes=Integer(),
)
TEXTS = _table("texts", key=Integer(), text=Text())
CONTENTS = _table("contents", key=Integer(), hash=HexDigest())
PAYLOADS = _table("payloads", content=Integer(), chain=Integer(), depth=Integer())
FRAMES = _table("frames", chain=Integer(), segment=Integer(), bytes=LargeBinary())
SNAPSHOTS = _table(
    "snapshots",
    dashboard=Integer(),
    sequence=Integer(),
    id=PackedId(),
    parent=Integer(),
    scope=Integer(),
    scope_ref=Integer(),
    project_name=Integer(),
    group_id=Integer(),
    timestamp=TimeMillis(),
    as_of=TimeMillis(),
    late=Flag(),
    reason=Text(),
    initiator=Integer(),
    trigger_source=Integer(),
    analyzer_version=Integer(),
    rule_version=Integer(),
    formula_digest=Integer(),
    source_ref=Text(),
    immutable=Flag(),
    retention_class=Integer(),
    content=Integer(),
    view_spec_hash=Integer(),
    capture_status=Code(CAPTURE_STATUSES),
    adopted=Flag(),
    source_bundle=JsonText(),
    capture=JsonText(),
    slot=Text(),
    members=Integer(),
)
MEMBER_LISTS = _table("member_lists", key=Integer(), digest=LargeBinary())
MEMBER_LIST_ITEMS = _table("member_list_items", list=Integer(), project=Text())
ACCEPTANCES = _table("acceptances", snapshot_id=PackedId(), accepted_by=Text(), accepted_at=TimeText())
SERIES = _table(
    "series",
    dashboard=Integer(),
    as_of=TimeMillis(),
    sequence=Integer(),
    layout=Integer(),
    packed=LargeBinary(),
)
ATTEMPTS = _table(
    "attempts",
    dashboard=Integer(),
    id=Text(),
    started_at=TimeText(),
    finished_at=TimeText(),
    initiator=Text(),
    trigger_source=Text(),
    error_code=Text(),
    message=Text(),
    source=Text(),
    faults=JsonText(),
)
RULES = _table("rules", id=Integer(), canonical=Text())
SUBSCRIPTIONS = _table(
    "dashboard_subscriptions",
    id=Text(),
    dashboard_artifact_id=Text(),
    subscriber_kind=Text(),
    subscriber_id=Text(),
    threshold_json=JsonText(),
    last_notified_snapshot_id=Text(),
    created_at=TimeText(),
    rule_id=Integer(),
    owner_id=Text(),
    baseline=Text(),
    baseline_snapshot_id=Text(),
    allow_missing=Flag(),
    repeat_interval=Integer(),
    state=Text(),
    paused_reason=Text(),
    holding=Flag(),
    last_notified_at=TimeMillis(),
    receiver=Text(),
    sealed_address=LargeBinary(),
    sealed_secret=LargeBinary(),
    gate=Words(),
    calm=CalmText(),
    importance=Text(),
    max_items=Integer(),
    acknowledged=Flag(),
    old_secret_until=TimeMillis(),
)
STANDINGS = _table(
    "standings",
    subscription_id=Text(),
    dashboard=Integer(),
    episode_baseline=Text(),
    consecutive=Integer(),
    notified=Flag(),
    window_from=Text(),
    window_times=Integer(),
    wake_at=TimeMillis(),
)
EVALUATIONS = _table(
    "evaluations",
    subscription_id=Text(),
    snapshot_id=PackedId(),
    baseline_snapshot_id=PackedId(),
    rule_id=Integer(),
    at=TimeMillis(),
    outcome=Text(),
    reason=Text(),
    detail=Text(),
)
ENDPOINTS = _table("endpoints", receiver=Text(), failing_since=TimeMillis(), last_success_at=TimeMillis())
TEST_SENDS = _table(
    "test_sends",
    key=Integer(),
    subscription_id=Text(),
    sent_by=Text(),
    at=TimeMillis(),
    outcome=Text(),
    status=Integer(),
    detail=Text(),
)
OUTBOX = _table(
    "outbox",
    key=Integer(),
    id=Text(),
    subscription_id=Text(),
    cause=Text(),
    kind=Text(),
    dashboard=Integer(),
    baseline_snapshot_id=Text(),
    rule_id=Integer(),
    channel=Text(),
    receiver=Text(),
    state=Text(),
    due_at=TimeMillis(),
    lease_token=Integer(),
    attempts=Integer(),
    unsettled=Integer(),
    created_at=TimeMillis(),
    said=JsonText(),
)
TRIES = _table(
    "tries",
    key=Integer(),
    delivery=Integer(),
    attempt=Integer(),
    started_at=TimeMillis(),
    finished_at=TimeMillis(),
    outcome=Text(),
    status=Integer(),
    detail=Text(),
)
VERDICTS = _table(
    "verdicts", snapshot_id=PackedId(), baseline_snapshot_id=PackedId(), view=Text(), packed=LargeBinary()
)
NOTICES = _table("notices", snapshot_id=PackedId(), baseline_snapshot_id=PackedId(), diff=LargeBinary())
COMMENTS = _table(
    "comments",
    id=Text(),
    artifact_id=Text(),
    parent_comment_id=Text(),
    author=Text(),
    comment_type=Text(),
    body=Text(),
    created_at=TimeText(),
    resolved_at=TimeText(),
    resolved_by=Text(),
    snapshot_a=Text(),
    snapshot_b=Text(),
    delivery_id=Text(),
)
NOTIFICATIONS = _table(
    "notifications",
    id=Text(),
    user_id=Text(),
    persona=Text(),
    kind=Text(),
    text=Text(),
    dashboard_id=Text(),
    snapshot_id=Text(),
    comment_id=Text(),
    once_key=Text(),
    created_at=TimeText(),
    read_at=TimeText(),
)
LEASES = _table("leases", name=Text(), holder=Text(), token=Integer(), until=TimeText())
WORKERS = _table("workers", id=Text(), kind=Text(), beat_at=TimeText())
IDEMPOTENCY = _table(
    "idempotency",
    caller=Text(),
    route=Text(),
    key=Text(),
    body_sha256=LargeBinary(),
    began_at=TimeText(),
    status=Integer(),
    answer=LargeBinary(),
)
REPORTS = _table("reports", report=Integer(), place=Integer(), size=Integer(), bytes=LargeBinary())
REPORT_USES = _table("report_uses", report=Integer(), dashboard=Integer(), sequence=Integer())
GATES = _table(
    "gates",
    id=PackedId(),
    project_name=Text(),
    dashboard=Integer(),
    decided_at=TimeMillis(),
    decision=Text(),
    profile=Text(),
    profile_digest=HexDigest(),
    initiator=Text(),
    source_ref=Text(),
    adopted=Flag(),
    pre_snapshot_id=PackedId(),
    post_snapshot_id=PackedId(),
    evidence_incomplete=Flag(),
    answer=LargeBinary(),
)
SUPPRESSIONS = _table(
    "suppressions",
    project_name=Text(),
    id=Text(),
    finding_id=Text(),
    reason=Text(),
    ticket=Text(),
    created_by=Text(),
    created_at=TimeText(),
    expires_at=TimeText(),
    lifted_at=TimeText(),
    lifted_by=Text(),
)
RECODING = _table("recoding", chain=Integer())
HORIZONS = Table("retention_horizon", METADATA, Column("class", Text()), Column("before", TimeMillis()))
