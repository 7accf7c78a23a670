"""Two periods side by side: what each metric was in both, and how far its mean moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stillframe.diff.metrics import Reading, metric_delta
from stillframe.model.payload import PLAIN_FIELD, Field
from stillframe.report.sampling import Values, mean

_NOTHING: Final = {"count": 0, "mean": None, "min": None, "max": None, "first": None, "last": None}


def compare_periods(
    baseline: Mapping[str, Values], period: Mapping[str, Values], *, fields: Mapping[str, Field] | None = None
) -> dict[str, dict[str, Any]]:
    """
    Return the figures of each metric in two periods, and what its mean did from the one to the other.

    Shape   `baseline`, `period`: a metric's values in order of time, None where it had none. `fields`: how metrics are
            to be read, where that is known. Result: JSON by metric, those of `period` first: `baseline` and `period`,
            each `{count, mean, min, max, first, last}` of the values that there are, then `delta`, `delta_pct`,
            `better` and `state` of the means, as a diff has them.
    Units   `delta_pct` is a signed fraction of the baseline's mean: 0.10 is ten per cent.
    Source  docs/reference/semantics.md, "Trends".
    """
    known = fields or {}
    names = dict.fromkeys([*period, *baseline])
    return {
        name: _compared(name, baseline.get(name, ()), period.get(name, ()), field=known.get(name, PLAIN_FIELD))
        for name in names
    }


def _compared(name: str, before: Values, after: Values, *, field: Field) -> dict[str, Any]:
    old, new = _figures(before), _figures(after)
    moved = metric_delta(name, Reading(old["mean"], field), Reading(new["mean"], field)).as_dict()
    told = {member: moved[member] for member in moved if member not in ("name", "old", "new", "presence")}
    return {"baseline": old, "period": new, **told}


def _figures(values: Values) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    if not known:
        return dict(_NOTHING)
    return {
        "count": len(known),
        "mean": mean(known),
        "min": min(known),
        "max": max(known),
        "first": known[0],
        "last": known[-1],
    }
