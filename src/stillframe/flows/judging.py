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
from stillframe.model.subscription import RuleGroup
from stillframe.model.verdict import Verdict
from stillframe.report.notice import diff_document
from stillframe.report.words import diff_summary, headline, titles_of
from stillframe.rules import explain_threshold, judge_many
from stillframe.store import Unit


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
    outcomes: Mapping[int, str] = field(default_factory=dict)
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

    def packed(self) -> dict[int, Any]:
        """Return what is kept of every verdict: the whole tree where the rule was true, else the bare outcome."""
        return {
            rule_id: self.verdicts[rule_id].as_dict() if rule_id in self.verdicts else out
            for rule_id, out in self.outcomes.items()
        }


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """
    What a capture means to a dashboard's subscribers, seen from one head.

    Shape   `comparisons` by baseline snapshot id, those with an empty diff left out. `rebased` says that the capture is
            a new baseline.
    """

    head: Head
    candidate: Snapshot
    """The capture, with the record it gets if the head is still this one."""
    previous: Comparison | None = None
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    groups: Sequence[RuleGroup] = ()
    rebased: bool = False
    silent: bool = False
    """Kept as evidence, judged for nobody: empty or late."""

    def baseline_id(self, group: RuleGroup) -> str | None:
        """Return the id of the snapshot that a group is compared with."""
        return group.baseline_snapshot_id or self.head.head_snapshot_id

    @cached_property
    def judged(self) -> tuple[tuple[RuleGroup, str], ...]:
        """Every group with the outcome of its rule; an empty diff makes every rule false."""
        head_id = self.head.head_snapshot_id or ""
        found = {baseline_id: comparison.outcomes for baseline_id, comparison in self.comparisons.items()}
        silence: Mapping[int, str] = {}
        return tuple(
            (group, found.get(group.baseline_snapshot_id or head_id, silence).get(group.rule_id, "false"))
            for group in self.groups
        )


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
    against_head = Comparison(
        baseline=previous, payload=candidate.payload, diff=compute_diff(previous, candidate, top_n=top_n)
    )
    if is_new_baseline(previous, candidate):
        return Judgement(head=head, candidate=candidate, previous=against_head, rebased=True)
    groups = unit.subscriptions.groups(head.dashboard_id, rules_version=head.rules_version)
    comparisons: dict[str, Comparison] = {}
    for baseline_id, members in _by_baseline(groups, previous.record.id).items():
        found = (
            against_head if baseline_id == previous.record.id else _against(unit, baseline_id, candidate, top_n=top_n)
        )
        if found is not None and not found.diff.is_empty:
            comparisons[baseline_id] = _judged(services, found, members)
    return Judgement(head=head, candidate=candidate, previous=against_head, comparisons=comparisons, groups=groups)


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


def _by_baseline(groups: Sequence[RuleGroup], head_id: str) -> dict[str, list[RuleGroup]]:
    found: dict[str, list[RuleGroup]] = {}
    for group in groups:
        found.setdefault(group.baseline_snapshot_id or head_id, []).append(group)
    return found


def _against(unit: Unit, baseline_id: str, candidate: Snapshot, *, top_n: int) -> Comparison | None:
    baseline = unit.snapshots.get(baseline_id)
    if baseline is None:
        return None
    return Comparison(baseline=baseline, payload=candidate.payload, diff=compute_diff(baseline, candidate, top_n=top_n))


def _judged(services: Services, found: Comparison, members: Sequence[RuleGroup]) -> Comparison:
    rules = {group.rule_id: services.rulebook.rule(group) for group in members}
    outcomes = dict(zip(rules, judge_many(found.diff, list(rules.values())), strict=True))
    verdicts = {
        rule_id: explain_threshold(found.diff, rules[rule_id])
        for rule_id, outcome in outcomes.items()
        if outcome == "true"
    }
    return replace(found, outcomes=outcomes, verdicts=verdicts)
