"""
Judging 100,000 subscriptions with 1,000 distinct rules on one diff of 1,000 rows, without the database.

Run `python -m bench.rules` (or `--quick`). "Each alone" is what a subscriber's rule costs by itself: its JSON text is
read, parsed and judged, by `meets_threshold`, or by a plain function that scans the diff's deltas and builds no index
(one of every distinct rule is measured, and scaled). The others judge each distinct rule once on one index of the diff,
and give a result for every subscription all the same. All say the same, which is checked before anybody is timed.
"""

from __future__ import annotations

import argparse
import platform
import random
from collections.abc import Mapping
from typing import Any

import orjson

from bench.diff import rows_pair, snapshot_of
from bench.rounds import Contestant, markdown, medians, milliseconds
from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.rules import judge_many, meets_threshold, parse_rule

DISTINCT = 1_000
SUBSCRIPTIONS = 100_000
QUICK_SUBSCRIPTIONS = 10_000
SAMPLE = 1_000
"""Each alone is measured on so many subscriptions, one of every distinct rule, and scaled: all of them take minutes."""
ALONE = "parse + meets_threshold, each alone (JSON text)"
SLACK = 1 - 1e-9
FEW = 10
"""A smaller ratio is shown with decimals."""
SCANNING = "parse + scan the deltas, each alone (JSON text)"
ROWS = 1_000


def rule_texts(count: int) -> list[bytes]:
    """Return so many distinct rules of every kind, as JSON text."""
    draw = random.Random(7)
    fields = ("composite_score", "elo", "votes", "cost")

    def condition(number: int) -> dict[str, Any]:
        limit = round(0.01 + number / count * 3, 6)
        return draw.choice(
            [
                {"value_delta_pct": limit, "on_field": draw.choice(fields)},
                {"value_delta_pct": limit, "on_field": draw.choice(fields), "direction": "down", "min_abs": 0.05},
                {"value_delta_abs": limit * 10, "on_field": draw.choice(fields), "rows": {"top": draw.randint(3, 50)}},
                {"top_n_reordering": {"top": draw.randint(1, 50), "min_changes": draw.randint(1, 40)}},
                {"set_added_min": draw.randint(1, 9)},
                {"primary_metric_delta_pct": limit},
            ]
        )

    found: dict[bytes, None] = {}
    while len(found) < count:
        rule: dict[str, Any] = condition(len(found))
        if draw.random() < 0.3:
            rule = {draw.choice(["AND", "OR"]): [rule, condition(len(found))]}
        found[orjson.dumps(rule)] = None
    return list(found)


def scan(diff: Diff, rule: Mapping[str, Any]) -> bool:
    """Judge one of these rules without any index, the way that is written first."""
    if "AND" in rule:
        return all(scan(diff, inner) for inner in rule["AND"])
    if "OR" in rule:
        return any(scan(diff, inner) for inner in rule["OR"])
    if "top_n_reordering" in rule:
        asked = rule["top_n_reordering"]
        return bool(len(diff.table.moves.within(asked["top"])) >= asked["min_changes"])
    if "set_added_min" in rule:
        return bool(len(diff.id_set_added) >= rule["set_added_min"])
    if "primary_metric_delta_pct" in rule:
        fraction = diff.primary_metric_delta_pct
        return fraction is not None and bool(abs(fraction) >= rule["primary_metric_delta_pct"] * SLACK)
    measure = "delta_pct" if "value_delta_pct" in rule else "delta"
    limit = rule.get("value_delta_pct", rule.get("value_delta_abs")) * SLACK
    down, floor, top = rule.get("direction") == "down", rule.get("min_abs", 0), rule.get("rows", {}).get("top")
    return any(
        delta.field == rule["on_field"]
        and delta.delta is not None
        and (delta.from_zero or abs(getattr(delta, measure)) >= limit)
        and abs(delta.delta) >= floor
        and not (down and delta.delta > 0)
        and (top is None or min(delta.rank_a, delta.rank_b) <= top)
        for delta in diff.row_value_deltas
    )


def contestants(diff: Diff, texts: list[bytes]) -> dict[str, Contestant]:
    """Return every way of giving one result for each subscription."""
    parsed = {text: parse_rule(orjson.loads(text)) for text in dict.fromkeys(texts)}
    rules = [parsed[text] for text in texts]

    def distinct_texts() -> list[str]:
        distinct = list(dict.fromkeys(texts))
        outcomes = judge_many(diff, [parse_rule(orjson.loads(text)) for text in distinct])
        found = dict(zip(distinct, outcomes, strict=True))
        return list(map(found.__getitem__, texts))

    answers = [scan(diff, orjson.loads(text)) for text in texts[:SAMPLE]]
    assert answers == [outcome == "true" for outcome in judge_many(diff, rules[:SAMPLE])]
    return {
        SCANNING: lambda: [parse_rule(rule) and scan(diff, rule) for rule in map(orjson.loads, texts[:SAMPLE])],
        ALONE: lambda: [meets_threshold(diff, orjson.loads(text)) for text in texts[:SAMPLE]],
        "judge_many, each distinct text parsed once": distinct_texts,
        "judge_many, rules parsed once per process": lambda: judge_many(diff, rules),
        "judge_many, the distinct rules alone": lambda: judge_many(diff, list(parsed.values())),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer subscriptions and rounds")
    quick = parser.parse_args().quick
    subscriptions = QUICK_SUBSCRIPTIONS if quick else SUBSCRIPTIONS
    draw = random.Random(3)
    distinct = rule_texts(DISTINCT)
    texts = [*distinct, *draw.choices(distinct, k=subscriptions - DISTINCT)]
    columns: dict[str, dict[str, float]] = {}
    for share in (0.02, 1.0):
        before, after = rows_pair(ROWS, share)
        diff = compute_diff(snapshot_of(before, "a"), snapshot_of(after, "bb"))
        title = f"{share:.0%} of {ROWS:,} rows changed ({len(diff.row_value_deltas):,} deltas)"
        found = medians(contestants(diff, texts), rounds=3 if quick else 7)
        columns[title] = found | {name: found[name] * subscriptions / SAMPLE for name in (SCANNING, ALONE)}
    names = next(iter(columns.values()))
    rows = [[name, *(_cell(found, name) for found in columns.values())] for name in names]
    print(f"Python {platform.python_version()}; {subscriptions:,} subscriptions, {DISTINCT:,} distinct rules;")
    print("median ms (× faster than the scan of each alone in the same run), order shuffled\n")
    print(markdown(["", *columns], rows))


def _cell(found: dict[str, float], name: str) -> str:
    ratio = found[SCANNING] / found[name]
    return f"{milliseconds(found[name])} ms ({ratio:,.{0 if ratio >= FEW else 2}f} ×)"


if __name__ == "__main__":
    main()
