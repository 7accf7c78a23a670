"""Standings: where the subscriptions that ask for calm stand between two notices, and when to judge them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, delete, select, update

from stillframe.errors import NotFound
from stillframe.model.calm import Episode, Window
from stillframe.model.subscription import Subscription
from stillframe.rules.telling import Standing
from stillframe.store.answers import CalmStanding
from stillframe.store.heads import locked_head, rules_changed
from stillframe.store.subscriptions import ACTIVE, OF_CHANGES, SUBSCRIPTION_COLUMNS
from stillframe.store.tables import DASHBOARDS, STANDINGS, SUBSCRIPTIONS
from stillframe.store.types import TimeMillis
from stillframe.store.work import Work

_OWN = tuple(column for column in STANDINGS.c if column.name not in ("subscription_id", "dashboard"))
_SELECT: Select[Any] = select(
    *(column.label(name) for name, column in SUBSCRIPTION_COLUMNS.items()),
    STANDINGS.c.subscription_id.label("stands"),
    *_OWN,
).outerjoin_from(SUBSCRIPTIONS, STANDINGS, STANDINGS.c.subscription_id == SUBSCRIPTIONS.c.id)
_ASKS = SUBSCRIPTIONS.c.calm.is_not(None)
_OF_DASHBOARD = _SELECT.where(
    SUBSCRIPTIONS.c.dashboard_artifact_id == bindparam("dashboard_id"), ACTIVE, _ASKS
).order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id)
_OF_OWNERS = _SELECT.where(
    SUBSCRIPTIONS.c.dashboard_artifact_id == bindparam("dashboard_id"),
    ACTIVE,
    OF_CHANGES,
    SUBSCRIPTIONS.c.owner_id.in_(bindparam("owners", expanding=True)),
).order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id)
_ONE = _SELECT.where(SUBSCRIPTIONS.c.id == bindparam("wanted"))
_DUE: Select[Any] = (
    select(DASHBOARDS.c.id)
    .distinct()
    .join(STANDINGS, STANDINGS.c.dashboard == DASHBOARDS.c.key)
    .join(SUBSCRIPTIONS, SUBSCRIPTIONS.c.id == STANDINGS.c.subscription_id)
    .where(STANDINGS.c.wake_at <= bindparam("at", type_=TimeMillis()), ACTIVE)
    .order_by(DASHBOARDS.c.id)
)
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_CLEAR = delete(STANDINGS).where(STANDINGS.c.subscription_id.in_(_IDS))
_CLEAR_DASHBOARD = delete(STANDINGS).where(STANDINGS.c.dashboard == bindparam("dashboard_key"))
_NOTED = ("baseline_snapshot_id", "holding", "acknowledged", "last_notified_snapshot_id", "last_notified_at")
_NOTE = (
    update(SUBSCRIPTIONS)
    .where(SUBSCRIPTIONS.c.id == bindparam("noted_id"))
    .values({name: bindparam(f"new_{name}", type_=SUBSCRIPTIONS.c[name].type) for name in _NOTED})
)
_IDS_AT_ONCE = 500


class Standings:
    """Where calm subscriptions stand. Every change moves the dashboard's rules version."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def of_dashboard(self, dashboard_id: str, *, rules_version: int) -> tuple[CalmStanding, ...]:
        """
        Return a dashboard's active subscriptions that ask for calm, oldest first, each with where it stands.

        Remembered by the dashboard's rules version, as its groups are; where they are remembered and nobody asks for
        calm, this asks the database nothing.

        Shape   `rules_version`: of the head that this unit read or locked.
        """
        version, memory = (dashboard_id, rules_version), self._work.memory.calm
        found = memory.get(version)
        if found is None:
            kept = found = tuple(map(_from_row, self._work.rows(_OF_DASHBOARD, {"dashboard_id": dashboard_id})))
            self._work.remember(lambda: memory.put(version, kept))
        return found

    def of_owners(self, dashboard_id: str, owner_ids: Sequence[str]) -> tuple[CalmStanding, ...]:
        """Return the active subscriptions to changes that some users own on a dashboard, whether or not they ask for
        calm."""
        wanted = {"dashboard_id": dashboard_id, "owners": list(owner_ids)}
        return tuple(map(_from_row, self._work.rows(_OF_OWNERS, wanted)))

    def get(self, subscription_id: str) -> CalmStanding:
        """
        Return where one subscription stands, whatever its state, and whether or not it asks for calm.

        Errors  NotFound if there is no such subscription.
        """
        row = self._work.row(_ONE, {"wanted": subscription_id})
        if row is None:
            raise NotFound
        return _from_row(row)

    def put(
        self, dashboard_id: str, moved: Sequence[tuple[CalmStanding, CalmStanding]], *, whole: bool = False
    ) -> None:
        """
        Keep where subscriptions of a dashboard stand now, given where they stood.

        Shape   `moved`: before and after; those that are equal cost nothing. `whole`: they are all that the dashboard
                has, as `of_dashboard` gave them, so they need not be read again.
        """
        changed = [(before, after) for before, after in moved if before != after]
        if not changed:
            return
        key = self._work.dashboard_key(dashboard_id)
        noted = [_noted(after) for before, after in changed if _notes(before) != _notes(after)]
        if noted:
            self._work.run(_NOTE, noted)
        self._delete([after.subscription.id for _, after in changed if not _is_kept(after)])
        kept = [_to_row(after, key) for _, after in changed if _is_kept(after)]
        if kept:
            insert = self._work.insert(STANDINGS)
            own = {column.name: insert.excluded[column.name] for column in _OWN}
            self._work.run(insert.on_conflict_do_update(index_elements=["subscription_id"], set_=own), kept)
        version = locked_head(self._work, key).rules_version + 1
        rules_changed(self._work, key)
        if whole:
            now, memory = tuple(after for _, after in moved), self._work.memory.calm
            self._work.remember(lambda: memory.put((dashboard_id, version), now))

    def clear(self, dashboard_id: str, subscription_ids: Iterable[str]) -> None:
        """Forget where subscriptions of a dashboard stand: no change is watched, and nothing was counted."""
        self._delete(list(subscription_ids))
        rules_changed(self._work, self._work.dashboard_key(dashboard_id))

    def clear_dashboard(self, dashboard_id: str) -> None:
        """Forget where all subscriptions of a dashboard stand."""
        key = self._work.dashboard_key(dashboard_id)
        if self._work.run(_CLEAR_DASHBOARD, {"dashboard_key": key}):
            rules_changed(self._work, key)

    def due(self, now: datetime) -> list[str]:
        """Return the ids of the dashboards where an active subscription is to be judged again."""
        return [row.id for row in self._work.rows(_DUE, {"at": now})]

    def _delete(self, subscription_ids: Sequence[str]) -> None:
        for start in range(0, len(subscription_ids), _IDS_AT_ONCE):
            self._work.run(_CLEAR, {"ids": subscription_ids[start : start + _IDS_AT_ONCE]})


