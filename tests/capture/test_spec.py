"""A view spec is checked as a whole, is completed, and is named by what decides its data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.capture.spec import EXAMPLE, parse_view_spec, slug_from, view_spec_hash, view_spec_schema
from tests.capture.specs import PUSH, document, spec_faults

FILE = {"sources": {"feed": {"type": "file", "connection": "files", "path": "board.csv"}}}
BOARD = {"source": "feed", "kind": "table"}
COUNT = {"source": "feed", "kind": "metric"}


def test_the_documented_example_is_a_view_spec() -> None:
    """What people copy works."""
    spec = parse_view_spec(EXAMPLE)
    assert spec.slug == "hypothesis-leaderboard"
    assert spec.connection_names() == {"hypotheses": "warehouse", "papers": "site"}
    assert parse_view_spec(spec.as_dict()) == spec


def test_yaml_and_json_say_the_same() -> None:
    """Both spellings give one view spec, with or without the name of the format."""
    yaml = "title: Board\nsources: {feed: {type: push}}\npanels:\n  board: {source: feed, kind: table}\n"
    json = orjson.dumps(document())
    spec = parse_view_spec(document())
    assert parse_view_spec(yaml) == parse_view_spec(yaml.encode(), "yaml") == spec
    assert parse_view_spec(json) == parse_view_spec(json, "json") == spec


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hypothesis leaderboard", "hypothesis-leaderboard"),
        ("  Größe & Ärger!  ", "grosse-arger"),
        ("a" * 100, "a" * 64),
        ("x" * 63 + " y", "x" * 63),
        ("漢字", ""),
    ],
)
def test_a_slug_is_made_from_the_title(title: str, slug: str) -> None:
    """An address is readable, short, and needs no escaping."""
    assert slug_from(title) == slug


@given(st.text(max_size=80))
def test_every_slug_that_is_made_may_also_be_written(title: str) -> None:
    """What the product makes, it accepts."""
    slug = slug_from(title)
    assert not slug or parse_view_spec(document(slug=slug)).slug == slug


def test_a_title_without_letters_needs_a_slug() -> None:
    """A dashboard that cannot be named in an address is refused with the way out."""
    assert "give a slug" in spec_faults(document(title="漢字"))["$.slug"]
    assert parse_view_spec(document(title="漢字", slug="kanji")).slug == "kanji"


def test_the_only_table_and_the_only_metric_are_the_primary_ones() -> None:
    """Where there is no choice nobody is asked."""
    one = parse_view_spec(document(panels={"board": BOARD, "count": COUNT})).primary
    assert (one.rows, one.metric) == ("board", "count")
    half = parse_view_spec(document(panels={"board": BOARD, "count": COUNT}, primary={"metric": "count"})).primary
    assert (half.rows, half.metric) == ("board", "count")
    two = parse_view_spec(document(panels={"board": BOARD, "other": BOARD, "count": COUNT})).primary
    assert (two.rows, two.metric) == (None, "count")


@pytest.mark.parametrize(
    ("members", "path", "said"),
    [
        ({"primary": {"rows": "bord"}}, "$.primary.rows", "there is no table panel 'bord'; did you mean 'board'?"),
        ({"primary": {"metric": "board"}}, "$.primary.metric", "there is no metric panel 'board'"),
        ({"panels": {"board": {**BOARD, "source": "fead"}}}, "$.panels.board.source", "did you mean 'feed'?"),
        ({"panels": {"board": {**BOARD, "order": "asc"}}}, "$.panels.board.order", "say rank_by too"),
        ({"sources": {"feed": PUSH, "spare": PUSH}}, "$.sources.spare", "no panel uses this source"),
        (
            {"sources": {"feed": {"type": "http", "connection": "c", "path": "/", "select": "a["}}},
            "$.sources.feed.select",
            "not JMESPath",
        ),
        (
            {"sources": {"feed": {"type": "file", "connection": "c", "path": "a", "select": "f(@"}}},
            "$.sources.feed.select",
            "not JMESPath",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(members: dict[str, Any], path: str, said: str) -> None:
    """Names lead somewhere, and a member that changes nothing is a mistake."""
    assert said in spec_faults(document(**members))[path]


@pytest.mark.parametrize(
    "policy",
    ["manual", "hourly", "daily", {"cron": "30 7 * * 1-5"}, {"cron": "0 0 29 2 *", "zone": "America/New_York"}],
)
def test_a_schedule_that_can_be_is_accepted(policy: Any) -> None:
    """Words for the usual, a cron line with a zone for the rest."""
    stored = parse_view_spec(document(metadata={"snapshot_policy": policy}, **FILE)).as_dict()["metadata"][
        "snapshot_policy"
    ]
    assert stored == policy if isinstance(policy, str) else stored == {"zone": "UTC", **policy}


@pytest.mark.parametrize(
    ("policy", "member"),
    [
        ({"cron": "* * * * * *"}, "cron"),
        ({"cron": "@daily"}, "cron"),
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"cron": "0 0 31 4,6 *"}, "cron"),
        ({"cron": "0 7 * * *", "zone": "Europe/Berlinn"}, "zone"),
        ({"cron": "0 7 * * *", "zone": "../etc/passwd"}, "zone"),
        ({"cron": "0 7 * * *", "zone": "Europe"}, "zone"),
    ],
)
def test_a_schedule_that_can_never_be_is_refused(policy: dict[str, str], member: str) -> None:
    """A dashboard that would silently never be captured is no dashboard."""
    assert list(spec_faults(document(metadata={"snapshot_policy": policy}, **FILE))) == [
        f"$.metadata.snapshot_policy.{member}"
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"title": "Another", "slug": "board"},
        {"description": "what it is"},
        {"refresh_interval_seconds": 5, "capture_timeout_seconds": 5, "top_n": 3, "empty_is_news": True},
        {"panels": {"board": {**BOARD, "label": "Board", "fields": {"n": {"better": "higher", "label": "N"}}}}},
        {"primary": {"rows": "board"}},
    ],
)
def test_what_only_describes_does_not_change_the_hash(members: dict[str, Any]) -> None:
    """A new label is no new baseline: nobody's alerts are silenced by it."""
    assert view_spec_hash(parse_view_spec(document(**members))) == view_spec_hash(parse_view_spec(document()))


