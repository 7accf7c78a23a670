"""Summaries that a report brings, beside what tools say of the same parts: together, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stillframe.errors import Fault
from stillframe.health.merging import contradiction
from stillframe.health.scored import POINTS, REPORT_FAILED, Measure, Scored
from stillframe.health.told import Told
from stillframe.model.facts import PARTS, Part

_NOTHING: Final[Measure] = {"value": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who to name in a fault: the file that brought a part's summary, and one that a tool wrote about it."""

    summary: Callable[[Part], str]
    tool: Callable[[Part], str]


def with_brought(
    scored: Mapping[Part, Scored], told: Told, sources: Sources
) -> tuple[dict[Part, Scored], dict[str, Any], list[Fault]]:
    """
    Return every part with what a summary brought of it, the summaries of all, and a fault for each contradiction.

    A part has its score from one of the two. Measures stand side by side. A release gate's decision is newer than any
    summary's release and takes its place.

    Shape   Summaries by dimension, without those of which nothing is known.
    """
    parts: dict[Part, Scored] = {}
    summaries: dict[str, Any] = {}
    faults: list[Fault] = []
    for part in PARTS:
        ours, given = scored[part], told.summaries.get(part)
        parts[part] = ours
        if given is not None:
            parts[part] = _joined(ours, given)
            if part != "release" or ours.value is None:
                faults += _contradictions(ours, given, sources)
        if given is not None or ours.is_known:
            summaries[part] = _summary(ours, given or {}, parts[part])
    return parts, summaries, faults


def _joined(ours: Scored, given: Mapping[str, Any]) -> Scored:
    score = given.get("score")
    by_id: dict[str, Measure] = {found["id"]: found for found in ours.measures}
    by_id |= {found["id"]: found for found in given["measures"] if by_id.get(found["id"], _NOTHING)["value"] is None}
    measures = tuple(by_id.values())
    if ours.value is not None or score is None:
        return replace(ours, measures=measures)
    failed = tuple(reason for reason in ours.reasons if reason == REPORT_FAILED)
    return Scored(part=ours.part, value=score / POINTS, reasons=failed, measures=measures)


def _summary(ours: Scored, given: Mapping[str, Any], joined: Scored) -> dict[str, Any]:
    """Return the summary of a part: a score that was brought stays as it was brought."""
    written = joined.as_summary()
    is_brought = ours.value is None and given.get("score") is not None
    return {**given, "measures": written["measures"]} if is_brought else {**given, **written}


def _contradictions(ours: Scored, given: Mapping[str, Any], sources: Sources) -> Iterator[Fault]:
    score, part = given.get("score"), ours.part
    names = (sources.tool(part), sources.summary(part))
    if ours.value is not None and score is not None:
        yield contradiction(*names, what=f"the part {part}", answers=(f"{ours.score:g}", f"{score:g}"))
    by_id: dict[str, Measure] = {found["id"]: found for found in ours.measures}
    for found in given["measures"]:
        own = by_id.get(found["id"], found)["value"]
        value = found.get("value")
        if own is not None and value is not None and own != value:
            yield contradiction(*names, what=f"{part}.{found['id']}", answers=(f"{own:g}", f"{value:g}"))
