"""The words for a change: short, calm, and with the largest change first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.model.diff import Diff
from stillframe.model.payload import Payload, Primary, Table
from stillframe.report.words import HEADLINE_CHARACTERS_MOST, diff_summary, headline, titles_of
from tests.report.pictures import CARRIERS, TEXTS, diffs, picture, ranked, row

ALL = ("HA", "UA", "DL", "AS", "B6")


def said(before: dict[str, Any], after: dict[str, Any], *, top_n: int = 10) -> str:
    return headline(compute_diff(before, after, top_n=top_n), titles=CARRIERS)


def sca(score: float) -> dict[str, Any]:
    return picture(summaries={"sca": {"score": score, "measures": []}})


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (ranked(*ALL), ranked("HA", "DL", "AS", "B6", "UA"), "United fell from 2nd to 5th; 3 others moved"),
        (ranked(*ALL), ranked("UA", "HA", "DL", "AS", "B6"), "United rose from 2nd to 1st; 1 other moved"),
        (ranked("HA", "UA"), ranked("HA", "DL", "UA"), "Delta is new at 2nd; 1 other moved"),
        (ranked("HA", "UA", "DL"), ranked("HA", "UA"), "Delta is gone (was 3rd)"),
        (picture(papers=15_025), picture(papers=15_661), "Papers up 4.2 % to 15,661"),
        (picture(papers=15_025), picture(papers=15_025.3), "Papers up less than 0.01 % to 15,025.3"),
        (picture(papers=0), picture(papers=12), "Papers up from 0 to 12"),
        (picture(papers=12), picture(papers=None), "Papers has no value (was 12)"),
        (sca(88), sca(71), "SCA regressed (88 → 71)"),
        (sca(71), sca(88), "SCA improved (71 → 88)"),
        (
            picture([row("UA", on_time=0.6)]),
            picture([row("UA", on_time=0.54)]),
            "on_time of United fell 10 % to 0.54",
        ),
    ],
)
def test_each_kind_of_change_reads_as_a_person_would_say_it(
    before: dict[str, Any], after: dict[str, Any], sentence: str
) -> None:
    """The headline is a sentence for people, not a dump of the diff."""
    assert said(before, after) == sentence


def test_rows_beyond_the_top_are_counted() -> None:
    """Where nothing at the top moved, the set of rows is the news."""
    assert said(ranked("HA", "UA", "DL"), ranked("HA", "AS", "B6"), top_n=1) == "2 added, 2 removed"


def test_moves_below_the_top_are_not_kept_quiet() -> None:
    """A diff that is not empty never reads as if it were."""
    assert said(ranked(*ALL), ranked("HA", "UA", "DL", "B6", "AS"), top_n=3) == "2 rows moved below the top 3"


def test_the_largest_change_comes_first() -> None:
    """A metric that halved outweighs a row that moved by one place, and the other way round."""
    swapped = [row("UA"), row("HA")]
    before = picture([row("HA"), row("UA")], papers=100)
    assert said(before, picture(swapped, papers=50)).startswith("Papers down 50 % to 50; United rose")
    assert said(before, picture(swapped, papers=99)).startswith("United rose from 2nd to 1st; 1 other moved; Papers")


def test_a_row_that_is_named_is_not_counted_again() -> None:
    """One row is one piece of news."""
    assert said(ranked("HA"), ranked("HA", "UA", "DL")) == "United is new at 2nd; 1 more added"


def test_what_does_not_fit_is_left_out_whole() -> None:
    """A headline is cut between its clauses, not in the middle of a word."""
    titles = dict.fromkeys(CARRIERS, "Some Airline of a Long Name")
    before, after = [row(carrier) for carrier in ALL], [row(carrier) for carrier in reversed(ALL)]
    diff = compute_diff(picture(before, papers=1_000_000), picture(after, papers=1_234_567))
    assert headline(diff, titles=titles) == "Some Airline of a Long Name rose from 5th to 1st; 3 others moved"
    sentence = headline(diff, titles=dict.fromkeys(CARRIERS, "Short Name"))
    assert sentence == "Short Name rose from 5th to 1st; 3 others moved; Papers up 23.5 % to 1,234,567"


def test_equal_pictures_changed_nothing() -> None:
    """Silence has its own sentence."""
    assert said(ranked(*ALL), ranked(*ALL)) == "Nothing changed"


def test_a_row_without_a_title_is_called_by_its_key() -> None:
    """A headline never invents a name."""
    diff = compute_diff(ranked("HA", "ZZ"), ranked("ZZ", "HA"))
    assert headline(diff) == "ZZ rose from 2nd to 1st; 1 other moved"


@given(diff=diffs(), titles=st.dictionaries(st.one_of(st.integers(1, 9), st.sampled_from("abcde")), TEXTS))
def test_a_headline_is_short_calm_and_on_one_line(diff: Diff, titles: dict[int | str, str]) -> None:
    """Whatever the data holds, a headline fits a mail's subject and does not shout."""
    sentence = headline(diff, titles=titles)
    assert 0 < len(sentence) <= HEADLINE_CHARACTERS_MOST
    assert "!" not in sentence
    assert len(sentence.splitlines()) == 1
    assert not any(ord(character) < 32 or ord(character) == 127 for character in sentence)
    assert (sentence == "Nothing changed") is diff.is_empty


