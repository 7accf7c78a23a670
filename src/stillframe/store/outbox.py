"""The outbox: one row for each delivery, promised with its cause, claimed under a lease, settled once a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Select, Text, bindparam, case, func, literal_column, select, tuple_, update

from stillframe.errors import Conflict, NotFound
from stillframe.model.facts import GateDecision
from stillframe.model.subscription import OutboxEntry
from stillframe.model.times import time_text
from stillframe.store.answers import Claimed, Match, Page, Promised, Settlement
from stillframe.store.heads import rules_changed
from stillframe.store.promise import Cause, Promises
from stillframe.store.subscriptions import PENDING
from stillframe.store.tables import DASHBOARDS, OUTBOX, SUBSCRIPTIONS, TRIES
from stillframe.store.types import TimeMillis
from stillframe.store.work import Work, bounded, number_cursor, page_of

CLAIMS_WITHOUT_SETTLE_MOST = 3
"""A delivery that was claimed so often and never settled kills its workers: it is parked."""
REPLAYABLE = ("gave_up", "parked", "sent")

_KEYS: BindParameter[int] = bindparam("keys", expanding=True, literal_execute=True)
_IDS: BindParameter[tuple[str, str, str]] = bindparam("ids", expanding=True)
_KEY_OF_ID = tuple_(OUTBOX.c.cause, OUTBOX.c.subscription_id, OUTBOX.c.kind)
"""What a delivery id is made of, and what its row is found by."""
_BUSY: BindParameter[str] = bindparam("busy", expanding=True)
_LEASED = {
    "lease_token": OUTBOX.c.lease_token + 1,
    "attempts": OUTBOX.c.attempts + 1,
    "unsettled": OUTBOX.c.unsettled + 1,
    "due_at": bindparam("until", type_=TimeMillis()),
}
_DUE_BY = OUTBOX.c.due_at <= bindparam("at", type_=TimeMillis())
_DUE = (
    select(OUTBOX.c.key)
    .where(PENDING, _DUE_BY, func.coalesce(OUTBOX.c.receiver, "").not_in(_BUSY))
    .order_by(OUTBOX.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = update(OUTBOX).where(OUTBOX.c.key.in_(_DUE)).values(_LEASED).returning(OUTBOX.c.key)
_LEASE = update(OUTBOX).where(OUTBOX.c.key.in_(_KEYS)).values(_LEASED)
_PARK = update(OUTBOX).where(PENDING, _DUE_BY, OUTBOX.c.unsettled >= CLAIMS_WITHOUT_SETTLE_MOST).values(state="parked")
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
        OUTBOX.c.receiver,
        SUBSCRIPTIONS.c.sealed_address,
        SUBSCRIPTIONS.c.sealed_secret,
        OUTBOX.c.created_at,
        OUTBOX.c.kind,
        OUTBOX.c.channel,
        OUTBOX.c.said,
        SUBSCRIPTIONS.c.subscriber_id,
        SUBSCRIPTIONS.c.owner_id,
        SUBSCRIPTIONS.c.importance,
        SUBSCRIPTIONS.c.max_items,
        SUBSCRIPTIONS.c.old_secret_until,
        DASHBOARDS.c.title.label("dashboard_title"),
    )
    .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == OUTBOX.c.subscription_id)
    .join(DASHBOARDS, DASHBOARDS.c.key == OUTBOX.c.dashboard)
    .where(OUTBOX.c.key.in_(_KEYS))
    .order_by(OUTBOX.c.key)
)
_ENTRIES: Select[Any] = select(OUTBOX, DASHBOARDS.c.id.label("dashboard_id")).join(
    DASHBOARDS, DASHBOARDS.c.key == OUTBOX.c.dashboard
)
_HELD = (
    select(OUTBOX.c.key, OUTBOX.c.id, OUTBOX.c.lease_token)
    .where(_KEY_OF_ID.in_(_IDS), OUTBOX.c.unsettled > 0, OUTBOX.c.state.in_(["pending", "cancelled", "parked"]))
    .with_for_update()
)
_ENDING = bindparam("ending", type_=Text())
_SETTLE = (
    update(OUTBOX)
    .where(OUTBOX.c.key == bindparam("settled_key"))
    .values(
        # What was removed or paused while it was being sent stays so, unless it arrived.
        state=case((PENDING, _ENDING), (literal_column("'sent'") == _ENDING, _ENDING), else_=OUTBOX.c.state),
        due_at=bindparam("again_at", type_=TimeMillis()),
        unsettled=0,
    )
)
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
        lease_seconds: float,
        claim_limit: int,
        busy: frozenset[str] = frozenset(),
    ) -> Promised:
        """
        Promise a delivery to every active subscription of the matched groups, and note on each that it was told.

        Webhooks are pending, the first `claim_limit` of them (whose receiver is not `busy`) leased to the caller at
        once; email is deferred; a persona's is sent, and the caller adds its comment and inbox line to this unit. A
        pinned subscription that knows already is suppressed until its group is among `unmatched_pinned` once, or its
        repeat interval has passed.

        Shape   Delivery ids are `CAUSE_SUBSCRIPTION`. Promising the same again promises nothing.
        """
        promises = Promises(self._work, Cause(dashboard_id=dashboard_id, snapshot_id=snapshot_id, now=now))
        suppressed = promises.count_suppressed(matched)
        promised = promises.insert(matched)
        if promises.note(promised, matched):
            rules_changed(self._work, self._work.dashboard_key(dashboard_id))
        promises.release(unmatched_pinned)
        until = now + timedelta(seconds=lease_seconds)
        return self._promised(
            promises, promised, until=until, claim_limit=claim_limit, busy=busy, suppressed=suppressed
        )

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
    ) -> Promised:
        """
        Promise a delivery to every active subscription that asked for this outcome of a release gate; as `promise`.

        Shape   The decision is the cause; a delivery's kind is `gate`, and it has no baseline.
        """
        promises = Promises(self._work, Cause(dashboard_id=dashboard_id, snapshot_id=decision_id, now=now))
        promised = promises.insert_gate(outcome)
        until = now + timedelta(seconds=lease_seconds)
        return self._promised(promises, promised, until=until, claim_limit=claim_limit, busy=busy)

    def claim_due(
        self, *, now: datetime, lease_seconds: float, limit: int, busy: frozenset[str] = frozenset()
    ) -> list[Claimed]:
        """
        Lease what is due to the caller, longest due first; no other caller gets it until the lease ends.

        A delivery that was claimed three times and never settled is parked instead.

        Shape   `busy`: receivers that have an open send here already, and are passed over.
        """
        self._work.run(_PARK, {"at": now})
        until = now + timedelta(seconds=lease_seconds)
        taken = self._work.rows(_CLAIM, {"at": now, "until": until, "most": limit, "busy": sorted(busy)})
        return list(self._claimed([row.key for row in taken]))

    def settle(self, results: Sequence[Settlement]) -> set[str]:
        """
        Write down how claimed deliveries ended, and return the ids that were accepted.

        Refused: a lease token that is not the newest, and one that was settled before.
        """
        found = {
            row.id: row
            for row in self._work.rows(
                _HELD, {"ids": [parts for result in results for parts in _parts(result.delivery_id)]}
            )
        }
        accepted: dict[str, Settlement] = {}
        for result in results:
            held = found.get(result.delivery_id)
            if held is not None and held.lease_token == result.lease_token:
                accepted.setdefault(result.delivery_id, result)
        if accepted:
            self._work.run(_SETTLE, [_settled(found[name].key, result) for name, result in accepted.items()])
            self._work.run(TRIES.insert(), [_try_row(found[name].key, result) for name, result in accepted.items()])
        return set(accepted)

    def replay(self, delivery_id: str, now: datetime) -> None:
        """
        Make a webhook's delivery due again: a new attempt under the same id.

        Errors  NotFound if there is none; Conflict if it is pending already, or its end is final.
        """
        again = update(OUTBOX).where(
            _KEY_OF_ID.in_(_parts(delivery_id)), OUTBOX.c.channel == "webhook", OUTBOX.c.state.in_(REPLAYABLE)
        )
        if self._work.run(again.values(state="pending", due_at=now, unsettled=0)):
            return
        found = self.get(delivery_id)
        if found is None:
            raise NotFound
        raise Conflict(f"a delivery that is {found.state} cannot be sent again")

    def get(self, delivery_id: str) -> OutboxEntry | None:
        """Return a delivery with its tries."""
        found = self._entries(self._work.rows(_ENTRIES.where(_KEY_OF_ID.in_(_parts(delivery_id)))))
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

    def next_due_at(self, now: datetime) -> datetime | None:
        """Return when the next delivery is due, `now` if one is already, None if nothing waits."""
        row = self._work.row(select(func.min(OUTBOX.c.due_at).label("due_at")).where(PENDING))
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
        webhooks = [row for row in promised if row.channel == "webhook"]
        keys = [row.key for row in webhooks if row.receiver not in busy][: max(0, claim_limit)]
        return Promised(
            claimed=self._lease(keys, until),
            personas=promises.personas(promised),
            queued=len(webhooks) - len(keys),
            deferred=Counter(row.channel for row in promised)["email"],
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


def _parts(delivery_id: str) -> list[tuple[str, str, str]]:
    """Return every (cause, subscription, kind) that a delivery id can stand for: one, unless ids hold underscores."""
    words = delivery_id.split("_")
    whole = [("_".join(words[:cut]), "_".join(words[cut:]), "alert") for cut in range(1, len(words))]
    marked = [("_".join(words[:cut]), "_".join(words[cut:-1]), words[-1]) for cut in range(1, len(words) - 1)]
    return [*whole, *marked]


def _settled(key: int, result: Settlement) -> dict[str, Any]:
    return {
        "settled_key": key,
        "ending": result.state,
        "again_at": result.due_at if result.state == "pending" else None,
    }


def _try_row(key: int, result: Settlement) -> dict[str, Any]:
    names = ("attempt", "started_at", "finished_at", "outcome", "status", "detail")
    return {"delivery": key, **{name: getattr(result, name) for name in names}}


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
