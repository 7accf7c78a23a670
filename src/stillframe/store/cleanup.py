"""Cleanup: which payloads stand, who uses them, and taking away those that have had their time, chain by chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Row, Select, TextClause, bindparam, delete, func, select, text, union

from stillframe.rules.retention import Use, WhyKept
from stillframe.store.ageing import SAYABLE
from stillframe.store.heads import move_head
from stillframe.store.payloads import SEGMENT_BYTES
from stillframe.store.recoding import NewChain, in_segments
from stillframe.store.tables import FRAMES, HEADS, HORIZONS, PAYLOADS, RECODING, SNAPSHOTS, STANDINGS, SUBSCRIPTIONS
from stillframe.store.texts import Texts
from stillframe.store.types import PackedId, from_millis
from stillframe.store.work import Work

_IDS_AT_ONCE = 500
_LOWEST = -(2**63)

_CHAINS: Select[Any] = (
    select(PAYLOADS.c.chain)
    .where(PAYLOADS.c.chain > bindparam("after", type_=BigInteger()))
    .distinct()
    .order_by(PAYLOADS.c.chain)
    .limit(bindparam("most"))
)
_MEMBERS: TextClause = text(
    """SELECT p.chain,p.depth,p.content,c.hash,s.dashboard,s.sequence,s.timestamp,s.immutable,s.retention_class,
s.trigger_source FROM payloads p JOIN contents c ON c.key=p.content LEFT JOIN snapshots s ON s.content=p.content
WHERE p.chain BETWEEN :first AND :last ORDER BY p.chain,p.depth"""
)
_TIPS: Select[Any] = select(HEADS.c.chain, HEADS.c.dashboard).where(
    HEADS.c.chain.between(bindparam("first"), bindparam("last"))
)
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, literal_execute=True)
_IDS: BindParameter[str] = bindparam("ids", expanding=True, type_=PackedId())
_BASELINES = union(
    select(SUBSCRIPTIONS.c.baseline_snapshot_id).where(
        SUBSCRIPTIONS.c.state != "removed", SUBSCRIPTIONS.c.baseline_snapshot_id.is_not(None)
    ),
    select(STANDINGS.c.episode_baseline).where(STANDINGS.c.episode_baseline.is_not(None)),
    select(STANDINGS.c.window_from).where(STANDINGS.c.window_from.is_not(None)),
)
"""What subscriptions are compared with now: also where a change that is watched began, and a digest."""
_PLACES: Select[Any] = select(SNAPSHOTS.c.dashboard, SNAPSHOTS.c.sequence).where(SNAPSHOTS.c.id.in_(_IDS))
_HEADS: Select[Any] = select(HEADS.c.dashboard, HEADS.c.last_sequence, HEADS.c.head_sequence, HEADS.c.rules_version)
_LOCKED_HEADS = (
    select(HEADS.c.dashboard, HEADS.c.chain, HEADS.c.rules_version)
    .where(HEADS.c.dashboard.in_(_NUMBERS))
    .order_by(HEADS.c.dashboard)
)
_LOCKED_PAYLOADS = (
    select(PAYLOADS.c.content, PAYLOADS.c.chain)
    .where(PAYLOADS.c.chain.in_(_NUMBERS))
    .order_by(PAYLOADS.c.content)
    .with_for_update()
)
_USES = select(func.count().label("total")).select_from(SNAPSHOTS).where(SNAPSHOTS.c.content.in_(_NUMBERS))
_WEIGHT = select(func.coalesce(func.sum(func.length(FRAMES.c.bytes)), 0).label("total")).where(
    FRAMES.c.chain.in_(_NUMBERS)
)
_SEGMENTS: Select[Any] = select(FRAMES.c.bytes).where(FRAMES.c.chain == bindparam("number")).order_by(FRAMES.c.segment)
_MOVE = (
    PAYLOADS.update()
    .where(PAYLOADS.c.content == bindparam("the_content"))
    .values(chain=bindparam("new_chain"), depth=bindparam("new_depth"))
)
_NO_TIP: Mapping[str, int | None] = dict.fromkeys(("chain", "depth", "tip", "segment", "segment_bytes"))


class Moved(Exception):
    """What was planned has changed since; whoever planned looks again, so nobody else hears of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    What is kept whatever its age, at one moment.

    Shape   `protected`: places of snapshots, with why. `versions`: the rules version of each dashboard, which moves
            with every change of its subscriptions.
    """

    protected: Mapping[tuple[int, int], WhyKept]
    versions: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A payload in its chain, and every snapshot that shows it."""

    depth: int
    content: int
    content_hash: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChain:
    """
    A chain as it stands.

    Shape   `members` by depth. `tip_of`: the dashboard whose next frame goes to the end of it, if any.
    """

    number: int
    members: tuple[Member, ...]
    tip_of: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """
    What one transaction takes away.

    Shape   `gone`: the members that go, all those of `chains` that are not in `new`. `horizons` by class, in
            milliseconds since 1970.
    """

    chains: tuple[StoredChain, ...]
    gone: tuple[Member, ...]
    new: tuple[NewChain, ...] = ()
    horizons: Mapping[str, int]
    versions: Mapping[int, int]


