"""Reads the figures of a release out of the tools' own summaries, for make_reports.py: what any reader must find."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Figures: TypeAlias = dict[str, Any]

NO_CONFIGURATION = f"--rcfile={os.devnull}"
"""For coverage, which would read the release's own."""
_SUITE = ("tests", "failures", "errors", "skipped")


class Bench(Protocol):
    """The part of make_reports.Bench that this module asks."""

    def run(self, command: tuple[str, ...], *, version: str) -> bytes: ...

    def start(
        self, command: tuple[str, ...], *, version: str, tools: str = ...
    ) -> subprocess.CompletedProcess[bytes]: ...

    def project(self, version: str) -> Path: ...

    def environment(self, version: str) -> Path: ...


def figures_of(bench: Bench, version: str, *, archive: Path, rules: str) -> Figures:
    """Return what the tools themselves say in sum, from other output than the reports hold wherever a tool has one."""
    return {
        "released": released(bench.project(version) / "CHANGES.rst", version),
        "archive": {"name": archive.name, "sha256": hashlib.sha256(archive.read_bytes()).hexdigest()},
        "tests": tests(bench, version, "junit.xml"),
        "coverage": coverage(bench, version),
        "bandit": bandit(bench, version),
        "ruff": ruff(bench, version, rules=rules),
        "documentation": documentation(bench, version),
        "complexity": complexity(bench, version),
        "lines": lines(bench, version),
        "unused": unused(bench, version),
        "components": components(bench, version),
    }


def sample_figures_of(bench: Bench, version: str, *, semgrep: tuple[str, ...]) -> Figures:
    """Return the figures of what only the samples hold; Semgrep says its sum on standard error."""
    said = bench.start(semgrep, version=version, tools="semgrep").stderr.decode()
    return {
        "failing_tests": tests(bench, version, "failing.xml"),
        "ruff_security": ruff(bench, version, rules="S"),
        "semgrep": {"findings": int(_sure(re.search(r"Ran \d+ rules on \d+ files: (\d+) findings", said))[1])},
    }


def released(changes: Path, version: str) -> str:
    """Return the date that the change log gives for a release."""
    found = re.search(
        rf"(?ms)^Version {re.escape(version)}\n.*?^Released (\d{{4}}-\d\d-\d\d)", changes.read_text("utf8")
    )
    return _sure(found)[1]


def tests(bench: Bench, version: str, name: str) -> Figures:
    """The attributes of the suite in JUnit XML."""
    suite = _sure(re.search(r"<testsuite [^>]*>", (bench.project(version) / name).read_text("utf8")))[0]
    return {name: int(_sure(re.search(rf' {name}="(\d+)"', suite))[1]) for name in _SUITE}


def coverage(bench: Bench, version: str) -> Figures:
    """The last line of coverage's table, which counts what is missing and what branched only partly."""
    table = _text(bench, version, "coverage", "report", NO_CONFIGURATION)
    statements, missing, branches, partial, percent = _sure(
        re.search(r"(?m)^TOTAL +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)%", table)
    ).groups()
    totals = json.loads(bench.run(("coverage", "json", NO_CONFIGURATION, "-o", "-"), version=version))["totals"]
    return {
        "statements": int(statements),
        "lines_covered": int(statements) - int(missing),
        "branches": int(branches),
        "branches_covered": totals["covered_branches"],
        "branches_partial": int(partial),
        "percent_combined": int(percent),
    }


def bandit(bench: Bench, version: str) -> Figures:
    """The run metrics at the foot of Bandit's text."""
    text = _text(bench, version, "bandit", "--quiet", "--recursive", "src", "--format", "txt", "--exit-zero")
    if not text.strip():
        # With nothing found Bandit is quiet altogether.
        text = _text(bench, version, "bandit", "--recursive", "src", "--format", "txt", "--exit-zero")
    by_severity = _sure(re.search(r"(?s)\(by severity\):(.*?)Total issues \(by confidence\)", text))[1]
    counts = {name.lower(): int(count) for name, count in re.findall(r"(\w+): (\d+)", by_severity)}
    return {**counts, "lines": int(_sure(re.search(r"Total lines of code: (\d+)", text))[1])}


def ruff(bench: Bench, version: str, *, rules: str) -> Figures:
    """Ruff's own statistics."""
    line = (
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        rules,
        "--statistics",
        "--output-format",
        "json",
        "src",
    )
    by_rule = {entry["code"]: entry["count"] for entry in json.loads(bench.run(line, version=version))}
    return {"findings": sum(by_rule.values()), "by_rule": dict(sorted(by_rule.items()))}


def documentation(bench: Bench, version: str) -> Figures:
    """The badge line of interrogate in its quietest form, and the sum of its table."""
    arguments = ("--no-color", "--fail-under", "0", "src/itsdangerous")
    percent = _sure(re.search(r"actual: ([\d.]+)%", _text(bench, version, "interrogate", *arguments)))[1]
    table = _text(bench, version, "interrogate", "-v", *arguments)
    total, missing = _sure(re.search(r"TOTAL +\| +(\d+) +\| +(\d+)", table)).groups()
    return {"objects": int(total), "documented": int(total) - int(missing), "percent": float(percent)}


def complexity(bench: Bench, version: str) -> Figures:
    """The last two lines of radon's text, and the highest figure in it."""
    text = _text(bench, version, "radon", "cc", "-s", "-a", "src")
    return {
        "blocks": int(_sure(re.search(r"(\d+) blocks", text))[1]),
        "average": float(_sure(re.search(r"Average complexity: \w \(([\d.]+)\)", text))[1]),
        "highest": max(int(found) for found in re.findall(r"(?m) - \w \((\d+)\)$", text)),
    }


def lines(bench: Bench, version: str) -> Figures:
    """The sum at the foot of radon's text about lines."""
    foot = _text(bench, version, "radon", "raw", "-s", "src").partition("** Total **")[2]
    return {name.lower(): int(_sure(re.search(rf"{name}: (\d+)", foot))[1]) for name in ("LOC", "LLOC", "SLOC")}


def unused(bench: Bench, version: str) -> Figures:
    """Vulture has no sum: its lines, by what is unused."""
    kinds = re.findall(r"(?m)^[^:]+:\d+: unused (\w+) ", _text(bench, version, "vulture", "src"))
    return {"findings": len(kinds), "by_kind": dict(sorted(Counter(kinds).items()))}


def components(bench: Bench, version: str) -> list[str]:
    """What pip lists of the release's environment."""
    line = ("pip", "--python", str(bench.environment(version)), "list", "--format", "freeze")
    return sorted(_text(bench, version, *line).split())


def _text(bench: Bench, version: str, *command: str) -> str:
    return bench.run(command, version=version).decode()


def _sure(found: re.Match[str] | None) -> re.Match[str]:
    if found is None:
        raise ValueError("a tool's summary does not look like the one that is known")
    return found
