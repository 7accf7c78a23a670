"""Its owner's eyes: a subscription to a group or a portfolio is judged on what its owner may see, and told no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from stillframe.diff import compute_diff
from stillframe.errors import Gone
from stillframe.flows.judging import Comparison, Judgement, Sighted, Viewed, judged_by
from stillframe.flows.permission import standing_of
from stillframe.flows.seeing import view_of
from stillframe.flows.services import Services
from stillframe.flows.told_views import SEEN_DIFF, VIEW
from stillframe.model.diff import Diff
from stillframe.model.snapshot import Snapshot, SnapshotRecord
from stillframe.model.subscription import Subscription
from stillframe.model.verdict import Outcome
from stillframe.model.view import SnapshotView
from stillframe.rules import Rule, explain_threshold
from stillframe.rules.access import readable_groups
from stillframe.rules.telling import compares_with
from stillframe.store import CalmStanding, Unit


def with_eyes(
    services: Services, unit: Unit, judgement: Judgement, *, members: Sequence[str] | None, top_n: int
) -> Judgement:
    """
    Return a judgement in which the subscriptions of owners who do not see all are judged on what they see.

    Shape   `members`: the projects that the capture's picture speaks of; None for a picture that is for whoever may see
            its dashboard.
    Source  docs/reference/semantics.md, "The owner's eyes".
    """
    head_id = judgement.head.head_snapshot_id
    if members is None or head_id is None or judgement.silent or judgement.rebased:
        return judgement
    dashboard_id = judgement.head.dashboard_id
    compared = (*judgement.comparisons.values(), *judgement.unchanged.values())
    lists = {found.baseline.record.member_list for found in compared} - {None}
    owners = partial_owners(
        unit, unit.subscriptions.owners(dashboard_id), members=members, lists={key for key in lists if key is not None}
    )
    if not owners:
        return judgement
    eyes = Eyes(unit=unit, owners=owners, later=judgement.candidate, members=members, top_n=top_n)
    viewed = [
        _viewed(services, eyes, one, head_id=head_id) for one in unit.standings.of_owners(dashboard_id, list(owners))
    ]
    calm = tuple(one for one in judgement.calm if one.subscription.owner_id not in owners)
    return replace(judgement, calm=calm, unseeing=frozenset(owners), viewed=tuple(viewed))


def _viewed(services: Services, eyes: Eyes, one: CalmStanding, *, head_id: str) -> Viewed:
    subscription = one.subscription
    rule = services.rulebook.of(subscription.rule_id, subscription.threshold)
    baseline_id = compares_with(one.standing, previous_id=head_id)
    sighted = eyes.compared(subscription.owner_id, baseline_id, {subscription.rule_id: rule})
    return Viewed(before=one, sighted=sighted, outcome=outcome_of(sighted, subscription.rule_id))


def outcome_of(sighted: Sighted | None, rule_id: int) -> Outcome:
    """Return what a rule says of what somebody sees; where nothing differs every rule is false."""
    return "false" if sighted is None else sighted.comparison.outcomes.get(rule_id, "false")


def said_of_view(unit: Unit, sighted: Sighted) -> dict[str, Any]:
    """Return what a delivery of a view has to keep; the lists of its members are kept with it."""
    return _said(sighted, lists=[unit.member_lists.keep(names) for names in sighted.members])


def said_to_owner(
    services: Services, unit: Unit, subscription: Subscription, *, before: Snapshot, after: Snapshot
) -> dict[str, Any] | None:
    """
    Return what a message about two pictures keeps for the eyes of a subscription's owner who does not see all of them.

    Shape   With the verdict of the subscription's rule. None where the owner sees both whole; without lists of members,
            because nothing is stored.
    """
    key = after.record.member_list
    if key is None:
        return None
    members, lists = unit.member_lists.names(key), {before.record.member_list} - {None}
    owners = partial_owners(
        unit, [subscription.owner_id], members=members, lists={found for found in lists if found is not None}
    )
    if not owners:
        return None
    eyes = Eyes(unit=unit, owners=owners, later=after, members=members, top_n=services.limits.diff_top_n)
    rule = services.rulebook.of(subscription.rule_id, subscription.threshold)
    sighted = eyes.compared(subscription.owner_id, before.record.id, {subscription.rule_id: rule})
    if sighted is None:
        return None
    return {"verdict": explain_threshold(sighted.comparison.diff, rule).as_dict(), **_said(sighted, lists=[])}


def _said(sighted: Sighted, *, lists: list[int]) -> dict[str, Any]:
    view = {"lists": lists, "hashes": list(sighted.hashes)}
    return {VIEW: view, SEEN_DIFF: orjson.loads(sighted.comparison.diff_json)}


@dataclass(kw_only=True)
class Eyes:
    """
    The eyes of owners who do not see every member of a dashboard's pictures.

    Shape   `owners`: the groups that each may read, by user. `later`: the newest picture, whose members are
            `members`. Each view and each diff is made once for every distinct set of visible members.
    """

    unit: Unit
    owners: Mapping[str, frozenset[str]]
    later: Snapshot
    members: Sequence[str]
    top_n: int
    _views: dict[tuple[str, frozenset[str]], SnapshotView] = field(default_factory=dict)
    _compared: dict[tuple[str, frozenset[str], frozenset[str]], Sighted] = field(default_factory=dict)

    def compared(self, owner_id: str, baseline_id: str, rules: Mapping[int, Rule]) -> Sighted | None:
        """Return what an owner sees of the newest picture against another one, judged; None where that is gone."""
        one, two = self._seen(owner_id, baseline_id), self._seen(owner_id, self.later.record.id)
        if one is None or two is None:
            return None
        key = (baseline_id, one[1], two[1])
        if key not in self._compared:
            found = Comparison(
                baseline=one[0].as_snapshot,
                payload=two[0].payload,
                diff=compute_diff(one[0].as_snapshot, two[0].as_snapshot, top_n=self.top_n),
            )
            self._compared[key] = Sighted(comparison=found, members=(one[1], two[1]), hashes=(one[0].hash, two[0].hash))
        self._compared[key] = _judged_too(self._compared[key], rules)
        return self._compared[key]

    def diff(self, owner_id: str, baseline_id: str, snapshot_id: str) -> Diff | None:
        """Return what an owner sees between two pictures; None where one is gone."""
        one, two = self._seen(owner_id, baseline_id), self._seen(owner_id, snapshot_id)
        if one is None or two is None:
            return None
        return compute_diff(one[0].as_snapshot, two[0].as_snapshot, top_n=self.top_n)

    def _seen(self, owner_id: str, snapshot_id: str) -> tuple[SnapshotView, frozenset[str]] | None:
        snapshot = self.later if snapshot_id == self.later.record.id else _snapshot(self.unit, snapshot_id)
        if snapshot is None:
            return None
        members = self._members(owner_id, snapshot.record)
        key = (snapshot_id, members)
        if key not in self._views:
            self._views[key] = view_of(snapshot, members)
        return self._views[key], members

    def _members(self, owner_id: str, record: SnapshotRecord) -> frozenset[str]:
        groups = self.owners[owner_id]
        if record.id == self.later.record.id or record.member_list is None:
            return self.unit.member_lists.among(self.members, groups)
        return frozenset(self.unit.member_lists.visible(record.member_list, groups))


def _judged_too(sighted: Sighted, rules: Mapping[int, Rule]) -> Sighted:
    """Return it with what some rules say, those included that were asked before."""
    known = sighted.comparison
    missing = {number: rule for number, rule in rules.items() if number not in known.outcomes}
    if not missing or known.diff.is_empty:
        return sighted
    judged = judged_by(known, missing)
    outcomes, verdicts = {**known.outcomes, **judged.outcomes}, {**known.verdicts, **judged.verdicts}
    return replace(sighted, comparison=replace(judged, outcomes=outcomes, verdicts=verdicts))


def _snapshot(unit: Unit, snapshot_id: str) -> Snapshot | None:
    try:
        return unit.snapshots.get(snapshot_id)
    except Gone:
        return None


def partial_owners(
    unit: Unit, owner_ids: Iterable[str], *, members: Collection[str], lists: Collection[int]
) -> dict[str, frozenset[str]]:
    """
    Return the owners who do not see all that a dashboard's pictures speak of, with the groups that each may read.

    Shape   `members`: of the newest picture; `lists`: of the others.
    """
    found: dict[str, frozenset[str]] = {}
    for owner_id in sorted(set(owner_ids)):
        user = unit.users.get(owner_id)
        groups = None if user is None else readable_groups(standing_of(unit, user))
        if groups is None:
            continue
        if len(unit.member_lists.among(members, groups)) < len(set(members)) or unit.member_lists.hidden(lists, groups):
            found[owner_id] = groups
    return found
