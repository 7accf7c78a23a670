"""Here and by a server: the same command gives the same data, the same talk and the same exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from stillframe.cli.reference import commands
from tests.cli.conftest import SPEC, Done, Run
from tests.flows.gated import bandit, coverage

SNAPSHOT = ("dashboard", "snapshot")
AS_JSON = ("--format", "json")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PASSING: Mapping[str, str] = {
    UUID: "<id>",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z": "<time>",
    r'"milliseconds": [\d.]+': '"milliseconds": 0',
    r"\b[0-9a-f]{64}\b": "<hash>",
    r"(whsec|sf)_[\w+/=-]+": "<secret>",
}
"""What two runs of one command cannot have in common, whichever way they go."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """
    A dashboard with two snapshots, a subscription, a token to revoke, and a project in a group: what commands name.

    Shape   `taken_at`: the time of `second`. The project is `SLUG/app` and its group `SLUG-team`; `before` and `after`
            are its snapshots. A second one, `SLUG/gated`, has a snapshot of reports (`reported`), a `decision` of a
            gate and a `suppression`.
    """

    slug: str
    first: str
    second: str
    taken_at: str
    subscription: str
    hook: str
    token: str
    before: str
    after: str
    reported: str
    decision: str
    suppression: str

    def named(self, arguments: Sequence[str]) -> list[str]:
        return [argument.format(board=self) for argument in arguments]


@pytest.fixture
def boards(run: Run, folder: Path, sell: Callable[[str, int], None]) -> tuple[Board, Board]:
    """Two dashboards with one history: what can be done only once is done here to one and there to the other."""
    run("persona", "add", "ops-desk")
    (folder / "first.yaml").write_text(SPEC, encoding="utf8")
    (folder / "other.yaml").write_text(SPEC.replace("slug: sellers", "slug: resells"), encoding="utf8")
    return furnished(run, folder, "first", sell), furnished(run, folder, "other", sell)


def furnished(run: Run, folder: Path, name: str, sell: Callable[[str, int], None]) -> Board:
    slug = run("dashboard", "apply", str(folder / f"{name}.yaml"), *AS_JSON).json["slug"]
    ids = []
    for sold in (20, 50):
        sell("rice", sold)
        ids.append(
            run(
                *SNAPSHOT,
                "create",
                "--dashboard",
                slug,
                "--reason",
                "n\N{LATIN SMALL LETTER O WITH DIAERESIS}",
                *AS_JSON,
            ).json["id"]
        )
    rule = ("--rule", '{"top_n_reordering": 2}', *AS_JSON)
    told = run("subscription", "add", "--dashboard", slug, "--persona", "ops-desk", *rule).json["id"]
    hook = ("subscription", "add", "--dashboard", slug, "--webhook", "http://127.0.0.1:19999/hook", *rule)
    hooked = run(*hook).json["id"]
    token = run("token", "create", "robot", *AS_JSON).json["id"]
    run("group", "create", f"{slug}-team")
    run("project", "create", f"{slug}/app", "--group", f"{slug}-team")
    for score in (70, 80):
        (folder / "summary.json").write_text(json.dumps(summary(score)), encoding="utf8")
        create = (*SNAPSHOT, "create", "--project", f"{slug}/app", "--summary", str(folder / "summary.json"), *AS_JSON)
        ids.append(run(*create).json["id"])
    return Board(
        slug=slug,
        first=ids[0],
        second=ids[1],
        taken_at=run(*SNAPSHOT, "show", ids[1], *AS_JSON).json["timestamp"],
        subscription=told,
        hook=hooked,
        token=token,
        before=ids[2],
        after=ids[3],
        **gated_project(run, folder, slug),
    )


def gated_project(run: Run, folder: Path, slug: str) -> dict[str, str]:
    """A project with a snapshot of reports, a decision and a suppression; what they are called."""
    report_files(folder)
    project = ("--project", f"{slug}/gated")
    run("project", "create", project[1], "--group", f"{slug}-team")
    reports = ("--report", str(folder / "bandit.json"), "--root", "/builds", *AS_JSON)
    reported = run(*SNAPSHOT, "create", *project, *reports).json["id"]
    decision = run("release", "check", *project, *reports, "--profile", "minimal", "--source-ref", "v1").json["id"]
    answered = ("--finding", "B307:src/app.py:0123456789ab", "--reason", "known", "--expires", "300d", *AS_JSON)
    suppression = run("release", "suppress", *project, *answered).json["id"]
    return {"reported": reported, "decision": decision, "suppression": suppression}


def report_files(folder: Path) -> None:
    """Reports as tools write them, and profiles for each decision."""
    (folder / "bandit.json").write_bytes(bandit(high=2, low=1).read())
    (folder / "coverage.json").write_bytes(coverage(80).read())
    (folder / "broken.json").write_bytes(b'{"results": [')
    (folder / "unknown.json").write_bytes(b'{"hello": "world"}')
    (folder / "twins").mkdir(exist_ok=True)
    (folder / "twins" / "bandit.json").write_bytes(bandit(high=1).read())
    check = 'name = "{name}"\n[[check]]\nid = "lines"\ntype = "quality"\nseverity = "{severity}"\n{limit}\n'
    limit = 'metric = "quality.coverage.line"\nat_least = 0.9'
    for name, severity in (("warns", "warning"), ("fails", "blocker")):
        text = check.format(name=name, severity=severity, limit=limit)
        (folder / f"{name}.toml").write_text(text, encoding="utf8")
    (folder / "wrong.toml").write_text(check.format(name="x", severity="blocking", limit=limit), encoding="utf8")
    (folder / "no.toml").write_text("name = \n", encoding="utf8")


def summary(score: float) -> dict[str, Any]:
    """A project's summary: one dimension, one measure, one finding that a better score is without."""
    findings = [{"id": "f-1", "dimension": "sca", "severity": "high", "title": "Old *library*", "location": "a.lock"}]
    measures = [{"id": "open", "value": 100 - score, "better": "lower", "unit": "findings"}]
    return {
        "schema": "stillframe.summary/1",
        "tool": "scanner",
        "version": "1.2",
        "summaries": {"sca": {"score": score, "measures": measures}},
        "findings": findings if score < 80 else [],
    }