def standing_of(
    subscription: Subscription,
    *,
    episode: Episode | None = None,
    window: Window | None = None,
    wake_at: datetime | None = None,
) -> Standing:
    """Return how the rules of telling see a subscription."""
    return Standing(
        baseline=subscription.baseline,
        baseline_snapshot_id=subscription.baseline_snapshot_id,
        repeat_interval=subscription.repeat_interval,
        calm=subscription.calm,
        holding=subscription.holding,
        acknowledged=subscription.acknowledged,
        last_notified_snapshot_id=subscription.last_notified_snapshot_id,
        last_notified_at=subscription.last_notified_at,
        episode=episode,
        window=window,
        wake_at=wake_at,
    )


def _from_row(row: Row[Any]) -> CalmStanding:
    subscription = Subscription(**{name: getattr(row, name) for name in SUBSCRIPTION_COLUMNS})
    if row.stands is None:
        return CalmStanding(subscription=subscription, standing=standing_of(subscription))
    episode = None
    if row.episode_baseline is not None:
        episode = Episode(baseline_snapshot_id=row.episode_baseline, consecutive=row.consecutive, notified=row.notified)
    window = None
    if row.window_from is not None or row.window_times:
        window = Window(from_snapshot_id=row.window_from, times=row.window_times)
    standing = standing_of(subscription, episode=episode, window=window, wake_at=row.wake_at)
    return CalmStanding(subscription=subscription, standing=standing)


def moved_to(before: CalmStanding, standing: Standing) -> CalmStanding:
    """Return a subscription that stands elsewhere now, with what that writes on the subscription itself."""
    noted = {name: getattr(standing, name) for name in _NOTED}
    same = all(getattr(before.subscription, name) == value for name, value in noted.items())
    subscription = before.subscription if same else replace(before.subscription, **noted)
    return CalmStanding(subscription=subscription, standing=standing)


def _to_row(found: CalmStanding, dashboard_key: int) -> dict[str, Any]:
    episode, window = found.standing.episode, found.standing.window
    return {
        "subscription_id": found.subscription.id,
        "dashboard": dashboard_key,
        "episode_baseline": None if episode is None else episode.baseline_snapshot_id,
        "consecutive": 0 if episode is None else episode.consecutive,
        "notified": episode is not None and episode.notified,
        "window_from": None if window is None else window.from_snapshot_id,
        "window_times": 0 if window is None else window.times,
        "wake_at": found.standing.wake_at,
    }


def _is_kept(found: CalmStanding) -> bool:
    """Say whether there is anything to remember: most subscriptions stand nowhere most of the time."""
    standing = found.standing
    return standing.episode is not None or standing.window is not None or standing.wake_at is not None


def _notes(found: CalmStanding) -> tuple[Any, ...]:
    return tuple(getattr(found.standing, name) for name in _NOTED)


def _noted(found: CalmStanding) -> dict[str, Any]:
    values = dict(zip((f"new_{name}" for name in _NOTED), _notes(found), strict=True))
    return {"noted_id": found.subscription.id, **values}
