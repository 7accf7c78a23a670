"""Cells and tables: cut where they say so, toned by which way is better."""

from __future__ import annotations

import pytest

from stillframe.model.delta import MetricDelta
from stillframe.model.payload import Better
from stillframe.report.export.document import CELL_MOST, ROWS_MOST, Column, Said
from stillframe.report.export.writing import Writer
from stillframe.report.languages import ENGLISH, RUSSIAN

WRITER = Writer(language=ENGLISH)


def metric(old: float | None, new: float | None, **given: object) -> MetricDelta:
    delta = None if old is None or new is None else new - old
    plain = {"delta": delta, "delta_pct": delta / abs(old) if delta is not None and old else None, "better": "higher"}
    return MetricDelta(
        **({"name": "m", "old": old, "new": new, "state": "unchanged", "presence": "both"} | plain | given)
    )


@pytest.mark.parametrize(
    ("better", "tones"), [("higher", ("up", "down")), ("lower", ("down", "up")), ("none", ("plain", "plain"))]
)
def test_a_difference_is_toned_by_which_way_is_better(better: Better, tones: tuple[str, str]) -> None:
    """More findings are not green."""
    more, _ = WRITER.difference(metric(1, 2), better=better)
    less, _ = WRITER.difference(metric(2, 1), better=better)
    assert (more.tone, less.tone) == tones
    assert (more.text, less.text) == ("+1", "-1")


def test_from_zero_has_no_percentage() -> None:
    """A share of nothing is said, not computed."""
    assert [said.text for said in WRITER.difference(metric(0, 3, delta_pct=None), better="none")] == ["+3", "from zero"]


def test_what_has_no_difference_says_none() -> None:
    """A text or an absent value is not up or down."""
    assert [said.text for said in WRITER.difference(metric(None, 3), better="none")] == ["", ""]
    assert WRITER.difference(metric(1, 2, delta=None, overflow=True), better="none")[0].text == "too large"


@pytest.mark.parametrize(
    ("ranks", "said"),
    [((5, 2), Said("▲ 3", "up")), ((2, 5), Said("▼ 3", "down")), ((None, 1), Said("new", "up")),
     ((1, None), Said("gone", "down")), ((2, 2), Said("–", "muted"))],
)  # fmt: skip
def test_a_move_has_an_arrow_and_its_places(ranks: tuple[int | None, int | None], said: Said) -> None:
    """Never by colour alone."""
    assert WRITER.move(*ranks) == said


def test_a_long_table_says_how_much_of_it_is_shown() -> None:
    """A cut that nobody mentions is a lie by omission."""
    rows = ((Said(str(number)),) for number in range(1_234))
    made = WRITER.grid([Column(title="n")], rows, total=1_234)
    assert len(made.rows) == ROWS_MOST
    assert made.notes == ("the first 100 of 1,234 rows",)
    assert WRITER.grid([Column(title="n")], [(Said("1"),)], total=1).notes == ()


def test_a_sparse_table_leaves_out_what_no_row_says() -> None:
    """Units that nobody gave take no room; elsewhere an empty column is a fact and stays."""
    columns, rows = [Column(title="a"), Column(title="b")], [(Said("1"), Said("")), (Said(""), Said(""))]
    assert [column.title for column in WRITER.grid(columns, rows, total=2, sparse=True).columns] == ["a"]
    assert len(WRITER.grid(columns, rows, total=2).columns) == 2


def test_narrow_columns_take_what_they_need_unless_there_are_too_many() -> None:
    """The page is shared by what is long; where nothing would be left of it, by all."""
    few = WRITER.grid([Column(title="id"), Column(title="text")], [(Said("a"), Said("x" * 60))], total=1)
    assert [column.weight for column in few.columns] == [0, 2]
    assert not few.tight
    many = WRITER.grid([Column(title="column") for _ in range(9)], [(Said("x" * 12),) * 9], total=1)
    assert [column.weight for column in many.columns] == [1] * 9
    assert many.tight


def test_text_from_outside_is_one_line_of_limited_length() -> None:
    """A cell may hold 64 KiB and line feeds."""
    said = WRITER.text("a\nb\x1b" + "x" * 1_000)
    assert said.text.startswith("a b x")
    assert len(said.text) == CELL_MOST
    assert Writer(language=RUSSIAN).cell(None) == Said("нет", "muted")
