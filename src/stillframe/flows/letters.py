"""Letters: what a webhook delivery says, built from what the transaction stored, the same on every try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from stillframe.errors import StillframeError, StoreError
from stillframe.flows.services import Services
from stillframe.model.delivery import Letter
from stillframe.model.snapshot import SnapshotRecord
from stillframe.report.notice import SnapshotLink, webhook_body
from stillframe.report.release_notice import release_body
from stillframe.store import Claimed, Unit

_log = structlog.get_logger(__name__)

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


def address_row(subscription_id: str) -> str:
    """Return what a sealed address is bound to, so that it opens nowhere else."""
    return f"{subscription_id}:address"


def secret_row(subscription_id: str) -> str:
    """Return what a sealed secret is bound to."""
    return f"{subscription_id}:secret"


def link(services: Services, record: SnapshotRecord) -> SnapshotLink:
    """Return how a notice points at a snapshot."""
    url = f"{services.limits.public_url}/api/snapshot/{record.id}"
    return SnapshotLink(
        id=record.id, sequence=record.sequence, timestamp=record.timestamp, content_hash=record.content_hash, url=url
    )


def letters_for(services: Services, claimed: Sequence[Claimed], known: Mapping[EvidenceKey, Evidence]) -> list[Letter]:
    """
    Return a letter for each claimed delivery.

    Evidence that is not `known` is read from the store, once for each capture and baseline. A delivery whose letter
    cannot be written is left out and logged: its lease ends, and after three such claims it is parked.
    """
    evidence = dict(known)
    letters = []
    with services.store.read() as unit:
        for entry in claimed:
            try:
                letters.append(_letter(services, entry, body=_body(services, unit, entry, evidence=evidence)))
            except Exception as error:  # noqa: BLE001  # because one letter that cannot be written must not hold up the others
                # No traceback: the variables that a log may print with it hold the secret and the address.
                why = str(error) if isinstance(error, StillframeError) else type(error).__name__
                _log.error("letter_failed", delivery_id=entry.delivery_id, error=why)
    return letters


def _body(services: Services, unit: Unit, entry: Claimed, *, evidence: dict[EvidenceKey, Evidence]) -> bytes:
    if entry.kind == "gate":
        return _gate_body(services, unit, entry)
    key = (entry.snapshot_id, entry.baseline_snapshot_id)
    if key not in evidence:
        evidence[key] = _read(unit, key)
    found = evidence[key]
    return webhook_body(
        timestamp=found.snapshot_b.timestamp,
        dashboard_id=entry.dashboard_id,
        snapshot_a=link(services, found.snapshot_a),
        snapshot_b=link(services, found.snapshot_b),
        diff_json=found.diff_json,
        reason=found.verdicts[entry.rule_id],
        subscription_id=entry.subscription_id,
        links=_links(services, entry, found),
    )


def _gate_body(services: Services, unit: Unit, entry: Claimed) -> bytes:
    record = unit.gates.get(entry.snapshot_id)
    if record is None:
        raise StoreError(f"the decision {entry.snapshot_id} is not in the store; restore the database from a copy")
    start = f"{services.limits.public_url}/api/dashboard/{entry.dashboard_id}"
    return release_body(
        record.answer,
        dashboard_id=entry.dashboard_id,
        subscription_id=entry.subscription_id,
        links={**record.answer["links"], "subscription": f"{start}/subscriptions/{entry.subscription_id}"},
    )


def _letter(services: Services, entry: Claimed, *, body: bytes) -> Letter:
    opened = services.vault.open(entry.sealed_secret, row_id=secret_row(entry.subscription_id))
    return Letter(
        delivery_id=entry.delivery_id,
        lease_token=entry.lease_token,
        attempt=entry.attempt,
        receiver=entry.receiver,
        address=services.vault.open(entry.sealed_address, row_id=address_row(entry.subscription_id)),
        secrets=tuple(opened.split(SECRETS_SEPARATOR)),
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
            f"the evidence of snapshot {snapshot_id} against {baseline_id} is not in the store; "
            "restore the database from a copy"
        )
    return Evidence(snapshot_a=before, snapshot_b=after, diff_json=diff_json, verdicts=packed)
