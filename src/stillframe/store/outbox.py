"""The outbox: one row for each delivery, promised with its cause, claimed under a lease, settled once a claim."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from stillframe.errors import Conflict, NotFound
from stillframe.model.delivery import SubscriberKind
from stillframe.model.facts import GateDecision
from stillframe.model.subscription import SUBSCRIBER_KINDS, OutboxEntry
from stillframe.model.times import time_text
from stillframe.store.answers import Claimed, Match, Page, Promised, Settlement, Told
from stillframe.store.claims import POISON_CLAIMS, due_again
from stillframe.store.heads import rules_changed
from stillframe.store.promise import Cause, Promises
from stillframe.store.settlements import parts_of, settle
from stillframe.store.subscriptions import PENDING
from stillframe.store.tables import DASHBOARDS, OUTBOX, SUBSCRIPTIONS, TRIES
from stillframe.store.types import TimeMillis
from stillframe.store.work import Work, bounded, number_cursor, page_of

WEBHOOKS: frozenset[SubscriberKind] = frozenset({"webhook"})
"""What can be sent where nothing else is said."""
REPLAYABLE = ("gave_up", "parked", "sent", "unknown", "withheld")

_KEYS: BindParameter[int] = bindparam("keys", expanding=True, literal_execute=True)
_KEY_OF_ID = tuple_(OUTBOX.c.cause, OUTBOX.c.subscription_id, OUTBOX.c.kind)
"""What a delivery id is made of, and what its row is found by."""
_BUSY: BindParameter[str] = bindparam("busy", expanding=True)
_CHANNELS: BindParameter[str] = bindparam("channels", expanding=True)
_POISON = OUTBOX.c.unsettled >= POISON_CLAIMS
_IN_DOUBT = and_(OUTBOX.c.unsettled > 0, OUTBOX.c.channel.in_(bindparam("hold", expanding=True)))
_NOT_LEASED = or_(_POISON, _IN_DOUBT)
_LEASED = {
    "lease_token": OUTBOX.c.lease_token + 1,
    "attempts": OUTBOX.c.attempts + 1,
    "unsettled": OUTBOX.c.unsettled + 1,
    "due_at": bindparam("until", type_=TimeMillis()),
}
_DUE_BY = OUTBOX.c.due_at <= bindparam("at", type_=TimeMillis())
_DUE = (
    select(OUTBOX.c.key)
    .where(PENDING, _DUE_BY, OUTBOX.c.channel.in_(_CHANNELS), func.coalesce(OUTBOX.c.receiver, "").not_in(_BUSY))
    .order_by(OUTBOX.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(OUTBOX)
    .where(OUTBOX.c.key.in_(_DUE))
    .values(
        lease_token=OUTBOX.c.lease_token + 1,
        state=case(
            (_IN_DOUBT, literal_column("'unknown'")), (_POISON, literal_column("'parked'")), else_=OUTBOX.c.state
        ),
        attempts=case((_NOT_LEASED, OUTBOX.c.attempts), else_=OUTBOX.c.attempts + 1),
        unsettled=case((_IN_DOUBT, 0), (_POISON, OUTBOX.c.unsettled), else_=OUTBOX.c.unsettled + 1),
        due_at=bindparam("until", type_=TimeMillis()),
    )
    .returning(OUTBOX.c.key, OUTBOX.c.state)
)
_LEASE = update(OUTBOX).where(OUTBOX.c.key.in_(_KEYS)).values(_LEASED)
_CLAIMED: Select[Any] = (
    select(
        OUTBOX.c.id.label("delivery_id"),
        OUTBOX.c.lease_token,
        OUTBOX.c.attempts.label("attempt"),
        OUTBOX.c.subscription_id,
        DASHBOARDS.c.id.label("dashboard_id"),
        OUTBOX.c.cause.label("snapshot_id"),
        OUTBOX.c.baseline_snapshot_id,
        OUTBOX.c.rule_id,
        func.coalesce(
            OUTBOX.c.receiver, OUTBOX.c.channel + literal_column("':'") + SUBSCRIPTIONS.c.subscriber_id
        ).label("receiver"),
        SUBSCRIPTIONS.c.sealed_address,
        SUBSCRIPTIONS.c.sealed_secret,
        OUTBOX.c.created_at,
        OUTBOX.c.kind,
        OUTBOX.c.channel,
        OUTBOX.c.said,
        SUBSCRIPTIONS.c.subscriber_id,
        SUBSCRIPTIONS.c.owner_id,
        SUBSCRIPTIONS.c.importance,
        SUBSCRIPTIONS.c.calm,
        SUBSCRIPTIONS.c.max_items,
        SUBSCRIPTIONS.c.old_secret_until,
        DASHBOARDS.c.title.label("dashboard_title"),
        OUTBOX.c.key,
        OUTBOX.c.due_at.label("leased_until"),
    )
    .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == OUTBOX.c.subscription_id)
    .join(DASHBOARDS, DASHBOARDS.c.key == OUTBOX.c.dashboard)
    .where(OUTBOX.c.key.in_(_KEYS))
    .order_by(OUTBOX.c.key)
)
_ENTRIES: Select[Any] = select(OUTBOX, DASHBOARDS.c.id.label("dashboard_id")).join(
    DASHBOARDS, DASHBOARDS.c.key == OUTBOX.c.dashboard
)
_NEXT_DUE = select(func.min(OUTBOX.c.due_at).label("due_at")).where(PENDING, OUTBOX.c.channel.in_(_CHANNELS))
_TRIES = TRIES.select().where(TRIES.c.delivery.in_(_KEYS)).order_by(TRIES.c.key)


class Outbox:
    """
    Deliveries. A pending one is due at `due_at`; while it is leased, `due_at` is when the lease ends, so a dead worker
    needs no janitor.

    Source  docs/reference/semantics.md, "Notices".
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def promise(
        self,
        *,
        dashboard_id: str,
        snapshot_id: str,
        matched: Sequence[Match],
        unmatched_pinned: Sequence[Match] = (),
        now: datetime,
        judged_at: datetime | None = None,
        lease_seconds: float,
        claim_limit: int,
        busy: frozenset[str] = frozenset(),
        sendable: frozenset[SubscriberKind] = WEBHOOKS,
        unseeing: frozenset[str] = frozenset(),
    ) -> Promised:
        """
        Promise a delivery to every active subscription of the matched groups, and note on each that it was told.

        What is `sendable` is pending, the first `claim_limit` of the webhooks (whose receiver is not `busy`) leased to
        the caller at once; other channels are deferred; a persona's is sent, and the caller adds its comment and inbox
        line to this unit. A pinned subscription that knows already is suppressed until its group is among
        `unmatched_pinned` once, or its repeat interval has passed.

        Shape   Delivery ids are `CAUSE_SUBSCRIPTION`. Promising the same again promises nothing. `judged_at`: the
                snapshot's own time, by which repeat intervals are counted; by default now.
        """
        cause = Cause(
            dashboard_id=dashboard_id,
            snapshot_id=snapshot_id,
            now=now,
            judged_at=judged_at,
            sendable=sendable,
            unseeing=unseeing,
        )
        promises = Promises(self._work, cause)
        suppressed = promises.count_suppressed(matched)
        promised = promises.insert(matched)
        if promises.note(promised, matched):
            rules_changed(self._work, self._work.dashboard_key(dashboard_id))
        promises.release(unmatched_pinned)
        until = now + timedelta(seconds=lease_seconds)
        return self._promised(
            promises, promised, until=until, claim_limit=claim_limit, busy=busy, suppressed=suppressed
        )

    def promise_told(
        self,
        *,
        dashboard_id: str,
        snapshot_id: str,
        told: Sequence[Told],
        now: datetime,
        lease_seconds: float,
        claim_limit: int,
        busy: frozenset[str] = frozenset(),
        sendable: frozenset[SubscriberKind] = WEBHOOKS,
    ) -> Promised:
        """Promise a delivery to each of these active subscriptions, which ask for calm; else as `promise`."""
        cause = Cause(dashboard_id=dashboard_id, snapshot_id=snapshot_id, now=now, sendable=sendable)
        promises = Promises(self._work, cause)
        until = now + timedelta(seconds=lease_seconds)
        return self._promised(promises, promises.insert_calm(told), until=until, claim_limit=claim_limit, busy=busy)

    def promise_gate(
        self,
        *,
        dashboard_id: str,
        decision_id: str,
        outcome: GateDecision,
        now: datetime,
        lease_seconds: float,
        claim_limit: int,
        busy: frozenset[str] = frozenset(),
        sendable: frozenset[SubscriberKind] = WEBHOOKS,
    ) -> Promised:
        """
        Promise a delivery to every active subscription that asked for this outcome of a release gate; as `promise`.

        Shape   The decision is the cause; a delivery's kind is `gate`, and it has no baseline.
        """
        cause = Cause(dashboard_id=dashboard_id, snapshot_id=decision_id, now=now, sendable=sendable)
        promises = Promises(self._work, cause)
        promised = promises.insert_gate(outcome)
        until = now + timedelta(seconds=lease_seconds)
        return self._promised(promises, promised, until=until, claim_limit=claim_limit, busy=busy)

    def claim_due(
        self,
        *,
        now: datetime,
        lease_seconds: float,
        limit: int,
        busy: frozenset[str] = frozenset(),
        channels: Collection[SubscriberKind] = SUBSCRIBER_KINDS,
        hold: Collection[SubscriberKind] = (),
    ) -> list[Claimed]:
        """
        Lease what is due to the caller, longest due first; no other caller gets it until the lease ends.

        A delivery that was claimed three times and never settled is parked instead. By a channel whose unknown outcomes
        are on `hold`, one such claim is enough: whoever had it may have sent it before they died, so it is unknown.

        Shape   `busy`: receivers that have an open send here already, and are passed over. `channels`: only what goes
                by these.
        """
        until = now + timedelta(seconds=lease_seconds)
        asked = {"busy": sorted(busy), "channels": sorted(channels), "hold": sorted(hold)}
        taken = self._work.rows(_CLAIM, {"at": now, "until": until, "most": limit, **asked})
        return list(self._claimed([row.key for row in taken if row.state == "pending"]))

    def settle(self, results: Sequence[Settlement]) -> set[str]:
        """
        Write down how claimed deliveries ended, and return the ids that were accepted.

        Refused: a lease token that is not the newest, and one that was settled before.
        """
        return settle(self._work, results)

    def replay(self, delivery_id: str, now: datetime) -> None:
        """
        Make a delivery due again: a new attempt under the same id.

        Errors  NotFound if there is none; Conflict if it is pending already, its end is final, or it was never sent.
        """
        again = update(OUTBOX).where(
            _KEY_OF_ID.in_(parts_of(delivery_id)), OUTBOX.c.channel != "persona", OUTBOX.c.state.in_(REPLAYABLE)
        )
        if self._work.run(again.values(due_again(now))):
            return
        found = self.get(delivery_id)
        if found is None:
            raise NotFound
        raise Conflict(f"a delivery that is {found.state} cannot be sent again")

    def get(self, delivery_id: str) -> OutboxEntry | None:
        """Return a delivery with its tries."""
        found = self._entries(self._work.rows(_ENTRIES.where(_KEY_OF_ID.in_(parts_of(delivery_id)))))
        return found[0] if found else None

    def deliveries(self, subscription_id: str, *, limit: int, cursor: str | None = None) -> Page[OutboxEntry]:
        """
        Return what was promised to a subscription, newest first, with every try.

        Errors  InvalidInput for a cursor that no list gave out.
        """
        before, most = number_cursor(cursor), bounded(limit)
        wanted = (
            _ENTRIES.where(OUTBOX.c.subscription_id == subscription_id).order_by(OUTBOX.c.key.desc()).limit(most + 1)
        )
        rows = self._work.rows(wanted if before is None else wanted.where(OUTBOX.c.key < before))
        page = page_of(rows, limit=most, cursor=lambda row: str(row.key))
        return Page(self._entries(page.items), page.next_cursor)

    def pending_count(self) -> int:
        """Return how many deliveries wait, those being sent included."""
        row = self._work.row(select(func.count().label("total")).select_from(OUTBOX).where(PENDING))
        return row.total if row else 0

    def next_due_at(self, now: datetime, channels: Collection[SubscriberKind] = SUBSCRIBER_KINDS) -> datetime | None:
        """Return when the next delivery by these channels is due, `now` if one is already, None if nothing waits."""
        row = self._work.row(_NEXT_DUE, {"channels": sorted(channels)})
        return None if row is None or row.due_at is None else max(row.due_at, now)

    def _promised(
        self,
        promises: Promises,
        promised: Sequence[Row[Any]],
        *,
        until: datetime,
        claim_limit: int,
        busy: frozenset[str],
        suppressed: int = 0,
    ) -> Promised:
        pending = [row for row in promised if row.state == "pending"]
        open_now = (row.key for row in pending if row.channel == "webhook" and row.receiver not in busy)
        keys = list(islice(open_now, max(0, claim_limit)))
        return Promised(
            claimed=self._lease(keys, until),
            personas=promises.personas(promised),
            queued=len(pending) - len(keys),
            deferred=sum(row.state == "deferred" for row in promised),
            suppressed=suppressed,
        )

    def _lease(self, keys: Sequence[int], until: datetime) -> tuple[Claimed, ...]:
        if not keys:
            return ()
        self._work.run(_LEASE, {"keys": keys, "until": until})
        return self._claimed(keys)

    def _claimed(self, keys: Sequence[int]) -> tuple[Claimed, ...]:
        if not keys:
            return ()
        return tuple(Claimed(**row._asdict()) for row in self._work.rows(_CLAIMED, {"keys": keys}))

    def _entries(self, rows: Iterable[Row[Any]]) -> list[OutboxEntry]:
        rows = list(rows)
        tries: dict[int, list[dict[str, Any]]] = {row.key: [] for row in rows}
        for row in self._work.rows(_TRIES, {"keys": list(tries)}) if tries else ():
            tries[row.delivery].append(_try(row))
        return [_entry(row, tuple(tries[row.key])) for row in rows]


def _try(row: Row[Any]) -> dict[str, Any]:
    times = {"started_at": time_text(row.started_at), "finished_at": time_text(row.finished_at)}
    return {"attempt": row.attempt, **times, "outcome": row.outcome, "status": row.status, "detail": row.detail}


def _entry(row: Row[Any], tries: tuple[dict[str, Any], ...]) -> OutboxEntry:
    return OutboxEntry(
        id=row.id,
        subscription_id=row.subscription_id,
        dashboard_id=row.dashboard_id,
        cause=row.cause,
        kind=row.kind,
        baseline_snapshot_id=row.baseline_snapshot_id,
        state=row.state,
        due_at=row.due_at if row.state == "pending" else None,
        attempts=row.attempts,
        created_at=row.created_at,
        said=row.said,
        tries=tries,
    )
