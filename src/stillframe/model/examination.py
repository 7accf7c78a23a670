"""What an examination of an installation found: each check, how it went, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warning", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """
    One sentence about one check.

    Shape   `broken`: something that was promised does not hold. `warning`: it holds, and may not for ever.
    """

    check: str
    level: Level
    message: str

    def as_dict(self) -> dict[str, Any]:
        return {"check": self.check, "level": self.level, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """
    Everything that was found, in the order of the checks.

    >>> Examination.of([Observation(check="file", level="ok", message="it is there")]).healthy
    True
    """

    items: tuple[Observation, ...]

    @classmethod
    def of(cls, items: Iterable[Observation]) -> Examination:
        return cls(items=tuple(items))

    @property
    def broken(self) -> tuple[Observation, ...]:
        return tuple(found for found in self.items if found.level == "broken")

    @property
    def warnings(self) -> tuple[Observation, ...]:
        return tuple(found for found in self.items if found.level == "warning")

    @property
    def healthy(self) -> bool:
        """Whether nothing is broken; there may be warnings."""
        return not self.broken

    def as_dict(self) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "broken": len(self.broken),
            "warnings": len(self.warnings),
            "findings": [found.as_dict() for found in self.items],
        }
