"""Two snapshots side by side: which two were meant, and what differs between them as a terminal shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillframe.cli.output import cell_text, one_line
from stillframe.errors import InvalidInput

if TYPE_CHECKING:
    from stillframe.cli.counter import Counter, Document
    from stillframe.model.payload import RowId

_OF_FINDINGS = "findings_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """
    Which two snapshots somebody wants to compare.

    Errors  InvalidInput for none, for snapshots beside a project, and for a project without its two times.
    """

    dashboard: str | None
    from_snapshot: str | None
    to_snapshot: str | None
    project: str | None
    from_timestamp: str | None
    to_timestamp: str | None

    def __post_init__(self) -> None:
        by_id = (self.dashboard, self.from_snapshot, self.to_snapshot) != (None, None, None)
        by_time = (self.project, self.from_timestamp, self.to_timestamp)
        if by_id and by_time != (None, None, None):
            raise InvalidInput.at("--from-snapshot | --project", "compare snapshots or a project's times, not both")
        if not by_id and by_time == (None, None, None):
            raise InvalidInput.at(
                "--dashboard | --from-snapshot | --project",
                "name a dashboard, or the snapshots to compare, or a project and two times",
            )
        if not by_id and None in by_time:
            raise InvalidInput.at(
                "--project | --from-timestamp | --to-timestamp", "a project is compared at two times: give all three"
            )


def compared(counter: Counter, meant: Meant, *, include_drilldown: bool) -> Document:
    """Return the comparison of the two snapshots that are meant."""
    first, second = (None, None) if meant.project is not None else _ids(counter, meant)
    return counter.compare(
        {
            "from_snapshot_id": first,
            "to_snapshot_id": second,
            "project_name": meant.project,
            "from_timestamp": meant.from_timestamp,
            "to_timestamp": meant.to_timestamp,
            "include_drilldown": include_drilldown,
        }
    )


def titles_in(counter: Counter, comparison: Mapping[str, Any]) -> dict[RowId, str]:
    """Return what people call the rows of either snapshot of a comparison."""
    from stillframe.model.payload import Payload
    from stillframe.report.words import titles_of

    ends = (counter.snapshot(comparison[side]["id"]) for side in ("snapshot_a", "snapshot_b"))
    return {row_id: title for end in ends for row_id, title in titles_of(Payload.from_dict(end)).items()}


def _ids(counter: Counter, meant: Meant) -> tuple[str, str]:
    if meant.from_snapshot is not None and meant.to_snapshot is not None and meant.dashboard is None:
        return meant.from_snapshot, meant.to_snapshot
    known = meant.from_snapshot or meant.to_snapshot
    ref = meant.dashboard or counter.snapshot(str(known))["dashboard_id"]
    return counter.pair(ref, from_id=meant.from_snapshot, to_id=meant.to_snapshot)


def compared_lines(comparison: Mapping[str, Any], titles: Mapping[RowId, str]) -> Iterator[str]:
    """Return the lines that show a comparison: both ends, the headline, entry by entry, and what is behind it."""
    from stillframe.model.diff import Diff
    from stillframe.report.lines import plain_lines

    for name, side in (("from", "snapshot_a"), ("to  ", "snapshot_b")):
        found = comparison[side]
        yield f"{name} {found['sequence']} as of {found['as_of']}: {found['id']}"
    yield from (f"only partly comparable: {reason}" for reason in comparison["comparability"]["reasons"])
    yield ""
    yield one_line(comparison["headline"])
    yield from plain_lines(Diff.from_dict(comparison["diff"]), titles=titles)
    for dimension, state in comparison["dimension_states"].items():
        yield f"{cell_text(dimension)} {state}"
    if comparison["trend_direction"] != "stable":
        yield f"all in all {comparison['trend_direction']}"
    yield from _drilldown_lines(comparison)


def _drilldown_lines(comparison: Mapping[str, Any]) -> Iterator[str]:
    """Give each category what changed in it; a finding that its dimension has shown is not shown among all again."""
    previews = comparison.get("drilldown_previews", {})
    told: set[str] = set()
    for category, counts in comparison.get("drilldown_categories", {}).items():
        said = ", ".join(_count(kind, count) for kind, count in counts.items() if count)
        if said:
            yield ""
            yield f"{cell_text(category)}: {said}"
            for kind, shown in previews[category].items():
                lines = [f"  {kind.removeprefix(_OF_FINDINGS)} {_entry(entry)}" for entry in shown]
                yield from (line for line in lines if line not in told)
                told |= set(lines) if kind.startswith(_OF_FINDINGS) else set()


def _count(kind: str, count: int) -> str:
    if not kind.startswith(_OF_FINDINGS):
        return f"{count} {kind}"
    return f"{count} {'finding' if count == 1 else 'findings'} {kind.removeprefix(_OF_FINDINGS)}"


def _entry(entry: Mapping[str, Any]) -> str:
    names = [
        cell_text(entry[name]) for name in ("name", "id", "title", "severity") if entry.get(name) not in (None, "")
    ]
    moved = f": {_move(entry['old'], entry['new'])}" if "old" in entry and "new" in entry else ""
    return " ".join(dict.fromkeys(names)) + moved


def _move(old: Any, new: Any) -> str:  # noqa: ANN401  # because a side is whatever JSON the entry holds
    from stillframe.report.figures import figures_apart, is_number

    if is_number(old) and is_number(new):
        return " → ".join(figures_apart(old, new))
    return f"{_side(old)} → {_side(new)}"


def _side(value: object) -> str:
    return "nothing" if value is None else cell_text(value)