def is_repeatable(deed: tuple[str, ...]) -> bool:
    """Whether doing it twice is two deeds, so that it can be told both to people and to programs."""
    return "live" in deed or "--dry-run" in deed or deed[:3] == (*SNAPSHOT, "create") or "check" in deed


def same(done: Done, names: Mapping[str, str]) -> Done:
    """What a command gave, without what is different in any two runs."""
    out, err = done.out, done.err
    for pattern, word in {**PASSING, **names}.items():
        out, err = re.sub(pattern, word, out), re.sub(pattern, word, err)
    return replace(done, out=out, err=err)


NOW = ("--from-timestamp", "2999-01-01T00:00:00Z", "--to-timestamp", "2999-01-01T00:00:00Z")
PERIODS = (
    *("--from", "2026-01-01T00:00:00Z", "--to", "2999-01-01T00:00:00Z"),
    *("--baseline-from", "2025-01-01T00:00:00Z", "--baseline-to", "2999-01-01T00:00:00Z"),
)
TRIED = ("subscription", "preview", "--dashboard", "{board.slug}", "--rule", '{{"top_n_reordering": 2}}')
LOOKS: Sequence[tuple[str, ...]] = (
    ("dashboard", "list"),
    ("dashboard", "list", "--limit", "1"),
    ("dashboard", "show", "{board.slug}"),
    (*SNAPSHOT, "list", "--dashboard", "{board.slug}"),
    (*SNAPSHOT, "list", "--dashboard", "{board.slug}", "--limit", "1"),
    (*SNAPSHOT, "show", "{board.first}"),
    (*SNAPSHOT, "compare", "--dashboard", "{board.slug}"),
    (*SNAPSHOT, "compare", "--from-snapshot", "{board.second}", "--to-snapshot", "{board.first}"),
    ("subscription", "list", "--dashboard", "{board.slug}"),
    (*TRIED, "--to", "{board.taken_at}", "--from", "2026-01-01T00:00:00Z"),
    (*TRIED, "--to", "{board.taken_at}", "--cooldown", "1d", "--quiet-hours", "22:00-06:00 Europe/Berlin"),
    ("token", "list"),
    ("group", "list"),
    ("group", "show", "{board.slug}-team"),
    ("project", "list"),
    ("project", "list", "--group", "{board.slug}-team"),
    ("project", "show", "{board.slug}/app"),
    ("audit", "list"),
    (*SNAPSHOT, "policy"),
    (*SNAPSHOT, "list"),
    (*SNAPSHOT, "list", "--limit", "1000000"),
    (*SNAPSHOT, "list", "--limit", "1", "--offset", "1"),
    (*SNAPSHOT, "list", "--project", "{board.slug}/app"),
    (*SNAPSHOT, "list", "--scope", "project", "--group", "{board.slug}-team"),
    (*SNAPSHOT, "show", "{board.after}"),
    (*SNAPSHOT, "compare", "--from-snapshot", "{board.before}", "--to-snapshot", "{board.after}"),
    (
        *SNAPSHOT,
        "compare",
        "--from-snapshot",
        "{board.before}",
        "--to-snapshot",
        "{board.after}",
        "--include-drilldown",
    ),
    (*SNAPSHOT, "compare", "--dashboard", "project:{board.slug}/app", "--include-drilldown"),
    (*SNAPSHOT, "compare", "--project", "{board.slug}/app", *NOW, "--include-drilldown"),
    ("dashboard", "trends", "{board.slug}/app"),
    ("dashboard", "trends", "{board.slug}/app", "--metric", "health_score", "--metric", "sca.open", "--points", "1"),
    ("dashboard", "compare-periods", "{board.slug}/app", *PERIODS),
    ("dashboard", "health", "{board.slug}/app"),
    ("dashboard", "health", "{board.slug}/gated"),
    (*SNAPSHOT, "replay", "{board.reported}"),
    (*SNAPSHOT, "replay", "{board.after}"),
    ("release", "profiles"),
    ("release", "history"),
    ("release", "history", "--project", "{board.slug}/gated", "--limit", "1"),
    ("release", "show", "{board.decision}"),
    ("release", "suppressions"),
    ("release", "suppressions", "--project", "{board.slug}/gated", "--all", "--limit", "1"),
)
WRITES: Sequence[tuple[str, ...]] = (
    (*SNAPSHOT, "export", "{board.after}"),
    (*SNAPSHOT, "export", "{board.after}", "--format", "markdown", "--language", "ru"),
    (*SNAPSHOT, "export", "{board.after}", "--format", "pdf"),
    (*SNAPSHOT, "export", "{board.after}", "--baseline-snapshot", "{board.before}"),
    (*SNAPSHOT, "export", "{board.after}", "--baseline-snapshot", "{board.before}", "--format", "markdown"),
    (*SNAPSHOT, "export", "{board.after}", "--baseline-snapshot", "{board.before}", "--format", "pdf"),
    (*SNAPSHOT, "export", "{board.second}", "--baseline-snapshot", "{board.first}", "--format", "markdown"),
)
REPORTS = ("--report", "bandit.json", "--report", "coverage.json")
NEW_YEAR = "2026-01-01T00:00:00Z"
GATE_TOLD = ("subscription", "add", "--dashboard", "project:{board.slug}/gated", "--persona", "ops-desk")
CHECK = ("release", "check", "--project", "{board.slug}/gated", *REPORTS)
GATES: Sequence[tuple[tuple[str, ...], int]] = (
    ((*CHECK, "--profile", "minimal", "--source-ref", "v2"), 0),
    ((*CHECK, "--profile", "warns.toml"), 2),
    ((*CHECK, "--profile", "./warns.toml", "--fail-on-warn"), 1),
    ((*CHECK, "--profile", "fails.toml", "--reason", "again"), 1),
    ((*CHECK, "--profile", "gost-56939", "--kloc", "3", "--root", "/builds"), 1),
    (("release", "check", "--project", "{board.slug}/gated"), 0),
    ((*CHECK, "--profile", "minimal", "--dry-run"), 0),
)
"""What the gate is asked, and how the command ends by its decision."""
DEEDS: Sequence[tuple[str, ...]] = (
    ("dashboard", "apply", "{board.slug}.yaml"),
    ("dashboard", "apply", "{board.slug}.yaml", "--dry-run"),
    ("dashboard", "apply", "new-{board.slug}.yaml"),
    ("dashboard", "apply", "new-{board.slug}.yaml", "--dry-run"),
    ("dashboard", "live", "{board.slug}"),
    (*SNAPSHOT, "create", "--dashboard", "{board.slug}", "--reason", "again", "--immutable"),
    (*SNAPSHOT, "create", "--dashboard", "{board.slug}", "--as-of", "2026-01-02T03:04:05Z", "--source-ref", "abc"),
    (*SNAPSHOT, "accept", "{board.first}"),
    ("subscription", "add", "--dashboard", "{board.slug}", "--persona", "ops-desk", "--rule", '{{"any_change": true}}'),
    (
        "subscription",
        "add",
        "--dashboard",
        "{board.slug}",
        "--webhook",
        "http://127.0.0.1:19999/x",
        "--rule",
        '{{"any_change": true}}',
    ),
    (
        "subscription",
        "add",
        "--dashboard",
        "{board.slug}",
        "--persona",
        "ops-desk",
        "--rule",
        '{{"top_n_reordering": 2}}',
    ),
    ("subscription", "why", "{board.subscription}", "--dashboard", "{board.slug}"),
    ("subscription", "test", "{board.hook}", "--dashboard", "{board.slug}"),
    ("subscription", "secret", "{board.hook}", "--dashboard", "{board.slug}", "--overlap", "2d"),
    ("subscription", "change", "{board.subscription}", "--dashboard", "{board.slug}", "--cooldown", "4h"),
    ("subscription", "change", "{board.subscription}", "--dashboard", "{board.slug}", "--cooldown", "none"),
    ("subscription", "resume", "{board.subscription}", "--dashboard", "{board.slug}"),
    ("subscription", "remove", "{board.subscription}", "--dashboard", "{board.slug}"),
    ("token", "create", "robot-{board.slug}", "--role", "viewer", "--scopes", "read", "--days", "2"),
    ("token", "revoke", "{board.token}"),
    ("group", "create", "{board.slug}-two", "--name", "Two"),
    ("group", "rename", "{board.slug}-two", "Zwei"),
    ("group", "add", "{board.slug}-two", "robot", "--role", "editor"),
    ("group", "remove", "{board.slug}-two", "robot"),
    ("project", "create", "{board.slug}/new", "--group", "{board.slug}-two", "--title", "New"),
    ("project", "change", "{board.slug}/new", "--title", "Newer"),
    (*SNAPSHOT, "create", "--scope", "project", "--project", "{board.slug}/new", "--summary", "summary.json"),
    (*SNAPSHOT, "create", "--scope", "project", "--project", "{board.slug}/new", "--reason", "pre-hardening"),
    (*SNAPSHOT, "create", "--scope", "group", "--group", "{board.slug}-two", "--retention-class", "release"),
    ("dashboard", "trends", "{board.slug}/new"),
    (*SNAPSHOT, "create", "--project", "{board.slug}/new", *REPORTS, "--source-ref", "v1", "--as-of", NEW_YEAR),
    (*SNAPSHOT, "create", "--project", "{board.slug}/new", *REPORTS, "--kloc", "2.5", "--root", "/builds"),
    (*SNAPSHOT, "create", "--scope", "project", "--project", "{board.slug}/new", *REPORTS, "--immutable"),
    ("dashboard", "health", "{board.slug}/new"),
    ("release", "check", "--project", "{board.slug}/new", *REPORTS, "--profile", "minimal", "--reason", "r"),
    ("release", "check", "--project", "{board.slug}/new", "--profile", "minimal"),
    (
        *("release", "suppress", "--project", "{board.slug}/new", "--finding", "f-2", "--reason", "mine"),
        *("--expires", "30d", "--ticket", "T-1"),
    ),
    ("release", "suppressions", "--project", "{board.slug}/new"),
    ("release", "unsuppress", "{board.suppression}"),
    ("release", "suppressions", "--project", "{board.slug}/gated", "--all"),
    (*GATE_TOLD, "--on", "gate:fail,warn"),
)
SUPPRESS = ("release", "suppress", "--project", "sellers/gated", "--finding", "f-1")
LONG_AGO = ("--from-timestamp", "1999-01-01T00:00:00Z", "--to-timestamp", "1999-01-01T00:00:00Z")
REFUSALS: Sequence[tuple[tuple[str, ...], int]] = (
    (("dashboard", "list", "--limit", "500"), 2),
    (("dashboard", "list", "--cursor", "nothing"), 2),
    ((*SNAPSHOT, "list", "--cursor", "nothing"), 2),
    (("dashboard", "show", "nothing"), 1),
    (("dashboard", "show", "a/b?c#d%20"), 1),
    (("dashboard", "show", ""), 1),
    (("dashboard", "live", "nothing"), 1),
    (("dashboard", "apply", "unknown-connection.yaml"), 2),
    (("dashboard", "apply", "unknown-connection.yaml", "--dry-run"), 2),
    (("dashboard", "apply", "wrong.yaml"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "nothing"), 1),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--retention-class", "releas"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--as-of", "2999-01-01T00:00:00Z"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--as-of", "yesterday"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--data", "data.json"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--reason", "x" * 3_000), 2),
    ((*SNAPSHOT, "list", "--dashboard", "nothing"), 1),
    ((*SNAPSHOT, "show", "nothing"), 1),
    ((*SNAPSHOT, "compare"), 2),
    ((*SNAPSHOT, "compare", "--dashboard", "resells", "--from-snapshot", "{board.first}"), 2),
    ((*SNAPSHOT, "compare", "--dashboard", "nothing"), 1),
    ((*SNAPSHOT, "accept", "nothing"), 1),
    (("subscription", "add", "--dashboard", "sellers", "--persona", "nobody", "--rule", '{{"any_change": true}}'), 2),
    (
        (
            "subscription",
            "add",
            "--dashboard",
            "sellers",
            "--persona",
            "ops-desk",
            "--rule",
            '{{"value_delta_pct": 1, "on_field": "sld"}}',
        ),
        2,
    ),
    (("subscription", "add", "--dashboard", "sellers", "--persona", "ops-desk", "--rule", "[]"), 2),
    (("subscription", "add", "--dashboard", "sellers", "--webhook", "ftp://x", "--rule", '{{"any_change": true}}'), 2),
    (
        (
            "subscription",
            "add",
            "--dashboard",
            "sellers",
            "--persona",
            "ops-desk",
            "--baseline",
            "pinned",
            "--rule",
            '{{"any_change": true}}',
        ),
        2,
    ),
    (("subscription", "remove", "nothing", "--dashboard", "sellers"), 1),
    (("subscription", "list", "--dashboard", "nothing"), 1),
    (("group", "show", "nothing"), 1),
    (("group", "create", "No Id"), 2),
    (("group", "create", "sellers-team"), 1),
    (("group", "add", "sellers-team", "nobody"), 1),
    (("group", "remove", "sellers-team", "robot"), 1),
    (("project", "show", "nothing"), 1),
    (("project", "show", "../tokens"), 1),
    (("project", "create", "sellers/app", "--group", "sellers-team"), 1),
    (("project", "create", "/", "--group", "sellers-team"), 2),
    (("project", "list", "--group", "nothing"), 1),
    ((*SNAPSHOT, "create"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--scope", "portfolio"), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", "--summary", "summary.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/app", "--data", "data.json"), 2),
    ((*SNAPSHOT, "create", "--scope", "project"), 2),
    ((*SNAPSHOT, "create", "--scope", "group"), 2),
    ((*SNAPSHOT, "create", "--scope", "group", "--group", "sellers-team", "--project", "sellers/app"), 2),
    ((*SNAPSHOT, "create", "--scope", "portfolio", "--project", "sellers/app"), 2),
    ((*SNAPSHOT, "create", "--scope", "project", "--project", "nothing"), 1),
    ((*SNAPSHOT, "create", "--scope", "group", "--group", "sellers-team", "--summary", "summary.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/app", "--summary", "data.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/app", "--retention-class", "releas"), 2),
    ((*SNAPSHOT, "list", "--project", "nothing"), 1),
    ((*SNAPSHOT, "list", "--scope", "group", "--project", "sellers/app"), 2),
    ((*SNAPSHOT, "list", "--dashboard", "sellers", "--project", "sellers/app"), 2),
    ((*SNAPSHOT, "compare", "--from-snapshot", "{board.first}", "--to-snapshot", "{board.after}"), 2),
    ((*SNAPSHOT, "compare", "--from-snapshot", "nothing", "--to-snapshot", "{board.after}"), 1),
    ((*SNAPSHOT, "compare", "--project", "sellers/app"), 2),
    ((*SNAPSHOT, "compare", "--project", "sellers/app", "--from-snapshot", "{board.before}"), 2),
    ((*SNAPSHOT, "compare", "--project", "sellers/app", *LONG_AGO), 1),
    ((*SNAPSHOT, "compare", "--project", "nothing", *NOW), 1),
    ((*SNAPSHOT, "export", "nothing"), 1),
    ((*SNAPSHOT, "export", "{board.after}", "--language", "xx", "--format", "markdown"), 2),
    ((*SNAPSHOT, "export", "{board.after}", "--baseline-snapshot", "{board.first}"), 2),
    ((*SNAPSHOT, "export", "{board.after}", "--output", "no/such/folder"), 2),
    (("dashboard", "trends", "nothing"), 1),
    (("dashboard", "trends", "policy"), 1),
    (("dashboard", "trends", "sellers/app", "--metric", "sca.opne"), 2),
    (("dashboard", "trends", "sellers/app", "--points", "1000000000"), 2),
    (("dashboard", "trends", "sellers/app", "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"), 2),
    (("dashboard", "trends", "sellers/app", "--from", "yesterday"), 2),
    (("dashboard", "compare-periods", "nothing", *PERIODS), 1),
    (("token", "create", "x y"), 2),
    (("token", "create", "robot", "--role", "admin"), 1),
    (("token", "create", "robot", "--days", "0"), 2),
    (("token", "create", "robot", "--scopes", "rea"), 2),
    (("token", "revoke", "nothing"), 1),
    ((*SNAPSHOT, "create", "--project", "nothing", *REPORTS), 1),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", "--report", "absent.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", "--report", "twins"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", "--report", "broken.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", "--report", "unknown.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", "--report", "bandit.json", "--report", "unknown.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--report", "twins/bandit.json"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--kloc", "0"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--kloc", "nan"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--kloc", "many"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--root", ""), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--root", "/x" * 600), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--as-of", "2999-01-01T00:00:00Z"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--retention-class", "releas"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--reason", "x" * 3_000), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--group", "sellers-team"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *REPORTS, "--summary", "summary.json"), 2),
    ((*SNAPSHOT, "create", "--scope", "group", "--group", "sellers-team", *REPORTS), 2),
    ((*SNAPSHOT, "create", "--scope", "project", *REPORTS), 2),
    ((*SNAPSHOT, "create", "--dashboard", "sellers", *REPORTS), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", "--kloc", "2"), 2),
    ((*SNAPSHOT, "create", "--project", "sellers/gated", *("--report", "bandit.json") * 101), 2),
    ((*SNAPSHOT, "replay", "nothing"), 1),
    ((*SNAPSHOT, "replay", "{board.first}"), 2),
    (("dashboard", "health", "nothing"), 1),
    (("dashboard", "health", ""), 1),
    (("release", "check"), 3),
    (("release", "chekc", "--project", "sellers/gated"), 3),
    ((*CHECK, "--no-such-option"), 3),
    ((*CHECK, "more"), 3),
    ((*CHECK, "--format", "xml"), 3),
    (("release", "check", "--project", "nothing", *REPORTS), 3),
    (("release", "check", "--project", "", *REPORTS), 3),
    ((*CHECK, "--report", "absent.json"), 3),
    ((*CHECK, "--report", "broken.json"), 3),
    ((*CHECK, "--report", "twins/bandit.json"), 3),
    ((*CHECK, "--profile", "standrad"), 3),
    ((*CHECK, "--profile", "absent.toml"), 3),
    ((*CHECK, "--profile", "wrong.toml"), 3),
    ((*CHECK, "--profile", "no.toml"), 3),
    ((*CHECK, "--profile", "./bandit.json"), 3),
    ((*CHECK, "--kloc", "-1"), 3),
    ((*CHECK, "--kloc", "inf"), 3),
    ((*CHECK, "--reason", "x" * 3_000), 3),
    ((*CHECK, "--output", "no/such/folder"), 3),
    ((*CHECK, "--output", "twins"), 3),
    (("release", "show", "nothing"), 1),
    (("release", "show", "{board.decision}", "--format", "xml"), 2),
    (("release", "history", "--project", "nothing"), 1),
    (("release", "history", "--limit", "500"), 2),
    (("release", "history", "--cursor", "nothing"), 2),
    (("release", "suppressions", "--project", "nothing"), 1),
    (("release", "suppressions", "--cursor", "nothing"), 2),
    ((*SUPPRESS, "--reason", "r", "--expires", "366d"), 2),
    ((*SUPPRESS, "--reason", "r", "--expires", "0d"), 2),
    ((*SUPPRESS, "--reason", "r", "--expires", "2020-01-01"), 2),
    ((*SUPPRESS, "--reason", "r", "--expires", "2026-02-30"), 2),
    ((*SUPPRESS, "--reason", "r", "--expires", "soon"), 2),
    ((*SUPPRESS, "--reason", " ", "--expires", "30d"), 2),
    ((*SUPPRESS, "--expires", "30d"), 2),
    ((*SUPPRESS, "--reason", "r", "--expires", "30d", "--ticket", "x" * 300), 2),
    (("release", "suppress", "--project", "nothing", "--finding", "f", "--reason", "r", "--expires", "30d"), 1),
    (("release", "unsuppress", "nothing"), 1),
    ((*GATE_TOLD, "--on", "gate:"), 2),
    ((*GATE_TOLD, "--on", "gate:fial"), 2),
    ((*GATE_TOLD, "--on", "gate:fail", "--rule", '{{"any_change": true}}'), 2),
    ((*GATE_TOLD, "--on", "gate:fail", "--baseline", "last_notified"), 2),
    ((*GATE_TOLD, "--on", "nothing"), 2),
    ((*GATE_TOLD, "--on", "change"), 2),
    (GATE_TOLD, 2),
    (("subscription", "add", "--dashboard", "sellers", "--persona", "ops-desk", "--on", "gate:fail"), 2),
)


