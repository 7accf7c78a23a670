"""A verdict: what a rule decided about a diff, as a tree in which every node gives its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

from stillframe.errors import InvalidInput

Outcome: TypeAlias = Literal["true", "false", "unknown"]
Observed: TypeAlias = str | int | float | None

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MAX_WITNESSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    One node of a decision.

    Shape   `witnesses`: at most five, strongest first, in the JSON form of the diff's entries; `children`: one for each
            rule inside a combinator.
    Source  docs/reference/semantics.md, "Rules".
    """

    path: str
    """Where in the rule this node stands: `$`, `$.AND[0]`."""
    outcome: Outcome
    limit: Observed = None
    observed: Observed = None
    """What was compared with the limit; `from zero` or `overflow` where no number says it."""
    witnesses: tuple[Mapping[str, Any], ...] = ()
    sentence: str
    """The reason, in plain words."""
    children: tuple[Verdict, ...] = ()

    @property
    def met(self) -> bool:
        return self.outcome == "true"

    def as_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "outcome": self.outcome,
            "limit": self.limit,
            "observed": self.observed,
            "witnesses": [dict(witness) for witness in self.witnesses],
            "sentence": self.sentence,
            "children": [child.as_dict() for child in self.children],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Verdict:
        """
        Return the verdict that a stored document holds.

        Errors  InvalidInput if it is not the JSON of a verdict.
        """
        try:
            outcome = document["outcome"]
            if outcome not in OUTCOMES:
                raise InvalidInput.at("$.outcome", f"{outcome!r} is not one of {', '.join(OUTCOMES)}")
            return cls(
                path=document["path"],
                outcome=cast(Outcome, outcome),
                limit=document.get("limit"),
                observed=document.get("observed"),
                witnesses=tuple(dict(witness) for witness in document.get("witnesses", ())),
                sentence=document["sentence"],
                children=tuple(map(cls.from_dict, document.get("children", ()))),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"this is not the JSON of a verdict: {error!r}") from error