@pytest.mark.parametrize(
    ("columns", "rows", "titles"),
    [
        (("id", "name", "title"), [{"id": 1, "name": "n", "title": "t"}], {1: "t"}),
        (("id", "label"), [{"id": 1, "label": "l"}], {1: "l"}),
        (("id", "title", "name"), [{"id": 1, "title": 7, "name": "n"}], {1: "n"}),
        (("id", "title"), [{"id": 1, "title": None}, {"id": 2, "title": "t"}], {1: "1", 2: "t"}),
        (("id", "score"), [{"id": "a", "score": 1}], {"a": "a"}),
    ],
)
def test_rows_are_called_by_the_first_text_column_that_names_them(
    columns: tuple[str, ...], rows: list[dict[str, Any]], titles: dict[int | str, str]
) -> None:
    """Title before name before label, if it is text; a row without one keeps its key."""
    table = Table(key="id", columns=columns, rows=rows)
    assert titles_of(Payload(panels={"t": table}, primary=Primary(rows="t"))) == titles


def test_a_column_that_is_the_key_is_not_a_title() -> None:
    """The key is what a row is called when nothing else names it."""
    table = Table(key="name", columns=("name", "label"), rows=[{"name": "n", "label": "l"}])
    assert titles_of(Payload(panels={"t": table}, primary=Primary(rows="t"))) == {"n": "l"}


def test_without_a_primary_table_nobody_has_a_title() -> None:
    """A dashboard of metrics alone has no rows to call by name."""
    assert titles_of(Payload(panels={})) == {}


def test_the_summary_counts_what_the_diff_holds() -> None:
    """A capture answers with counts, so that the caller need not fetch the diff to see whether it matters."""
    diff = compute_diff(ranked("HA", "UA", "DL"), ranked("HA", "AS", "B6"))
    assert diff_summary(diff, titles=CARRIERS) == {
        "is_empty": False,
        "headline": headline(diff, titles=CARRIERS),
        "top_n_changes": 4,
        "rank_changes_total": 0,
        "row_value_deltas": 0,
        "id_set_added": 2,
        "id_set_removed": 2,
        "primary_metric": {"old": 15025, "new": 15025, "delta": 0, "delta_pct": 0.0, "from_zero": False},
        "metrics_changed": 0,
        "dimension_states": {},
        "schema_changes": 0,
    }


@given(diff=diffs())
def test_a_cut_diff_has_the_same_counts(diff: Diff) -> None:
    """Totals survive the cut, so a summary says the same of a message as of the diff itself."""
    counted = {name: found for name, found in diff_summary(diff).items() if name not in ("headline", "metrics_changed")}
    again = diff_summary(Diff.from_dict(diff.as_dict(limit=1)))
    assert {name: again[name] for name in counted} == counted
