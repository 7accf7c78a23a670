"""Subscriptions: whose rule over which dashboard, with rules interned so that each distinct one is judged once."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BindParameter,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from stillframe.errors import Conflict, NotFound
from stillframe.model.subscription import RuleGroup, Subscription
from stillframe.store.answers import Rebased
from stillframe.store.heads import rules_changed
from stillframe.store.tables import HEADS, OUTBOX, RULES, STANDINGS, SUBSCRIPTIONS
from stillframe.store.types import is_true
from stillframe.store.work import Work

_NAMES = {"dashboard_id": "dashboard_artifact_id", "threshold": "threshold_json"}
"""Where the table's column is not called as the model's member."""
SUBSCRIPTION_COLUMNS = {name: SUBSCRIPTIONS.c[_NAMES.get(name, name)] for name in Subscription.__slots__}
_FIXED = frozenset({"id", "dashboard_id", "subscriber_kind", "subscriber_id", "owner_id", "created_at"})

ACTIVE = SUBSCRIPTIONS.c.state == literal_column("'active'")
OF_CHANGES = SUBSCRIPTIONS.c.gate.is_(None)
"""Not of what release gates decide."""
PENDING = OUTBOX.c.state == literal_column("'pending'")
_SELECT = select(*(column.label(name) for name, column in SUBSCRIPTION_COLUMNS.items()))
_AGAINST = case((SUBSCRIPTIONS.c.baseline == "previous", null()), else_=SUBSCRIPTIONS.c.baseline_snapshot_id)
_HERE = SUBSCRIPTIONS.c.dashboard_artifact_id == bindparam("dashboard_id")
_PLAIN = (
    select(
        SUBSCRIPTIONS.c.rule_id,
        SUBSCRIPTIONS.c.baseline,
        _AGAINST.label("against"),
        func.count().label("subscribers"),
    )
    .where(_HERE, ACTIVE, OF_CHANGES, SUBSCRIPTIONS.c.calm.is_(None))
    .group_by(SUBSCRIPTIONS.c.rule_id, SUBSCRIPTIONS.c.baseline, SUBSCRIPTIONS.c.baseline_snapshot_id)
)
_CALM = select(null(), null(), null(), func.count()).where(_HERE, ACTIVE, SUBSCRIPTIONS.c.calm.is_not(None))
_GROUPS = union_all(_PLAIN, _CALM).order_by("rule_id", "baseline", "against")
"""The groups, and how many subscriptions ask for calm: a row without a rule."""
_RULES_VERSION = select(HEADS.c.rules_version).where(HEADS.c.dashboard == bindparam("dashboard_key"))


KEY_LOST = "restored without the key of secrets: subscribe again"
_USABLE = and_(
    SUBSCRIPTIONS.c.sealed_address.is_not(None),
    SUBSCRIPTIONS.c.state != "removed",
    func.coalesce(SUBSCRIPTIONS.c.paused_reason, "") != KEY_LOST,
)
_ANY_SEALED = select(SUBSCRIPTIONS.c.id).where(_USABLE).limit(1)


class Subscriptions:
    """Everybody who asked to be told. Every change moves the dashboard's rules version."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def intern_rule(self, canonical: str) -> int:
        """Return the number of a rule's canonical text, the same for the same text for ever."""
        self._work.run(self._work.insert_once(RULES), {"canonical": canonical})
        row = self._work.row(select(RULES.c.id).where(RULES.c.canonical == canonical))
        assert row is not None
        number: int = row.id
        return number

    def add(
        self,
        subscription: Subscription,
        *,
        sealed_address: bytes | None = None,
        sealed_secret: bytes | None = None,
        receiver: str | None = None,
    ) -> Subscription:
        """
        Keep a new subscription, and return it.

        Shape   `receiver`: a digest of the address; a webhook has all three, a persona none.
        Errors  Conflict for the same kind, id and rule on this dashboard, unless that one was removed.
        """
        row = _to_row(subscription) | {
            "sealed_address": sealed_address,
            "sealed_secret": sealed_secret,
            "receiver": receiver,
        }
        if not self._work.run(self._work.insert_once(SUBSCRIPTIONS), row):
            raise _taken(subscription)
        self._changed([subscription.dashboard_id])
        return subscription

    def get(self, subscription_id: str) -> Subscription | None:
        """Return a subscription in whatever state it is, removed ones too."""
        row = self._work.row(_SELECT.where(SUBSCRIPTIONS.c.id == subscription_id))
        return row and _from_row(row)

    def list(self, dashboard_id: str, owner_id: str | None) -> builtins.list[Subscription]:
        """Return a dashboard's subscriptions that were not removed, of one owner or of all, oldest first."""
        wanted = _SELECT.where(
            SUBSCRIPTIONS.c.dashboard_artifact_id == dashboard_id, SUBSCRIPTIONS.c.state != literal_column("'removed'")
        )
        wanted = wanted if owner_id is None else wanted.where(SUBSCRIPTIONS.c.owner_id == owner_id)
        return [
            _from_row(row) for row in self._work.rows(wanted.order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id))
        ]

    def with_rules(self, dashboard_id: str, rule_ids: Iterable[int]) -> builtins.list[Subscription]:
        """Return a dashboard's active subscriptions to changes that have one of these rules."""
        ruled = SUBSCRIPTIONS.c.rule_id.in_(list(rule_ids))
        wanted = _SELECT.where(SUBSCRIPTIONS.c.dashboard_artifact_id == dashboard_id, ACTIVE, OF_CHANGES, ruled)
        return [
            _from_row(row) for row in self._work.rows(wanted.order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id))
        ]

    def owners(self, dashboard_id: str) -> builtins.list[str]:
        """Return the users who own an active subscription to changes of a dashboard."""
        here = (SUBSCRIPTIONS.c.dashboard_artifact_id == dashboard_id, ACTIVE, OF_CHANGES)
        return [row.owner_id for row in self._work.rows(select(SUBSCRIPTIONS.c.owner_id).where(*here).distinct())]

    def owned_by(self, owner_id: str) -> builtins.list[Subscription]:
        """Return a user's active subscriptions on every dashboard, oldest first."""
        wanted = _SELECT.where(SUBSCRIPTIONS.c.owner_id == owner_id, ACTIVE)
        return [
            _from_row(row) for row in self._work.rows(wanted.order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id))
        ]

    def update(self, subscription: Subscription) -> None:
        """
        Put a subscription in the place of the one with its id; dashboard, subscriber, owner and creation stay.

        Errors  NotFound if there is none; Conflict if another one has the same kind, id and rule.
        """
        row = {name: value for name, value in _to_row(subscription).items() if name not in _FIXED_COLUMNS}
        try:
            with self._work.connection.begin_nested():
                found = self._work.run(update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == subscription.id).values(row))
        except IntegrityError as error:
            raise _taken(subscription) from error
        if not found:
            raise NotFound
        self._changed([subscription.dashboard_id])

    def sealed(self, subscription_id: str) -> tuple[bytes | None, bytes | None]:
        """
        Return the sealed address and the sealed secret.

        Errors  NotFound if there is no such subscription.
        """
        mine = select(SUBSCRIPTIONS.c.sealed_address, SUBSCRIPTIONS.c.sealed_secret).where(
            SUBSCRIPTIONS.c.id == subscription_id
        )
        row = self._work.row(mine)
        if row is None:
            raise NotFound
        return row.sealed_address, row.sealed_secret

    def any_sealed(self) -> bool:
        """Return whether anything here can be opened with the key of secrets only."""
        return self._work.row(_ANY_SEALED) is not None

    def set_sealed_secret(
        self, subscription_id: str, sealed_secret: bytes, *, old_secret_until: datetime | None = None
    ) -> None:
        """Keep another secret, or two during a rotation, of which the older signs until then."""
        values = {"sealed_secret": sealed_secret, "old_secret_until": old_secret_until}
        self._work.run(update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == subscription_id).values(values))

    def remove(self, subscription_id: str, at: datetime) -> None:
        """
        Mark a subscription removed and cancel what is pending; its history stays, and the same may be made again.

        Units   `at` closes what was due: a delivery that is being sent may still settle as sent.
        """
        self._end([subscription_id], state="removed", reason=None, deliveries="cancelled", at=at)

    def pause(self, subscription_ids: Iterable[str], *, reason: str, at: datetime) -> None:
        """Pause active subscriptions and park what is pending, so that it can be replayed."""
        self._end(list(subscription_ids), state="paused", reason=reason, deliveries="parked", at=at)

    def sealed_addresses(self) -> builtins.list[tuple[Subscription, bytes]]:
        """Return every subscription that was not removed whose address is sealed, with the sealed address."""
        rows = self._work.rows(_SELECT.add_columns(SUBSCRIPTIONS.c.sealed_address).where(_USABLE))
        return [
            (Subscription(**{name: getattr(row, name) for name in SUBSCRIPTION_COLUMNS}), bytes(row.sealed_address))
            for row in rows
        ]

    def lose_key(self, subscription_ids: Iterable[str], *, at: datetime) -> None:
        """Pause what can no longer be told, for good; what was paused already says why it stays so."""
        ids = list(subscription_ids)
        self.pause(ids, reason=KEY_LOST, at=at)
        self._work.run(update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id.in_(ids)).values(paused_reason=KEY_LOST))

    def rebase(self, dashboard_id: str, *, snapshot_id: str, reason: str) -> Rebased:
        """
        Let every active subscription to changes start again from a snapshot; pinned ones are paused.

        What is paused and follows what it was last told starts again too, or it would compare two kinds of picture once
        it is resumed.

        Source  docs/reference/semantics.md, "When nobody is told".
        """
        kept = and_(
            SUBSCRIPTIONS.c.dashboard_artifact_id == dashboard_id,
            SUBSCRIPTIONS.c.state != literal_column("'removed'"),
            OF_CHANGES,
        )
        here = and_(kept, ACTIVE)
        no = {"holding": False, "acknowledged": False}
        pinned, drifting = SUBSCRIPTIONS.c.baseline == "pinned", SUBSCRIPTIONS.c.baseline == "last_notified"
        paused = self._work.run(
            update(SUBSCRIPTIONS).where(here, pinned).values(no | {"state": "paused", "paused_reason": reason})
        )
        moved = self._work.run(update(SUBSCRIPTIONS).where(kept, drifting).values(baseline_snapshot_id=snapshot_id))
        row = self._work.row(select(func.count().label("total")).select_from(SUBSCRIPTIONS).where(here))
        known = and_(here, is_true(SUBSCRIPTIONS.c.acknowledged))
        moved += self._work.run(update(SUBSCRIPTIONS).where(known).values(acknowledged=False))
        if paused or moved:
            self._changed([dashboard_id])
        return Rebased(subscriptions=row.total if row else 0, paused=paused)

    def groups(self, dashboard_id: str, *, rules_version: int | None = None) -> tuple[RuleGroup, ...]:
        """
        Return a dashboard's active subscriptions without calm as groups that share a baseline and a rule.

        Remembered by the dashboard's rules version, so the rows are read once after each change.

        Shape   `rules_version`: of the head that this unit read or locked; without it, it is asked for.
        Errors  NotFound if there is no such dashboard.
        """
        if rules_version is None:
            rules_version = self._rules_version(dashboard_id)
        version, memory = (dashboard_id, rules_version), self._work.memory.groups
        found = memory.get(version)
        if found is None:
            found = self._read_groups(version)
            kept = found
            self._work.remember(lambda: memory.put(version, kept))
        return found

    def _rules_version(self, dashboard_id: str) -> int:
        row = self._work.row(_RULES_VERSION, {"dashboard_key": self._work.dashboard_key(dashboard_id)})
        if row is None:
            raise NotFound
        version: int = row.rules_version
        return version

    def _read_groups(self, version: tuple[str, int]) -> tuple[RuleGroup, ...]:
        rows = self._work.rows(_GROUPS, {"dashboard_id": version[0]})
        if not any(row.subscribers for row in rows if row.rule_id is None):
            self._work.remember(lambda: self._work.memory.calm.put(version, ()))
        rows = [row for row in rows if row.rule_id is not None]
        rules = self._rules({row.rule_id for row in rows})
        return tuple(
            RuleGroup(
                baseline=row.baseline,
                baseline_snapshot_id=row.against,
                rule_id=row.rule_id,
                rule=rules[row.rule_id],
                subscribers=row.subscribers,
            )
            for row in rows
        )

    def _rules(self, numbers: set[int]) -> dict[int, Any]:
        wanted: BindParameter[int] = bindparam("numbers", list(numbers), expanding=True, literal_execute=True)
        rows = self._work.rows(select(RULES.c.id, RULES.c.canonical).where(RULES.c.id.in_(wanted)))
        return {row.id: orjson.loads(row.canonical) for row in rows}

    def _end(self, ids: builtins.list[str], *, state: str, reason: str | None, deliveries: str, at: datetime) -> None:
        still = SUBSCRIPTIONS.c.state != literal_column("'removed'") if state == "removed" else ACTIVE
        mine = and_(SUBSCRIPTIONS.c.id.in_(ids), still)
        ended = (
            update(SUBSCRIPTIONS)
            .where(mine)
            .values(state=state, paused_reason=reason)
            .returning(SUBSCRIPTIONS.c.dashboard_artifact_id)
        )
        dashboards = {row.dashboard_artifact_id for row in self._work.rows(ended)}
        if state == "removed":
            self._work.run(delete(STANDINGS).where(STANDINGS.c.subscription_id.in_(ids)))
        self._work.run(
            update(OUTBOX).where(OUTBOX.c.subscription_id.in_(ids), PENDING).values(state=deliveries, due_at=at)
        )
        self._changed(dashboards)

    def _changed(self, dashboard_ids: Iterable[str]) -> None:
        for dashboard_id in sorted(dashboard_ids):
            rules_changed(self._work, self._work.dashboard_key(dashboard_id))


_FIXED_COLUMNS = frozenset(_NAMES.get(name, name) for name in _FIXED)


def _taken(subscription: Subscription) -> Conflict:
    kind, subscriber = subscription.subscriber_kind, subscription.subscriber_id
    return Conflict(f"the {kind} {subscriber} is subscribed to this dashboard with the same rule already")


def _to_row(subscription: Subscription) -> dict[str, Any]:
    return {column.name: getattr(subscription, name) for name, column in SUBSCRIPTION_COLUMNS.items()}


def _from_row(row: Row[Any]) -> Subscription:
    return Subscription(**row._asdict())
