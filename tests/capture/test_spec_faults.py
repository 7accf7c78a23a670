"""What is wrong with a view spec is said where it is, in words that say what is allowed."""

from __future__ import annotations

import pytest

from stillframe.capture.spec_faults import MOST_FAULTS, invalid, path_of
from stillframe.errors import Fault
from tests.capture.specs import document, spec_faults


def test_an_unknown_member_is_refused_with_the_nearest_known_one() -> None:
    """A typing error is found by the program, at every depth."""
    faults = spec_faults(
        document(
            sourcess={},
            sources={"feed": {"type": "sql", "connetion": "a", "query": "select 1", "connection": "a"}},
            panels={"board": {"source": "feed", "kind": "table", "limmit": 3, "fields": {"n": {"beter": "none"}}}},
            primary={"row": "board"},
            metadata={"snapshotpolicy": "manual"},
        )
    )
    assert faults == {
        "$.sourcess": "unknown member; did you mean 'sources'?",
        "$.sources.feed.connetion": "unknown member; did you mean 'connection'?",
        "$.panels.board.limmit": "unknown member; did you mean 'limit'?",
        "$.panels.board.fields.n.beter": "unknown member; did you mean 'better'?",
        "$.primary.row": "unknown member; did you mean 'rows'?",
        "$.metadata.snapshotpolicy": "unknown member; did you mean 'snapshot_policy'?",
    }


def test_an_unknown_type_is_refused_with_the_nearest_known_one() -> None:
    """Which sources and panels there are is said where one is misspelled or missing."""
    faults = spec_faults(
        document(sources={"feed": {"type": "sqll"}, "other": {}}, panels={"board": {"source": "feed", "kind": "tabel"}})
    )
    assert faults["$.sources.feed.type"] == "'sqll' is no type; did you mean 'sql'?"
    assert faults["$.sources.other.type"] == "needed; known: sql, file, http, prometheus, push"
    assert faults["$.panels.board.kind"] == "'tabel' is no kind; did you mean 'table'?"


def test_a_type_that_is_no_text_is_refused_too() -> None:
    """Whatever stands there, the answer is a fault and no traceback."""
    faults = spec_faults(document(sources={"feed": {"type": ["sql"]}}))
    assert list(faults) == ["$.sources.feed.type"]


def test_a_missing_member_is_said_to_be_needed() -> None:
    """All faults come at once: nobody likes to be refused five times."""
    faults = spec_faults({"sources": {"feed": {"type": "sql", "query": "select 1"}}})
    assert faults["$.title"] == faults["$.panels"] == faults["$.sources.feed.connection"] == "needed, and not given"


@pytest.mark.parametrize("scope", [{}, {"group": "research", "project": "papers"}])
def test_a_scope_is_one_group_or_one_project(scope: dict[str, str]) -> None:
    """Who sees a dashboard is not silently left undecided."""
    assert spec_faults(document(scope=scope))["$.scope"] == "say exactly one of group and project"


@pytest.mark.parametrize(
    ("scope", "path", "says"),
    [
        ({"team": "research"}, "$.scope.team", "known: group, project"),
        ({"groups": "research"}, "$.scope.groups", "did you mean 'group'?"),
        ({"group": ""}, "$.scope.group", "empty"),
        ({"project": 7}, "$.scope.project", "text"),
        ("research", "$.scope", "a mapping of members"),
    ],
)
def test_a_scope_that_is_none_is_refused_where_it_is_wrong(scope: object, path: str, says: str) -> None:
    """With what is allowed there."""
    assert says in spec_faults(document(scope=scope))[path]


def test_a_wrong_kind_of_value_is_named() -> None:
    """The message shows what was given."""
    faults = spec_faults(document(title=3, top_n=None, refresh_interval_seconds="60", empty_is_news=[], panels=[]))
    assert faults["$.title"] == "should be text, not 3"
    assert faults["$.refresh_interval_seconds"] == "should be integer, not '60'"
    assert faults["$.empty_is_news"] == "should be boolean, not a list"
    assert faults["$.panels"].startswith("a mapping of members, not a list")
    assert "$.top_n" not in faults


def test_a_bad_cron_mapping_is_refused_inside() -> None:
    """The path leads into the policy that was written, not through the model that was tried."""
    faults = spec_faults(document(metadata={"snapshot_policy": {"cronn": "* * * * *"}}))
    assert faults == {
        "$.metadata.snapshot_policy.cron": "needed, and not given",
        "$.metadata.snapshot_policy.cronn": "unknown member; did you mean 'cron'?",
    }
    assert "hourly" in spec_faults(document(metadata={"snapshot_policy": "hourl"}))["$.metadata.snapshot_policy"]


def test_many_faults_are_cut_and_counted() -> None:
    """A generated file with ten thousand faults is not answered with ten thousand lines."""
    error = invalid([Fault(path=f"$.a{n}", message="wrong") for n in range(MOST_FAULTS + 5)])
    assert len(error.faults) == MOST_FAULTS + 1
    assert error.faults[-1].message == "and 5 more like these"
    assert len(invalid([Fault(path="$", message="x")] * MOST_FAULTS).faults) == MOST_FAULTS


def test_a_path_quotes_what_is_no_plain_name() -> None:
    """A column may be named anything, and its path stays one line."""
    assert path_of(("panels", "b", "fields", "a\nb.c", 3)) == r"$.panels.b.fields['a\nb.c'].3"
