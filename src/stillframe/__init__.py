"""Stillframe: dated, provable frames of what dashboards showed, and word of it only when the picture changed
materially."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stillframe.diff import compute_diff
    from stillframe.model.diff import Diff
    from stillframe.model.verdict import Verdict
    from stillframe.rules import explain_threshold, meets_threshold

__all__ = ["Diff", "Verdict", "compute_diff", "explain_threshold", "meets_threshold"]
__version__ = "0.1.0"

_HOMES = {
    "Diff": "stillframe.model.diff",
    "Verdict": "stillframe.model.verdict",
    "compute_diff": "stillframe.diff",
    "explain_threshold": "stillframe.rules",
    "meets_threshold": "stillframe.rules",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # because that is what a module's attribute is
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
