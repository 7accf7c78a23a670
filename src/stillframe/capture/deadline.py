"""How long a source may still take."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Self

from stillframe.errors import SourceFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """
    The moment by which a source has to have answered, on the clock that nobody sets.

    Units   `seconds` is the whole time given; `ends` is a reading of the monotonic clock.
    """

    seconds: float
    ends: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline that is so many seconds from now."""
        return cls(seconds=seconds, ends=monotonic() + seconds)

    @property
    def left_seconds(self) -> float:
        """How much time is left; never less than zero."""
        return max(0.0, self.ends - monotonic())

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return monotonic() >= self.ends

    def check(self) -> None:
        """Go on while there is time; SourceFailed when there is none."""
        if self.is_over:
            raise self.failure()

    def failure(self) -> SourceFailed:
        """Return the error of a source that took too long."""
        return SourceFailed(f"it did not answer within {self.seconds:g} s")