@pytest.mark.parametrize(
    "panels",
    [
        {"board": {**BOARD, "key": "id"}},
        {"board": {**BOARD, "rank_by": "n"}},
        {"board": {**BOARD, "rank_by": "n", "order": "asc"}},
        {"board": {**BOARD, "limit": 5}},
        {"board": COUNT},
        {"other": BOARD},
        {"board": BOARD, "other": BOARD},
    ],
)
def test_what_decides_the_data_changes_the_hash(panels: dict[str, Any]) -> None:
    """Two snapshots of different questions are not compared for subscribers."""
    assert view_spec_hash(parse_view_spec(document(panels=panels))) != view_spec_hash(parse_view_spec(document()))


def test_sources_change_the_hash_and_the_order_that_is_meant_anyway_does_not() -> None:
    """A query is part of the question; saying the default is not."""

    def hash_of(query: str, **panel: Any) -> str:
        sources = {"feed": {"type": "sql", "connection": "db", "query": query}}
        return view_spec_hash(parse_view_spec(document(sources=sources, panels={"board": {**BOARD, **panel}})))

    assert hash_of("select 1 as id") != hash_of("select 2 as id")
    assert hash_of("select 1", **COUNT) != hash_of("select 1", **COUNT, column="n")
    assert hash_of("select 1 as id", rank_by="id") == hash_of("select 1 as id", rank_by="id", order="desc")


def test_the_published_schema_accepts_what_the_parser_accepts() -> None:
    """An editor that knows the schema does not underline what is right."""
    schema = view_spec_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert "$id" not in schema
    for example in (*schema["examples"], document(), parse_view_spec(EXAMPLE).as_dict()):
        validator.validate(example)


@pytest.mark.parametrize(
    "members",
    [
        {"scope": {"group": "g", "project": "p"}},
        {"scope": {}},
        {"scope": {"group": ""}},
        {"top_n": 0},
        {"title": "a\nb"},
        {"sources": {"feed": {"type": "ftp"}}},
        {"panels": {"a.b": BOARD}},
        {"panels": {"board": {**BOARD, "limit": 0}}},
        {"panels": {"board": {**BOARD, "fields": {"n": {"tolerance": -1}}}}},
        {"metadata": {"snapshot_policy": "weekly"}},
    ],
)
def test_the_published_schema_refuses_what_the_parser_refuses(members: dict[str, Any]) -> None:
    """And underlines what is wrong."""
    assert not jsonschema.Draft202012Validator(view_spec_schema()).is_valid(document(**members))
    assert spec_faults(document(**members))


def test_the_demo_view_specs_are_valid(repository: Path) -> None:
    """Every view spec under examples/ is one."""
    for path in sorted((repository / "examples").rglob("*.yaml")):
        text = path.read_bytes()
        if b"panels:" in text:
            assert parse_view_spec(text, "yaml").title


def test_a_schedule_does_not_change_the_hash() -> None:
    """When a picture is taken does not decide what it shows."""
    hourly = document(metadata={"snapshot_policy": "hourly"}, **FILE)
    assert view_spec_hash(parse_view_spec(hourly)) == view_spec_hash(parse_view_spec(document(**FILE)))


def test_the_timer_cannot_take_what_is_pushed() -> None:
    """A schedule over pushed data would fail at every slot; it is refused when it is written."""
    assert list(spec_faults(document(metadata={"snapshot_policy": "hourly"}))) == ["$.metadata.snapshot_policy"]
