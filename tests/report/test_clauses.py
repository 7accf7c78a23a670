"""Clauses: what a headline could say, weighed."""

from __future__ import annotations

from hypothesis import given

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.report.clauses import Tier, clauses_of
from tests.report.export.frames import health
from tests.report.pictures import CARRIERS, diffs, picture, ranked, row


def test_states_come_before_the_picture_and_the_picture_before_the_details() -> None:
    """A dimension that regressed is said first, a changed value last."""
    before = picture(
        [row("HA"), row("UA")], papers=1, summaries={"sca": {"score": 90, "measures": [{"id": "critical", "value": 0}]}}
    )
    after = picture(
        [row("UA", on_time=0.6), row("HA")],
        papers=2,
        summaries={"sca": {"score": 80, "measures": [{"id": "critical", "value": 2}]}},
    )
    assert [(clause.tier, clause.text) for clause in clauses_of(compute_diff(before, after), CARRIERS)] == [
        (Tier.DIMENSIONS, "SCA regressed (90 → 80)"),
        (Tier.PICTURE, "Papers up 100 % to 2"),
        (Tier.PICTURE, "United rose from 2nd to 1st"),
        (Tier.METRICS, "SCA critical up from 0 to 2"),
        (Tier.VALUES, "on_time of United rose 20 % to 0.6"),
    ]


def test_what_regressed_comes_before_what_improved() -> None:
    """Bad news does not wait behind good news, however good."""
    before = picture(summaries={"sca": {"score": 50}, "quality": {"score": 10}})
    after = picture(summaries={"sca": {"score": 49}, "quality": {"score": 90}})
    texts = [clause.text for clause in clauses_of(compute_diff(before, after), {})]
    assert texts == ["SCA regressed (50 → 49)", "Quality improved (10 → 90)"]


def test_the_largest_move_stands_for_all_of_them() -> None:
    """One row is named, the others are counted."""
    (clause,) = clauses_of(compute_diff(ranked("HA", "UA", "DL", "AS"), ranked("HA", "DL", "AS", "UA")), CARRIERS)
    assert (clause.text, clause.others) == ("United fell from 2nd to 4th", "2 others moved")


def test_other_tables_and_shapes_are_the_rest() -> None:
    """A change that nobody looks at first is still said."""
    routes = {"kind": "table", "key": "id", "columns": ["id"], "fields": {}, "rows": [{"id": 1}]}
    empty = routes | {"rows": []}
    texts = [
        clause.text
        for clause in clauses_of(
            compute_diff(picture(others={"routes": empty}), picture(others={"routes": routes})), {}
        )
    ]
    assert texts == ["Routes: 2 changes"]
    texts = [clause.text for clause in clauses_of(compute_diff(picture(), picture(others={"routes": empty})), {})]
    assert texts == ["panel routes added"]


@given(diff=diffs())
def test_a_diff_has_something_to_say_exactly_if_it_is_not_empty(diff: Diff) -> None:
    """No change is without a clause, and silence has none; what a cut took away cannot be named."""
    if not diff.as_dict().get("truncated"):
        assert bool(clauses_of(diff, {})) is not diff.is_empty


def test_a_projects_scores_are_told_once() -> None:
    """Its primary metric and the cells of its table are the scores of its dimensions."""
    texts = [clause.text for clause in clauses_of(compute_diff(health(88), health(71)), {})]
    assert texts == ["SCA regressed (88 → 71)", "Health regressed (89 → 80.5)"]


def test_findings_are_added_and_resolved() -> None:
    """They are counted as findings and not as changes of a table, in which each would count twice."""
    texts = [clause.text for clause in clauses_of(compute_diff(health(critical=1), health(critical=3)), {})]
    assert texts[-1] == "2 findings added"
    texts = [clause.text for clause in clauses_of(compute_diff(health(critical=1), health(critical=0)), {})]
    assert texts[-1] == "1 finding resolved"
