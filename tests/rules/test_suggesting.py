"""Which limit would give about so many notices: exactly where that can be known, by trying where it cannot."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.payload import Payload
from stillframe.rules import judge, parse_rule
from stillframe.rules.facts import Facts
from stillframe.rules.limits import LimitNode, limit_nodes, with_limit
from stillframe.rules.suggesting import Observed, Sample, Tried, is_about, next_limit, sample_of
from tests.diff.oracle import payloads
from tests.rules.rules_to_judge import RULES

NODE = LimitNode(path="$", member="value_delta_pct", limit=0.1, counts=False)


def observed(*sizes: float, counts: bool = False) -> Observed:
    """Return what was observed of a rule with one condition."""
    node = LimitNode(path="$", member="set_added_min", limit=1, counts=True) if counts else NODE
    return Observed.of(node, [Sample(reaches=(size,), sways=("if_met",)) for size in sizes], place=0)


@given(pairs=st.lists(st.tuples(payloads(), payloads()), max_size=4), rule=RULES)
def test_what_is_expected_of_a_limit_is_what_judging_with_it_gives(
    pairs: list[tuple[Payload, Payload]], rule: dict[str, Any]
) -> None:
    """Every suggested limit of every condition, on every diff: counted from what was observed, and judged anew."""
    parsed = parse_rule(rule)
    diffs = [compute_diff(a, b) for a, b in pairs]
    samples = [sample_of(Facts(diff), parsed) for diff in diffs]
    for place, node in enumerate(limit_nodes(parsed)):
        found = Observed.of(node, samples, place=place)
        for limit in found.limits:
            if all(sample.reaches[place] is not None for sample in samples):
                other = with_limit(parsed, node.path, limit)
                assert found.matches(limit) == sum(judge(diff, other) == "true" for diff in diffs)


def test_limits_are_the_roundest_that_tell_what_was_observed_apart() -> None:
    """One that people would write: a tenth and not 0.1031."""
    assert observed(0.1031, 0.0714, 0.5).limits == [0.07, 0.1, 0.5]
    assert observed(3, 7, 3, counts=True).limits == [3, 7]
    assert observed(123.4, 120.1).limits == [100, 123]
    assert observed(0.0, float("inf")).limits == []


def test_the_nearest_limit_is_suggested_and_none_where_none_is_near() -> None:
    """With three moves there is no limit that gives ten."""
    found = observed(0.1, 0.2, 0.3)
    assert found.nearest(1) == Tried(limit=0.3, notices=1)
    assert found.nearest(3) == Tried(limit=0.1, notices=3)
    assert found.nearest(10) is None
    assert observed().nearest(1) is None


def test_what_is_true_in_any_case_stays_so_with_every_limit() -> None:
    """Another condition of an OR is not taken away by a limit."""
    samples = [Sample(reaches=(0.2,), sways=("always",)), Sample(reaches=(0.1,), sways=("if_met",))]
    found = Observed.of(NODE, samples, place=0)
    assert [found.matches(limit) for limit in (0.05, 0.1, 0.2)] == [2, 2, 1]


def test_under_a_not_a_greater_limit_tells_more() -> None:
    """What is told unless a limit is met."""
    samples = [Sample(reaches=(size,), sways=("unless_met",)) for size in (0.1, 0.2, 0.3)]
    found = Observed.of(NODE, samples, place=0)
    assert [found.matches(limit) for limit in (0.05, 0.1, 0.2, 0.3)] == [0, 0, 1, 2]


@pytest.mark.parametrize("per_period", [12, 48, 120])
def test_trying_finds_a_limit_of_what_drifts(per_period: int) -> None:
    """A random walk that is told of whenever it has moved far enough: a few tries are enough."""
    walk, place = Random(7), 0.0
    places = [place := place + walk.gauss(0, 1) for _ in range(365)]

    def notices(limit: float) -> int:
        last, told = 0.0, 0
        for here in places:
            if abs(here - last) >= limit:
                last, told = here, told + 1
        return told

    node = LimitNode(path="$", member="value_delta_abs", limit=0.5, counts=False)
    found = Observed.of(node, [Sample(reaches=(1.0,), sways=("if_met",))], place=0)
    tried = [Tried(limit=0.5, notices=notices(0.5))]
    while not is_about(tried[-1].notices, per_period):
        limit = next_limit(found, tried, wanted=per_period)
        assert limit is not None
        tried.append(Tried(limit=limit, notices=notices(limit)))
    assert len(tried) <= 5


@given(
    counts=st.booleans(),
    told=st.lists(st.integers(0, 60), min_size=1, max_size=12),
    wanted=st.sampled_from([1.5, 12, 48, 365]),
)
def test_trying_comes_to_an_end(counts: bool, told: list[int], wanted: float) -> None:
    """Whatever a limit gives, no limit is tried twice, and each lies between those that gave too many and too few."""
    found = observed(1, 2, 3, counts=counts)
    tried = [Tried(limit=5, notices=told[0])]
    for notices in told[1:]:
        limit = next_limit(found, tried, wanted=wanted)
        if limit is None:
            return
        assert limit > 0
        assert limit not in [one.limit for one in tried]
        assert not counts or limit == int(limit)
        tried.append(Tried(limit=limit, notices=notices))


def test_a_limit_of_nothing_is_left_for_what_was_observed() -> None:
    """From a limit of zero no step leads upwards but the least that was seen."""
    assert next_limit(observed(0.2, 0.3), [Tried(limit=0, notices=50)], wanted=4) == 0.2
    assert next_limit(observed(), [Tried(limit=0, notices=50)], wanted=4) is None
