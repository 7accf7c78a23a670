"""What a subscription is compared with: the newest frame, the one last told of, or one that is pinned."""

from __future__ import annotations

from stillframe.errors import InvalidInput, nearest
from stillframe.model.dashboard import Dashboard, Head
from stillframe.model.subscription import BASELINES, BaselineKind
from stillframe.store import Unit

LONGEST_REPEAT_SECONDS = 366 * 86_400


def baseline_of(
    unit: Unit, dashboard: Dashboard, head: Head, *, kind: str, snapshot_id: str | None
) -> tuple[BaselineKind, str | None]:
    """
    Return a subscription's baseline, and the snapshot that it stands at if it names one.

    Errors  InvalidInput naming the member.
    """
    match kind:
        case "previous" | "last_notified" if snapshot_id is not None:
            raise InvalidInput.at(
                "$.baseline_snapshot_id", f"only the baseline 'pinned' names a snapshot, not '{kind}'"
            )
        case "previous":
            return "previous", None
        case "last_notified":
            return "last_notified", head.head_snapshot_id
        case "pinned":
            return "pinned", _pinnable(unit, dashboard, head, snapshot_id=snapshot_id)
        case _:
            raise InvalidInput.at("$.baseline", f"{kind!r} is not a baseline{nearest(kind, BASELINES)}")


def _pinnable(unit: Unit, dashboard: Dashboard, head: Head, *, snapshot_id: str | None) -> str:
    if snapshot_id is None:
        raise InvalidInput.at("$.baseline_snapshot_id", "the baseline 'pinned' needs a snapshot id")
    record = unit.snapshots.record(snapshot_id)
    snapshot = unit.snapshots.get(snapshot_id) if record is not None and record.dashboard_id == dashboard.id else None
    if snapshot is None:
        raise InvalidInput.at("$.baseline_snapshot_id", "this dashboard has no such snapshot")
    if not snapshot.is_baseline and not unit.snapshots.accepted(snapshot_id):
        raise InvalidInput.at("$.baseline_snapshot_id", "a snapshot that is empty, late or not adopted is no baseline")
    if head.head_view_spec_hash not in (None, snapshot.record.view_spec_hash):
        raise InvalidInput.at(
            "$.baseline_snapshot_id", "the view spec has changed since this snapshot; pin one taken since"
        )
    return snapshot_id


def check_repeat(baseline: BaselineKind, repeat_interval: int | None) -> None:
    """
    Let a repeat interval pass that can be one: of `pinned` alone, 1 second to 366 days.

    Errors  InvalidInput at `$.repeat_interval`.
    """
    if repeat_interval is None:
        return
    if baseline != "pinned":
        raise InvalidInput.at("$.repeat_interval", "only a subscription against 'pinned' repeats")
    if not 1 <= repeat_interval <= LONGEST_REPEAT_SECONDS:
        raise InvalidInput.at("$.repeat_interval", f"1 to {LONGEST_REPEAT_SECONDS} seconds")
