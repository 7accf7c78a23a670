"""Comparing a capture with every distinct baseline of its dashboard, and judging every distinct rule once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from stillframe.diff import compute_diff
from stillframe.flows.services import Services
from stillframe.model.dashboard import Head
from stillframe.model.diff import Diff
from stillframe.model.payload import Payload, RowId, Table
from stillframe.model.snapshot import Snapshot
from stillframe.model.subscription import RuleGroup, Subscription
from stillframe.model.verdict import Outcome, Verdict
from stillframe.report.notice import diff_document
from stillframe.report.words import diff_summary, headline, titles_of
from stillframe.rules import Rule, explain_many, judge_many
from stillframe.rules.telling import compares_with
from stillframe.store import CalmStanding, Unit


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """
    One capture against one baseline, with the outcome of every rule that was judged on it.

    Shape   `outcomes` and `verdicts` by rule number; `verdicts` only where the rule was true.
    """

    baseline: Snapshot
    payload: Payload
    """What the capture showed."""
    diff: Diff
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    verdicts: Mapping[int, Verdict] = field(default_factory=dict)

    @cached_property
    def diff_json(self) -> bytes:
        """The diff as a notice carries it, cut with exact totals."""
        return diff_document(self.diff)

    @cached_property
    def titles(self) -> Mapping[RowId, str]:
        """What people call the rows of either picture."""
        return titles_of(self.baseline.payload) | titles_of(self.payload)

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """The change in a few figures, for an answer."""
        return diff_summary(self.diff, titles=self.titles)

    @cached_property
    def headline(self) -> str:
        """The change in one sentence."""
        return headline(self.diff, titles=self.titles)

    @cached_property
    def trees(self) -> Mapping[int, Any]:
        """The JSON of every verdict, by rule number."""
        return {rule_id: verdict.as_dict() for rule_id, verdict in self.verdicts.items()}

    def packed(self) -> dict[int, Any]:
        """Return what is kept of every verdict: the whole tree where the rule was true, else the bare outcome."""
        return {rule_id: self.trees.get(rule_id, out) for rule_id, out in self.outcomes.items()}


@dataclass(frozen=True, kw_only=True)
class Sighted:
    """
    What one owner sees of two snapshots, compared.

    Shape   `members`: those of the earlier and of the later one that are theirs to see. `hashes`: the names of both
            views.
    """

    comparison: Comparison
    members: tuple[frozenset[str], frozenset[str]]
    hashes: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Viewed:
    """A subscription whose owner does not see all, and what its rule says of what they see; None where that is gone."""

    before: CalmStanding
    sighted: Sighted | None
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """
    What a capture means to a dashboard's subscribers, seen from one head.

    Shape   `comparisons` by baseline snapshot id, those with an empty diff left out; `unchanged` are those. `calm`: the
            subscriptions that ask for calm. `unseeing`: owners who do not see all of the pictures; their subscriptions
            are `viewed`, and in none of the groups nor in `calm`. `rebased` says that the capture is a new baseline.
    """

    head: Head
    candidate: Snapshot
    """The capture, with the record it gets if the head is still this one."""
    previous: Comparison | None = None
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    unchanged: Mapping[str, Comparison] = field(default_factory=dict)
    groups: Sequence[RuleGroup] = ()
    calm: Sequence[CalmStanding] = ()
    unseeing: frozenset[str] = frozenset()
    viewed: Sequence[Viewed] = ()
    rebased: bool = False
    silent: bool = False
    """Kept as evidence, judged for nobody: empty or late."""

    def baseline_id(self, group: RuleGroup) -> str | None:
        """Return the id of the snapshot that a group is compared with."""
        return group.baseline_snapshot_id or self.head.head_snapshot_id

    @property
    def is_due(self) -> bool:
        """Whether a quiet time ends before the capture, so that what it held back is judged first."""
        taken_at = self.candidate.record.timestamp
        standings = (one.standing for one in (*self.calm, *(found.before for found in self.viewed)))
        return any(found.wake_at is not None and found.wake_at <= taken_at for found in standings)

    @cached_property
    def judged(self) -> tuple[tuple[RuleGroup, Outcome], ...]:
        """Every group with the outcome of its rule; an empty diff makes every rule false."""
        head_id = self.head.head_snapshot_id or ""
        return tuple(
            (group, self._outcome(group.baseline_snapshot_id or head_id, group.rule_id)) for group in self.groups
        )

    @cached_property
    def judged_calm(self) -> tuple[tuple[Subscription, Outcome], ...]:
        """Every subscription that asks for calm with the outcome of its rule, as `judged`."""
        head_id = self.head.head_snapshot_id or ""
        return tuple(
            (
                one.subscription,
                self._outcome(compares_with(one.standing, previous_id=head_id), one.subscription.rule_id),
            )
            for one in self.calm
        )

    def _outcome(self, baseline_id: str, rule_id: int) -> Outcome:
        found = self.comparisons.get(baseline_id)
        return "false" if found is None else found.outcomes.get(rule_id, "false")


def judge(
    services: Services, unit: Unit, *, head: Head, previous: Snapshot | None, candidate: Snapshot, top_n: int
) -> Judgement:
    """
    Compare a capture with the head and every other baseline in use, and judge the rules on each diff.

    Shape   `previous`: the snapshot that `head` names.
    Source  docs/reference/semantics.md, "Notices".
    """
    if not candidate.is_baseline:
        return Judgement(head=head, candidate=candidate, silent=True)
    if previous is None:
        return Judgement(head=head, candidate=candidate, rebased=True)
    with services.metrics.diffing():
        diff = compute_diff(previous, candidate, top_n=top_n)
    against_head = Comparison(baseline=previous, payload=candidate.payload, diff=diff)
    groups = unit.subscriptions.groups(head.dashboard_id, rules_version=head.rules_version)
    calm = unit.standings.of_dashboard(head.dashboard_id, rules_version=head.rules_version)
    judgement = Judgement(head=head, candidate=candidate, previous=against_head, groups=groups, calm=calm)
    if is_new_baseline(previous, candidate):
        return replace(judgement, rebased=True)
    comparisons: dict[str, Comparison] = {}
    unchanged: dict[str, Comparison] = {}
    wanted = _by_baseline(services, judgement)
    baselines = unit.snapshots.get_many([name for name in wanted if name != previous.record.id])
    for baseline_id, rules in wanted.items():
        found = against_head
        if baseline_id != previous.record.id:
            if baseline_id not in baselines:
                continue
            found = _compared(baselines[baseline_id], candidate, top_n=top_n)
        if found.diff.is_empty:
            unchanged[baseline_id] = found
        else:
            comparisons[baseline_id] = judged_by(found, rules)
    return replace(judgement, comparisons=comparisons, unchanged=unchanged)


def is_new_baseline(previous: Snapshot, candidate: Snapshot) -> bool:
    """Say whether a change of view spec, formula or primary key makes the two pictures different in kind."""
    return (
        _rekeyed(previous.payload.primary_table, candidate.payload.primary_table)
        or previous.record.view_spec_hash != candidate.record.view_spec_hash
        or previous.record.formula_digest != candidate.record.formula_digest
    )


def _rekeyed(before: Table | None, after: Table | None) -> bool:
    """Say whether rows are named by another column; a table without columns names none, so it renames none."""
    if before is None or after is None:
        return before is not after
    return before.key != after.key and bool(before.columns and after.columns)


def _by_baseline(services: Services, judgement: Judgement) -> dict[str, dict[int, Rule]]:
    head_id = judgement.head.head_snapshot_id or ""
    book = services.rulebook
    found: dict[str, dict[int, Rule]] = {}
    for group in judgement.groups:
        rules = found.setdefault(group.baseline_snapshot_id or head_id, {})
        rules[group.rule_id] = book.rule(group)
    for one in judgement.calm:
        rules = found.setdefault(compares_with(one.standing, previous_id=head_id), {})
        if one.subscription.rule_id not in rules:
            rules[one.subscription.rule_id] = book.of(one.subscription.rule_id, one.subscription.threshold)
    return found


def against(unit: Unit, baseline_id: str, candidate: Snapshot, *, top_n: int) -> Comparison | None:
    """Return a picture against another one, judged by no rule yet; None where there is no such snapshot."""
    baseline = unit.snapshots.get(baseline_id)
    return None if baseline is None else _compared(baseline, candidate, top_n=top_n)


def _compared(baseline: Snapshot, candidate: Snapshot, *, top_n: int) -> Comparison:
    return Comparison(baseline=baseline, payload=candidate.payload, diff=compute_diff(baseline, candidate, top_n=top_n))


def judged_by(found: Comparison, rules: Mapping[int, Rule]) -> Comparison:
    """Return a comparison with what each of the rules says of it."""
    outcomes = dict(zip(rules, judge_many(found.diff, list(rules.values())), strict=True))
    met = {rule_id: rules[rule_id] for rule_id, outcome in outcomes.items() if outcome == "true"}
    verdicts = dict(zip(met, explain_many(found.diff, list(met.values())), strict=True))
    return replace(found, outcomes=outcomes, verdicts=verdicts)
