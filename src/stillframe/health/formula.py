"""Formula v1 as a document: its weights, its figures, the compliance policy and the readers, named by one digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from types import MappingProxyType
from typing import Any, Final

from stillframe.errors import InvalidInput
from stillframe.health.audit import FIGURES as AUDIT_FIGURES
from stillframe.health.compliance import CompliancePolicy
from stillframe.health.quality import FIGURES as QUALITY_FIGURES
from stillframe.health.release import FIGURES as RELEASE_FIGURES
from stillframe.health.sca import FIGURES as SCA_FIGURES
from stillframe.health.score import FIGURES as SCORE_FIGURES
from stillframe.health.score import WEIGHTS
from stillframe.health.scored import SCORE_DECIMALS, whole
from stillframe.model.canonical import digest_of
from stillframe.model.facts import PARTS, Part

FORMULA_VERSION: Final = "v1"
_WEIGHTS_SLACK: Final = 1e-9
_FIGURES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "audit": dict(AUDIT_FIGURES),
        "quality": dict(QUALITY_FIGURES),
        "release": dict(RELEASE_FIGURES),
        "sca": dict(SCA_FIGURES),
        "score": {**SCORE_FIGURES, "decimals": SCORE_DECIMALS},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """
    How reports become a score.

    Shape   `weights`: of every part. `readers`: the version of every reader by its format, since another reader may
            read the same bytes as other facts.
    Units   The weights sum to 1.
    Errors  InvalidInput for weights that are none.
    """

    weights: Mapping[Part, float] = field(default_factory=lambda: dict(WEIGHTS))
    compliance: CompliancePolicy = field(default_factory=CompliancePolicy)
    readers: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.weights) != set(PARTS):
            raise InvalidInput.at("$.weights", f"a weight is expected for each of {', '.join(PARTS)}")
        total = fsum(self.weights.values())
        if not (all(weight >= 0 for weight in self.weights.values()) and abs(total - 1) <= _WEIGHTS_SLACK):
            raise InvalidInput.at("$.weights", f"weights of 0 or more are expected that sum to 1, not to {total:g}")

    @property
    def digest(self) -> str:
        """The formula's name: SHA-256 of its canonical document, in hex."""
        return digest_of(self.document())

    def document(self) -> dict[str, Any]:
        """Return all that the score depends on beside the reports, as it is stored for a replay."""
        return {
            "formula": FORMULA_VERSION,
            "weights": {part: whole(self.weights[part]) for part in PARTS},
            "figures": {name: dict(found) for name, found in _FIGURES.items()},
            "compliance": self.compliance.document(),
            "readers": dict(self.readers),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Formula:
        """
        Return the formula that a document holds.

        Errors  InvalidInput for a version or figures that this program does not reckon with.
        """
        version = document.get("formula")
        if version != FORMULA_VERSION:
            raise InvalidInput.at("$.formula", f"{version!r} is not known; this program scores by {FORMULA_VERSION}")
        if document.get("figures") != _FIGURES:
            raise InvalidInput.at("$.figures", f"these are not the figures of {FORMULA_VERSION}")
        try:
            return cls(
                weights=document["weights"],
                compliance=CompliancePolicy.from_document(document["compliance"]),
                readers=document["readers"],
            )
        except (KeyError, TypeError) as error:
            raise InvalidInput.at("$", f"this is no whole formula: {error}") from error
