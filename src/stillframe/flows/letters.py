"""Letters: what a delivery says, built from what the transaction stored, the same on every try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from stillframe.errors import StillframeError, StoreError
from stillframe.flows.journal import request_id
from stillframe.flows.services import Services
from stillframe.flows.told_views import VIEW, seen_diff, seen_link, told_facts
from stillframe.flows.writing import written
from stillframe.model.delivery import Letter
from stillframe.model.snapshot import SnapshotRecord
from stillframe.report.link import SnapshotLink
from stillframe.report.message import Message
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
    forms: dict[_Shape, _Form] = {}
    letters = []
    with services.store.read() as unit:
        for entry in claimed:
            try:
                letters.append(
                    _letter(services, entry, body=_body(services, unit, entry, evidence=evidence, forms=forms))
                )
            except Exception as error:  # noqa: BLE001  # because one letter that cannot be written must not hold up the others
                # No traceback: the variables that a log may print with it hold the secret and the address.
                why = str(error) if isinstance(error, StillframeError) else type(error).__name__
                _log.error("letter_failed", delivery_id=entry.delivery_id, error=why)
    return letters


def trial_letter(services: Services, unit: Unit, entry: Claimed, *, evidence: Mapping[EvidenceKey, Evidence]) -> Letter:
    """Return the letter of a test send: as a delivery's, and it says that it is a test."""
    message = replace(_message(services, unit, entry, evidence=dict(evidence)), test=True)
    return _letter(services, entry, body=written(services, message, entry))


_Shape = tuple[str, str, str, int, str, int | None, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A body that many are told, with a name in the place of each one's subscription that stands nowhere else."""

    body: bytes
    name: bytes

    def told(self, subscription_id: str) -> bytes:
        return self.body.replace(self.name, subscription_id.encode())


def _body(
    services: Services,
    unit: Unit,
    entry: Claimed,
    *,
    evidence: dict[EvidenceKey, Evidence],
    forms: dict[_Shape, _Form],
) -> bytes:
    """Return what goes out; of webhooks that are told the same, only the first is written from its start."""
    if entry.channel != "webhook" or entry.kind != "alert" or entry.said:
        return written(services, _message(services, unit, entry, evidence=evidence), entry)
    shape = (
        entry.dashboard_id,
        entry.snapshot_id,
        entry.baseline_snapshot_id,
        entry.rule_id,
        entry.importance,
        entry.max_items,
        entry.calm.notify_on_resolve,
    )
    form = forms.get(shape)
    if form is None:
        # A new id can be in no picture yet, as the subscription's own could.
        name = services.new_id()
        anyone = replace(entry, subscription_id=name)
        body = written(services, _message(services, unit, anyone, evidence=evidence), anyone)
        form = forms[shape] = _Form(body=body, name=name.encode())
    return form.told(entry.subscription_id)


def _message(services: Services, unit: Unit, entry: Claimed, *, evidence: dict[EvidenceKey, Evidence]) -> Message:
    """Return what a delivery says, built from what was stored with its promise."""
    message = Message(
        delivery_id=entry.delivery_id,
        kind=entry.kind,
        dashboard_id=entry.dashboard_id,
        dashboard_title=entry.dashboard_title,
        subscription_id=entry.subscription_id,
        created_at=entry.created_at,
        links=_links(services, entry),
        importance=entry.importance,
        max_items=entry.max_items,
        lasting=entry.calm.notify_on_resolve,
        said=entry.said or {},
    )
    if entry.kind == "confirm":
        return message
    if entry.kind == "gate":
        answer = _decision(unit, entry)
        links = {**answer["links"], "subscription": message.links["subscription"]}
        return replace(message, gate=answer, links=links)
    if VIEW in message.said:
        return _of_view(services, unit, entry, message=message)
    key = (entry.snapshot_id, entry.baseline_snapshot_id)
    if key not in evidence:
        evidence[key] = _read(unit, key)
    found = evidence[key]
    diff = f"{message.links['dashboard']}/diff?from={found.snapshot_a.id}&to={found.snapshot_b.id}"
    return replace(
        message,
        snapshot_a=link(services, found.snapshot_a),
        snapshot_b=link(services, found.snapshot_b),
        diff_json=found.diff_json,
        reason=message.said.get("verdict") or found.verdicts[entry.rule_id],
        links={**message.links, "diff": diff},
    )


def _of_view(services: Services, unit: Unit, entry: Claimed, *, message: Message) -> Message:
    """Return what a delivery of a view says: all of it was kept with the delivery itself."""
    before, after = unit.snapshots.record(entry.baseline_snapshot_id), unit.snapshots.record(entry.snapshot_id)
    if before is None or after is None:
        raise _lost(entry.snapshot_id, entry.baseline_snapshot_id)
    diff = f"{message.links['dashboard']}/diff?from={before.id}&to={after.id}"
    return replace(
        message,
        snapshot_a=seen_link(link(services, before), message.said, later=False),
        snapshot_b=seen_link(link(services, after), message.said, later=True),
        diff_json=seen_diff(message.said),
        reason=message.said["verdict"],
        links={**message.links, "diff": diff},
        said=told_facts(message.said),
    )


def _lost(snapshot_id: str, baseline_id: str) -> StoreError:
    return StoreError(
        f"the evidence of snapshot {snapshot_id} against {baseline_id} is not in the store; "
        "restore the database from a copy"
    )


def _decision(unit: Unit, entry: Claimed) -> Mapping[str, Any]:
    record = unit.gates.get(entry.snapshot_id)
    if record is None:
        raise StoreError(f"the decision {entry.snapshot_id} is not in the store; restore the database from a copy")
    return record.answer


def _letter(services: Services, entry: Claimed, *, body: bytes) -> Letter:
    letter = Letter(
        delivery_id=entry.delivery_id,
        lease_token=entry.lease_token,
        attempt=entry.attempt,
        receiver=entry.receiver,
        address=entry.subscriber_id,
        body=body,
        channel=entry.channel,
        key=entry.key,
        promised_at=entry.created_at,
        request_id=request_id(),
    )
    if entry.channel != "webhook":
        return letter
    return replace(letter, address=_address(services, entry), secrets=_secrets(services, entry))


def _address(services: Services, entry: Claimed) -> str:
    return services.vault.open(entry.sealed_address or b"", row_id=address_row(entry.subscription_id))


def _secrets(services: Services, entry: Claimed) -> tuple[str, ...]:
    opened = services.vault.open(entry.sealed_secret or b"", row_id=secret_row(entry.subscription_id))
    newest, *older = opened.split(SECRETS_SEPARATOR)
    is_over = entry.old_secret_until is not None and entry.old_secret_until <= services.clock()
    return (newest,) if is_over else (newest, *older)


def _links(services: Services, entry: Claimed) -> dict[str, str]:
    start = f"{services.limits.public_url}/api/dashboard/{entry.dashboard_id}"
    return {"dashboard": start, "subscription": f"{start}/subscriptions/{entry.subscription_id}"}


def _read(unit: Unit, key: EvidenceKey) -> Evidence:
    snapshot_id, baseline_id = key
    after, before = unit.snapshots.record(snapshot_id), unit.snapshots.record(baseline_id)
    diff_json, packed = unit.notices.get(snapshot_id, baseline_id), unit.verdicts.get(snapshot_id, baseline_id)
    if after is None or before is None or diff_json is None or packed is None:
        raise _lost(snapshot_id, baseline_id)
    return Evidence(snapshot_a=before, snapshot_b=after, diff_json=diff_json, verdicts=packed)
