"""Pushed data: what comes with the request, for panels whose source is `push`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillframe.capture.refusals import refuse, refused
from stillframe.capture.spec_models import ViewSpec
from stillframe.errors import Fault, nearest


def pushed_values(spec: ViewSpec, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Return the pushed value of each panel whose source is `push`.

    Errors  CaptureRefused at `$.data.PANEL` for a panel that is missing, unknown, or reads its source itself.
    """
    pushed = [name for name, panel in spec.panels.items() if spec.sources[panel.source].type == "push"]
    given = {} if data is None else data
    if not isinstance(given, Mapping):
        raise refused("$.data", "pushed data is an object: the rows or the number of each panel")
    missing = [
        Fault(path=f"$.data.{name}", message="this panel's data is pushed; send it")
        for name in pushed
        if name not in given
    ]
    stray = [
        Fault(path=f"$.data.{str(name)[:80]}", message=_stray(spec, name, pushed))
        for name in given
        if name not in pushed
    ]
    if missing or stray:
        raise refuse([*missing, *stray])
    return {name: given[name] for name in pushed}


def _stray(spec: ViewSpec, name: str, pushed: list[str]) -> str:
    if name in spec.panels:
        return f"this panel reads its source {spec.panels[name].source!r} itself; only pushed panels take data"
    return f"there is no panel {name[:80]!r}{nearest(name, pushed)}"