class Cleanup:
    """Payloads that have had their time. Records stay, and so do their metric values."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._texts = Texts(work)

    def standing(self) -> Standing:
        """Return what is kept whatever its age: what deliveries and subscriptions name, the newest of a dashboard."""
        protected: dict[tuple[int, int], WhyKept] = {}
        pending = self._work.rows(SAYABLE)
        protected |= dict.fromkeys(self._places({name for row in pending for name in row}), "pending")
        baselines = {row.baseline_snapshot_id for row in self._work.rows(_BASELINES)}
        protected |= dict.fromkeys(self._places(baselines), "baseline")
        versions: dict[int, int] = {}
        for row in self._work.rows(_HEADS):
            versions[row.dashboard] = row.rules_version
            protected |= {(row.dashboard, place): "newest" for place in (row.last_sequence, row.head_sequence) if place}
        return Standing(protected=protected, versions=versions)

    def chains(self, *, after: int | None, most: int) -> list[StoredChain]:
        """Return chains by number, from the one that follows `after`."""
        numbers = [
            row.chain for row in self._work.rows(_CHAINS, {"after": _LOWEST if after is None else after, "most": most})
        ]
        if not numbers:
            return []
        span = {"first": numbers[0], "last": numbers[-1]}
        tips = {row.chain: row.dashboard for row in self._work.rows(_TIPS, span)}
        rows = self._work.rows(_MEMBERS, span)
        used = [row for row in rows if row.dashboard is not None]
        words = self._texts.texts_of({key for row in used for key in (row.retention_class, row.trigger_source)})
        return [
            StoredChain(number=number, members=_members(found, words), tip_of=tips.get(number))
            for number, found in groupby(rows, key=lambda row: row[0])
        ]

    def hold(self, dashboards: Iterable[int]) -> None:
        """Let no capture of these dashboards go on until this unit ends."""
        self._work.rows(_LOCKED_HEADS.with_for_update(), {"numbers": sorted(dashboards)})

    def segments(self, number: int) -> list[bytes]:
        """Return the frames of a chain, as they are joined in their rows."""
        return [bytes(row.bytes) for row in self._work.rows(_SEGMENTS, {"number": number})]

    def weight(self, numbers: Iterable[int]) -> int:
        """Return how many bytes the frames of some chains take."""
        row = self._work.row(_WEIGHT, {"numbers": list(numbers)})
        return int(row.total) if row else 0

    def remove(self, removal: Removal) -> int:
        """
        Take payloads away, and put what stays of their chains into the new ones; return how many bytes became free.

        Errors  Moved if a chain, a subscription or a use is not as it was planned with; nothing is changed then.
        """
        numbers = [chain.number for chain in removal.chains]
        tips = self._locked_tips(removal)
        self._check(removal, numbers)
        before = self.weight(numbers)
        self._work.run(HORIZONS.insert(), horizon_rows(removal.horizons))
        if removal.new:
            self._write(removal.new, leaving=numbers)
        gone = [member.content for member in removal.gone]
        self._work.run(delete(PAYLOADS).where(PAYLOADS.c.content.in_(_NUMBERS)), {"numbers": gone})
        self._work.run(delete(FRAMES).where(FRAMES.c.chain.in_(_NUMBERS)), {"numbers": numbers})
        self._work.run(delete(HORIZONS))
        for dashboard in tips:
            move_head(self._work, dashboard, self._new_tip(removal.new))
        return before - sum(len(frame) for chain in removal.new for frame in chain.frames)

    def _places(self, snapshot_ids: set[str]) -> list[tuple[int, int]]:
        ids = sorted(snapshot_ids)
        return [
            (row.dashboard, row.sequence)
            for start in range(0, len(ids), _IDS_AT_ONCE)
            for row in self._work.rows(_PLACES, {"ids": ids[start : start + _IDS_AT_ONCE]})
        ]

    def _locked_tips(self, removal: Removal) -> list[int]:
        """Lock the heads of every dashboard concerned, and return those whose tip is in a chain that is rewritten."""
        tips = {chain.tip_of: chain.number for chain in removal.chains if chain.tip_of is not None}
        concerned = {use.dashboard for member in removal.gone for use in member.uses} | tips.keys()
        rows = locked_heads(self._work, concerned, versions=removal.versions)
        return [row.dashboard for row in rows if row.chain is not None and tips.get(row.dashboard) == row.chain]

    def _check(self, removal: Removal, numbers: Sequence[int]) -> None:
        planned = {(member.content, chain.number) for chain in removal.chains for member in chain.members}
        found = {(row.content, row.chain) for row in self._work.rows(_LOCKED_PAYLOADS, {"numbers": numbers})}
        uses = self._work.row(_USES, {"numbers": [member.content for member in removal.gone]})
        if found != planned or uses is None or uses.total != sum(len(member.uses) for member in removal.gone):
            raise Moved

    def _write(self, new: Sequence[NewChain], *, leaving: Sequence[int]) -> None:
        self._work.run(RECODING.insert(), [{"chain": number} for number in leaving])
        for chain in new:
            self._work.run(
                FRAMES.insert(),
                [
                    {"chain": chain.number, "segment": place, "bytes": joined}
                    for place, joined in enumerate(self._joined(chain))
                ],
            )
            self._work.run(
                _MOVE,
                [
                    {"the_content": content, "new_chain": chain.number, "new_depth": depth}
                    for depth, content in enumerate(chain.contents)
                ],
            )
        self._work.run(delete(RECODING))

    def _joined(self, chain: NewChain) -> list[bytes]:
        return in_segments(chain.frames, most_bytes=SEGMENT_BYTES if self._work.is_sqlite else 0)

    def _new_tip(self, new: Sequence[NewChain]) -> Mapping[str, int | None]:
        if not new:
            return _NO_TIP
        joined = self._joined(new[-1])
        return {
            "chain": new[-1].number,
            "depth": len(new[-1].frames) - 1,
            "tip": new[-1].contents[-1],
            "segment": len(joined) - 1,
            "segment_bytes": len(joined[-1]),
        }


def locked_heads(work: Work, dashboards: Iterable[int], *, versions: Mapping[int, int]) -> Sequence[Row[Any]]:
    """
    Lock the heads of dashboards, and return their rows.

    In PostgreSQL a head that a capture holds is not waited for: with several heads that could end in a deadlock.

    Errors  Moved if one is held, or its subscriptions are not those of the rules version that was planned with.
    """
    concerned = sorted(dashboards)
    rows = work.rows(_LOCKED_HEADS.with_for_update(skip_locked=True), {"numbers": concerned}) if concerned else []
    if len(rows) < len(concerned) or any(versions.get(row.dashboard) != row.rules_version for row in rows):
        raise Moved
    return rows


def _members(rows: Iterable[Any], words: Mapping[int, str]) -> tuple[Member, ...]:
    return tuple(
        Member(
            depth=depth,
            content=content,
            content_hash=bytes(digest).hex(),
            uses=tuple(
                Use(row[4], row[5], row[6], bool(row[7]), words[row[8]], words[row[9]])
                for row in used
                if row[4] is not None
            ),
        )
        for (depth, content, digest), used in groupby(rows, key=lambda row: tuple(row[1:4]))
    )


def horizon_rows(horizons: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the permits that a removal writes and takes back, as rows."""
    return [{"class": name, "before": from_millis(before)} for name, before in horizons.items()]
