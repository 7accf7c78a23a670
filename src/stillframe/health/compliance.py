"""The compliance part: the weighted share of declared checks that pass, and the policy that declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any, Final

from stillframe.errors import InvalidInput
from stillframe.health.scored import REPORT_FAILED, Measure, Scored, clamped, measure, whole
from stillframe.health.told import Told
from stillframe.model.facts import Component, PolicyCheck

COMPLIANCE_MISSING: Final = "compliance_report_missing"
HIGHEST_SCORE: Final = 10
"""Of a policy check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompliancePolicy:
    """
    What a house asks of its projects.

    Shape   `denied_licences`: SPDX ids, whatever their case. `weights`: of single policy checks by their id; 1 for the
            others.
    Units   `scorecard_minimum`: 0 to 10; a policy check passes from there on.
    Errors  InvalidInput for a weight that is negative or not finite, and a minimum that no check can have.
    """

    denied_licences: tuple[str, ...] = ()
    licence_weight: float = 1.0
    scorecard_minimum: float = 5.0
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, weight in {"licence_weight": self.licence_weight, **self.weights}.items():
            if not (isfinite(weight) and weight >= 0):
                raise InvalidInput.at(f"$.compliance.{name}", f"{weight!r} is not a weight of 0 or more")
        if not 0 <= self.scorecard_minimum <= HIGHEST_SCORE:
            raise InvalidInput.at("$.compliance.scorecard_minimum", "0 to 10 is expected")

    def document(self) -> dict[str, Any]:
        return {
            "denied_licences": sorted({name.casefold() for name in self.denied_licences}),
            "licence_weight": whole(self.licence_weight),
            "scorecard_minimum": whole(self.scorecard_minimum),
            "weights": {name: whole(weight) for name, weight in self.weights.items()},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> CompliancePolicy:
        return cls(**{**document, "denied_licences": tuple(document["denied_licences"])})

    def passes(self, check: PolicyCheck) -> bool:
        """Say whether a measured policy check passes."""
        return check.score is not None and check.score >= self.scorecard_minimum

    def denies(self, component: Component) -> bool:
        """Say whether every alternative of a component's licence holds a denied id; one that is free is enough."""
        denied = {name.casefold() for name in self.denied_licences}
        alternatives = [{name.casefold() for name in found} for found in component.licences]
        return bool(alternatives) and all(found & denied for found in alternatives)


def compliance(told: Told, policy: CompliancePolicy) -> Scored:
    """
    Return the compliance part: the weights of the declared checks that pass, as a share of all their weights.

    Source  docs/reference/health-score.md, "Compliance".
    """
    if "compliance" in told.failed:
        measures: list[Measure] = [measure(name, None, status="error") for name in ("checks", "checks_failed")]
        return Scored(part="compliance", value=None, reasons=(REPORT_FAILED,), measures=tuple(measures))
    declared = [
        (policy.weights.get(check.id, 1.0), policy.passes(check))
        for check in told.policy_checks or ()
        if check.score is not None
    ]
    if asks_for_licences(told, policy):
        declared.append((policy.licence_weight, not denied_packages(told, policy)))
    total = fsum(weight for weight, _ in declared)
    measures = [*_counts(declared), *_licences(told, policy), *_policy_checks(told)]
    if not total:
        return Scored(part="compliance", value=None, reasons=(COMPLIANCE_MISSING,), measures=tuple(measures))
    value = fsum(weight for weight, passes in declared if passes) / total
    return Scored(part="compliance", value=clamped(value), measures=tuple(measures))


def asks_for_licences(told: Told, policy: CompliancePolicy) -> bool:
    """Say whether licences are a declared check: some are denied, and a report says which the components have."""
    return bool(policy.denied_licences) and _licences_known(told)


def denied_packages(told: Told, policy: CompliancePolicy) -> dict[tuple[str, str | None], Component]:
    """Return the components under a denied licence, by package and version; one report that says so is enough."""
    found = sorted(told.components or (), key=lambda each: (each.package, each.version or "", _spelling(each)))
    return {(each.package, each.version): each for each in found if policy.denies(each)}


def _licences_known(told: Told) -> bool:
    """A list of packages that says of none what its licence is was not made to say so."""
    components = told.components
    return components is not None and (not components or any(each.licences for each in components))


def _counts(declared: Sequence[tuple[float, bool]]) -> list[Measure]:
    if not declared:
        return []
    failed = sum(not passes for _, passes in declared)
    return [measure("checks", len(declared), better="none"), measure("checks_failed", failed)]


def _licences(told: Told, policy: CompliancePolicy) -> list[Measure]:
    if not _licences_known(told):
        return []
    named = {(each.package, each.version): False for each in told.components or ()}
    named |= {(each.package, each.version): True for each in told.components or () if each.licences}
    denied = [measure("licences_denied", len(denied_packages(told, policy)))] if policy.denied_licences else []
    return [*denied, measure("licences_unknown", sum(not known for known in named.values()))]


def _policy_checks(told: Told) -> list[Measure]:
    return [
        measure(f"policy.{check.id}", check.score, better="higher", unit="of 10") for check in told.policy_checks or ()
    ]


def _spelling(component: Component) -> list[list[str]]:
    return sorted(sorted(found) for found in component.licences)
