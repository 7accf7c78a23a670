"""Commands about a project's health: what it is now, and a snapshot's stored reports read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from stillframe.cli.counter import at_counter
from stillframe.cli.faults import COULD_NOT
from stillframe.cli.options import Config, Format, ProjectArgument, Server, SnapshotArgument, example
from stillframe.cli.output import cell_text, facts, give, say, table

PART_COLUMNS = ["part", "weight", "value", "contribution", "reason", "freshness", "sources"]
READER_COLUMNS = ["name", "format", "stored", "now"]


def add_to_dashboards(group: typer.Typer) -> None:
    """Put the health beside the commands about dashboards."""
    group.command("health", epilog=example("stillframe dashboard health my-service"))(health)


def add_to_snapshots(group: typer.Typer) -> None:
    """Put the replay beside the commands about snapshots."""
    replay_example = example("stillframe dashboard snapshot replay 019a9f3e-8a51-7c40-b1a2-6f0d4c9e2b11")
    group.command("replay", epilog=replay_example)(replay)


def health(*, project: ProjectArgument, output: Format = "table", config: Config = None, server: Server = None) -> None:
    """Show a project's health: score, grade, risk, and what each part rests on; what is missing is said."""
    with at_counter(config=config, server=server) as counter:
        card = counter.health(project)
    give(card, output=output, lines=card_lines(card))
    if not card["persisted"]:
        say(f"{cell_text(card['project_name'])} has no snapshots yet.")


def replay(
    *, snapshot: SnapshotArgument, output: Format = "table", config: Config = None, server: Server = None
) -> None:
    """Read a project's snapshot's stored reports again, by its formula; 1 if they give another picture now."""
    with at_counter(config=config, server=server) as counter:
        replayed = counter.replay(snapshot)
    give(replayed, output=output, lines=_replay_lines(replayed))
    if not replayed["identical"]:
        raise typer.Exit(COULD_NOT)


def card_lines(card: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that show a project's health: what it comes to, then a line for each part."""
    snapshot = card["snapshot"] or {}
    yield from facts(
        {
            "project": card["project_name"],
            "score": _figure(card["health_score"]) or "not available",
            "provisional_score": _figure(card["provisional_score"]) if card["health_score"] is None else None,
            "grade": card["grade"],
            "risk": card["risk_level"],
            "evidence": f"{_share(card['evidence_coverage'])} of the weights",
            "missing": list(card["reason_codes"]) or None,
            "as_of": snapshot.get("as_of"),
            "snapshot": snapshot.get("id"),
        }
    )
    yield ""
    yield from table([_part(line, card["freshness"]) for line in card["score_breakdown"]], PART_COLUMNS)


def score_lines(card: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines that say what a snapshot's reports come to, below those about the snapshot."""
    score = _figure(card["health_score"])
    if score is None:
        provisional = _figure(card["provisional_score"])
        known = f"{provisional} provisionally, from " if provisional is not None else ""
        score = f"not available ({known}{_share(card['evidence_coverage'])} of the evidence)"
    yield f"  health score {score}, grade {card['grade']}, risk {card['risk_level']}"
    if card["reason_codes"]:
        yield f"  missing: {cell_text(list(card['reason_codes']))}"


def _part(line: Mapping[str, Any], freshness: Mapping[str, str]) -> dict[str, Any]:
    figures = {name: _figure(line[name]) for name in ("weight", "value", "contribution")}
    sources = [source["report"] for source in line["source"]]
    return {**line, **figures, "freshness": freshness.get(line["part"]), "sources": sources}


def _replay_lines(replayed: Mapping[str, Any]) -> Iterator[str]:
    if replayed["identical"]:
        yield f"{replayed['snapshot_id']} replayed: the same picture, to the last digit"
    else:
        yield f"{replayed['snapshot_id']} replayed: ANOTHER picture"
    yield from facts({name: replayed[name] for name in ("content_hash", "replayed_hash", "formula_digest")})
    reports = [report["name"] for report in replayed["reports"]]
    yield f"read again: {cell_text(reports) or 'nothing'}"
    if replayed["readers_changed"]:
        yield "readers of another version now:"
        yield from table(replayed["readers_changed"], READER_COLUMNS)
    if replayed["differences"] is not None:
        from stillframe.model.diff import Diff
        from stillframe.report.lines import plain_lines

        yield from plain_lines(Diff.from_dict(replayed["differences"]), titles={})


def _figure(value: float | None) -> str | None:
    """Return a number as people read it; the JSON has every digit."""
    from stillframe.report.figures import figure

    return None if value is None else figure(value)


def _share(value: float | None) -> str:
    return f"{_figure(100 * (value or 0))} %"
