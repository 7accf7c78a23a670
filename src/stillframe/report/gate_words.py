"""What a release gate's answer says in words, whoever shows it: the decision, the score, the checks in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from stillframe.report.figures import cells_apart, figure, figures_apart, is_number

Answer: TypeAlias = Mapping[str, Any]
"""The JSON of one decision: its checks and suppressions, the snapshots before and after, and what changed."""
CheckJson: TypeAlias = Mapping[str, Any]

_STATUSES: Final = ("fail", "suppressed", "skipped", "pass")
_SEVERITIES: Final = ("blocker", "warning", "info")
_TALLY: Final = {"fail": "failed", "suppressed": "passed by suppression", "skipped": "skipped", "pass": "passed"}
_LIMITS = re.compile(r"(?:[<>]=|=) (\S+)")
_DIGEST_CHARACTERS: Final = 12
_FIGURE_MOST: Final = 24
_CELL_MOST: Final = 60
_NAMING: Final = ("id", "name", "dimension", "panel", "field", "column")
_NO_DATA: Final = "no data"


def profile_text(answer: Answer) -> str:
    """Return which profile decided: its name, the beginning of its digest, and where it came from."""
    profile = answer["profile"]
    return f"{profile['name']} ({profile['digest'][:_DIGEST_CHARACTERS]}, {profile['source']})"


def in_order(checks: Sequence[CheckJson]) -> list[CheckJson]:
    """Return the checks as they are shown: failing first, the gravest first, else in the profile's order."""
    return sorted(checks, key=lambda check: (_STATUSES.index(check["status"]), _SEVERITIES.index(check["severity"])))


def tally(checks: Sequence[CheckJson]) -> str:
    """
    Return how many checks went how.

    >>> tally([{"status": "pass", "severity": "blocker"}, {"status": "fail", "severity": "warning"}])
    '2 checks: 1 failed (1 warning), 1 passed'
    """
    parts = []
    for status in _STATUSES:
        grades = [check["severity"] for check in checks if check["status"] == status]
        if grades:
            said = [_counted(grades.count(grade), grade) for grade in _SEVERITIES if grade in grades]
            parts.append(f"{len(grades)} {_TALLY[status]}" + (f" ({', '.join(said)})" if status != "pass" else ""))
    return f"{len(checks)} {'check' if len(checks) == 1 else 'checks'}: {', '.join(parts)}"


def called(check: CheckJson) -> str:
    """Return what people call a check."""
    return str(check.get("title") or check["id"])


def observed_text(check: CheckJson) -> str:
    """
    Return what a check saw, in digits enough that it never looks like a limit that it is not.

    >>> observed_text({"observed": 0.5499999, "limit": ">= 0.55"}), observed_text({"observed": None, "limit": "= 0"})
    ('0.5499999', 'no data')
    """
    observed = check.get("observed")
    if observed is None:
        return _NO_DATA
    if not is_number(observed):
        return "happened" if observed else "did not happen"
    texts = [figures_apart(observed, float(limit))[0] for limit in _LIMITS.findall(str(check["limit"]))]
    return max([figure(observed), *texts], key=len)


def score_text(answer: Answer) -> str:
    """
    Return the health score before and after with grade and risk; nothing where neither is known.

    >>> score_text({"health": {"before": None, "after": {"health_score": 71.5, "grade": "B", "risk_level": "low"}}})
    'health score none → 71.5, grade N/A → B, risk unknown → low'
    >>> score_text({"health": {"before": {"provisional_score": 97.25}, "after": {"provisional_score": 57.5}}})
    'health score not available, provisionally 97.25 → 57.5, grade N/A, risk unknown'
    """
    health = answer.get("health") or {}
    before, after = health.get("before") or {}, health.get("after") or {}
    old, new = before.get("health_score"), after.get("health_score")
    if not before and not after:
        return ""
    name = "health score"
    if (
        old is None
        and new is None
        and (before.get("provisional_score"), after.get("provisional_score")) != (None, None)
    ):
        name = "health score not available, provisionally"
        old, new = before.get("provisional_score"), after.get("provisional_score")
    scores = cells_apart(old, new, most=_FIGURE_MOST)
    grades = _went(before.get("grade") or "N/A", after.get("grade") or "N/A")
    risks = _went(before.get("risk_level") or "unknown", after.get("risk_level") or "unknown")
    return f"{name} {_went(*scores)}, grade {grades}, risk {risks}"


def without_data(answer: Answer) -> list[str]:
    """Return the blockers that had no data at all."""
    return [called(check) for check in answer["checks"] if check["severity"] == "blocker" and check["observed"] is None]


def partly_seen(answer: Answer) -> list[tuple[str, list[str]]]:
    """Return the checks that saw only part of what they asked for, each with the dimensions that nobody measured."""
    return [
        (called(check), list(check["missing"]))
        for check in answer["checks"]
        if check.get("missing") and check["observed"] is not None
    ]


def adoption_text(answer: Answer) -> str:
    """Return what the decision did to the project's state."""
    if answer.get("adopted"):
        return "The candidate is the project's state now."
    if answer.get("dry_run"):
        return "A dry run: nothing was kept, and the project keeps the state that it has."
    return "The candidate was not adopted: the project keeps the state it had."


def suppression_text(number: int) -> str:
    """Return how many findings somebody answers for."""
    return f"{_counted(number, 'finding')} not counted, because somebody answers for {'it' if number == 1 else 'them'}"


def finding_text(finding: Mapping[str, Any]) -> str:
    """
    Return a finding on one line, with the id by which it can be suppressed; any other entry of a diff by what changed.

    >>> finding_text({"id": "B608:db.py", "title": "SQL from a string", "location": "db.py:14"})
    'SQL from a string (db.py:14), id B608:db.py'
    >>> finding_text({"name": "audit.score", "old": 96.1489, "new": 51.4124, "delta": -44.7365, "state": "regressed"})
    'audit.score: 96.15 → 51.41'
    """
    if not finding.get("title") or "field" in finding:
        return _change_text(finding)
    location = f" ({finding['location']})" if finding.get("location") else ""
    return f"{finding['title']}{location}, id {finding['id']}"


def _change_text(entry: Mapping[str, Any]) -> str:
    """Return one entry of a diff as `who: old → new`, whichever of its lists it is from."""
    who = " ".join(str(entry[member]) for member in _NAMING if entry.get(member) is not None)
    if "old" in entry or "new" in entry:
        old, new = cells_apart(entry.get("old"), entry.get("new"), most=_CELL_MOST)
        return f"{who}: {old} → {new}"
    if "rank_a" in entry or "rank_b" in entry:
        return f"{who}: rank {entry.get('rank_a') or 'new'} → {entry.get('rank_b') or 'gone'}"
    said = entry.get("change") or entry.get("state")
    return f"{who}: {said}" if said else who


def _went(old: str, new: str) -> str:
    return new if old == new else f"{old} → {new}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 or word == "info" else f"{number} {word}s"