def files(folder: Path) -> None:
    """The files that the cases name, in the folder that commands run in."""
    for slug in ("sellers", "resells"):
        spec = SPEC.replace("slug: sellers", f"slug: {slug}").replace("top_n: 3", "top_n: 2")
        (folder / f"{slug}.yaml").write_text(spec, encoding="utf8")
        (folder / f"new-{slug}.yaml").write_text(spec.replace(f"slug: {slug}", f"slug: new-{slug}"), encoding="utf8")
    (folder / "unknown-connection.yaml").write_text(
        SPEC.replace("connection: shop", "connection: shp"), encoding="utf8"
    )
    (folder / "wrong.yaml").write_text(SPEC + "titel: x\n", encoding="utf8")
    (folder / "summary.json").write_text(json.dumps(summary(75)), encoding="utf8")
    (folder / "data.json").write_text('{"other": []}', encoding="utf8")
    report_files(folder)


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the files, as the working directory."""
    files(folder)
    monkeypatch.chdir(folder)
    return folder


def test_looking_gives_the_same_bytes(run: Run, boards: tuple[Board, Board], server: str) -> None:
    """A script that reads one reads the other."""
    for look in LOOKS:
        for form in ((), AS_JSON):
            arguments = (*boards[0].named(look), *form)
            local = run(*arguments)
            assert local.out, arguments
            assert run(*arguments, "--server", server) == local, arguments


def test_a_document_is_the_same_bytes(run: Run, boards: tuple[Board, Board], here: Path, server: str) -> None:
    """Evidence that was exported here is the evidence that was exported there."""
    for case in WRITES:
        arguments = boards[0].named(case)
        assert run(*arguments, "--output", "local").out == ""
        assert run(*arguments, "--output", "remote", "--server", server).out == ""
        assert (here / "local").read_bytes() == (here / "remote").read_bytes() != b"", arguments


def test_doing_gives_the_same_but_for_new_ids_and_times(
    run: Run, boards: tuple[Board, Board], here: Path, server: str
) -> None:
    """What is done here to one dashboard is done there to its twin, and told in the same words."""
    assert here
    for deed in DEEDS:
        for form in ((), AS_JSON) if is_repeatable(deed) else (AS_JSON,):
            code = 2 if "accept" in deed else 1 if '{{"top_n_reordering": 2}}' in deed else 0
            local = run(*boards[0].named(deed), *form, code=code)
            remote = run(*boards[1].named(deed), *form, "--server", server, code=code)
            assert local.out or code, deed
            assert same(remote, {"resells": "sellers"}) == same(local, {}), deed


def test_a_gate_decides_and_says_the_same(run: Run, boards: tuple[Board, Board], here: Path, server: str) -> None:
    """The same document, the same page, the same lines, and an exit code that is the decision."""
    assert here
    for asked, code in GATES:
        for form in ("table", "json", "markdown"):
            local = run(*boards[0].named(asked), "--format", form, code=code)
            remote = run(*boards[1].named(asked), "--format", form, "--server", server, code=code)
            assert local.out, asked
            assert same(remote, {"resells": "sellers"}) == same(local, {}), asked
    markdown = ("release", "show", boards[0].decision, "--format", "markdown")
    assert run(*markdown, "--server", server) == run(*markdown)


def test_a_report_on_standard_input_is_the_same_report(
    boards: tuple[Board, Board], here: Path, server: str, repository: Path
) -> None:
    """Read once, kept until it was sent, and called stdin at both places."""
    told = []
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    for board, where in ((boards[0], ()), (boards[1], ("--server", server))):
        create = (*SNAPSHOT, "create", "--project", f"{board.slug}/gated", "--report", "-", *AS_JSON, *where)
        program = [sys.executable, "-c", "from stillframe.cli import main; main()", *create]
        with (here / "bandit.json").open("rb") as stdin:
            done = subprocess.run(program, env=environment, stdin=stdin, capture_output=True, text=True, check=True)
        told.append(same(Done(code=0, out=done.stdout, err=done.stderr), {"resells": "sellers"}))
    assert told[0] == told[1]
    assert [entry["name"] for entry in told[0].json["source_bundle"]] == ["reading", "stdin", "release gate"]


def test_a_refusal_is_the_same_refusal(run: Run, boards: tuple[Board, Board], here: Path, server: str) -> None:
    """The same words at the same place, and an exit code that says whose fault it is; the token in none of them."""
    assert here
    for refused, code in REFUSALS:
        arguments = boards[0].named(refused)
        local = run(*arguments, code=code)
        assert local.out == ""
        remote = run(*arguments, "--server", server, code=code)
        assert same(remote, {}) == same(local, {}), arguments
        assert os.environ["STILLFRAME_TOKEN"] not in remote.err


def test_a_source_that_fails_fails_in_the_same_words(
    run: Run, boards: tuple[Board, Board], folder: Path, server: str
) -> None:
    """With the id of the attempt that was recorded, which is another one each time."""
    (folder / "shop.db").rename(folder / "gone.db")
    arguments = (*SNAPSHOT, "create", "--dashboard", boards[0].slug)
    local = run(*arguments, code=1)
    assert "recorded as attempt" in local.err
    assert same(run(*arguments, "--server", server, code=1), {}) == same(local, {})


def test_every_command_that_can_ask_a_server_is_compared() -> None:
    """A command added without a line here is a command that nobody compared."""
    able = {
        name.split(maxsplit=1)[1]
        for name, found in commands()
        if "--server" in {o for p in found.params for o in p.opts}
    }
    compared = {" ".join(case) for case in (*LOOKS, *WRITES, *DEEDS)}
    assert {"release check", "release show", "dashboard health", "dashboard snapshot replay"} <= able
    assert {name for name in able if not any(f"{case} ".startswith(f"{name} ") for case in compared)} == set()
    assert len(able) >= 30


def test_the_environment_names_the_server(
    run: Run, boards: tuple[Board, Board], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Continuous integration says it once; the configuration that it also names is not read."""
    monkeypatch.setenv("STILLFRAME_SERVER", server)
    monkeypatch.setenv("STILLFRAME_CONFIG", "absent.toml")
    assert run("dashboard", "show", boards[0].slug, *AS_JSON).json["slug"] == boards[0].slug


@pytest.mark.parametrize("arguments", [("dashboard", "list"), ("token", "list")])
def test_a_configuration_beside_a_server_is_refused(run: Run, server: str, arguments: tuple[str, ...]) -> None:
    """Which of the two was meant, nobody can know."""
    refused = run(*arguments, "--server", server, "--config", "stillframe.toml", code=2)
    assert "--config | --server: give one of them" in refused.err
