"""Letters: what a webhook delivery says, built from what the transaction stored, the same on every try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillframe.errors import StoreError
from stillframe.flows.services import Services
from stillframe.model.delivery import Letter
from stillframe.model.snapshot import SnapshotRecord
from stillframe.report.notice import SnapshotLink, webhook_body
from stillframe.store import Claimed, Unit

SECRETS_SEPARATOR = " "
"""A sealed secret holds one, or during a rotation two, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """
    What all letters about one capture and one baseline share.

    Shape   `verdicts`: the verdict tree of each matched rule, as JSON, by rule number.
    """

    snapshot_a: SnapshotRecord
    snapshot_b: SnapshotRecord
    diff_json: bytes
    verdicts: Mapping[int, Any]


EvidenceKey = tuple[str, str]
"""Ids of the capture and of its baseline."""


def link(services: Services, record: SnapshotRecord) -> SnapshotLink:
    """Return how a notice points at a snapshot."""
    url = f"{services.limits.public_url}/api/snapshot/{record.id}"
    return SnapshotLink(
        id=record.id, sequence=record.sequence, timestamp=record.timestamp, content_hash=record.content_hash, url=url
    )


def letters_for(services: Services, claimed: Sequence[Claimed], known: Mapping[EvidenceKey, Evidence]) -> list[Letter]:
    """
    Return a letter for each claimed delivery.

    Evidence that is not `known` is read from the store, once for each capture and baseline.

    Errors  StoreError if a promised delivery's evidence is not there, which no transaction of ours can leave behind.
    """
    needed = {(entry.snapshot_id, entry.baseline_snapshot_id) for entry in claimed} - known.keys()
    with services.store.read() as unit:
        evidence = dict(known) | {key: _read(unit, key) for key in needed}
    return [_letter(services, entry, evidence[entry.snapshot_id, entry.baseline_snapshot_id]) for entry in claimed]


def _letter(services: Services, entry: Claimed, evidence: Evidence) -> Letter:
    paths = _links(services, entry, evidence)
    body = webhook_body(
        timestamp=evidence.snapshot_b.timestamp,
        dashboard_id=entry.dashboard_id,
        snapshot_a=link(services, evidence.snapshot_a),
        snapshot_b=link(services, evidence.snapshot_b),
        diff_json=evidence.diff_json,
        reason=evidence.verdicts[entry.rule_id],
        subscription_id=entry.subscription_id,
        links=paths,
    )
    return Letter(
        delivery_id=entry.delivery_id,
        lease_token=entry.lease_token,
        attempt=entry.attempt,
        receiver=entry.receiver,
        address=services.vault.open(entry.sealed_address, row_id=entry.subscription_id),
        secrets=tuple(services.vault.open(entry.sealed_secret, row_id=entry.subscription_id).split(SECRETS_SEPARATOR)),
        body=body,
    )


def _links(services: Services, entry: Claimed, evidence: Evidence) -> dict[str, str]:
    start = f"{services.limits.public_url}/api/dashboard/{entry.dashboard_id}"
    return {
        "dashboard": start,
        "diff": f"{start}/diff?from={evidence.snapshot_a.id}&to={evidence.snapshot_b.id}",
        "subscription": f"{start}/subscriptions/{entry.subscription_id}",
    }


def _read(unit: Unit, key: EvidenceKey) -> Evidence:
    snapshot_id, baseline_id = key
    after, before = unit.snapshots.record(snapshot_id), unit.snapshots.record(baseline_id)
    diff_json, packed = unit.notices.get(snapshot_id, baseline_id), unit.verdicts.get(snapshot_id, baseline_id)
    if after is None or before is None or diff_json is None or packed is None:
        raise StoreError(
            f"the evidence of snapshot {snapshot_id} against {baseline_id} is not in the store; run `stillframe doctor`"
        )
    return Evidence(snapshot_a=before, snapshot_b=after, diff_json=diff_json, verdicts=packed)
