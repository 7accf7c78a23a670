"""Series: columns side by side."""

from __future__ import annotations

from stillframe.model.series import SeriesBlock


def test_a_block_is_as_long_as_its_times_and_names_its_columns() -> None:
    """Whoever asked for two metrics gets two, in that order, at each time."""
    block = SeriesBlock(as_of=(1, 2), sequences=(1, 2), values={"b": (0.5, None), "a": (1, 2)})
    assert len(block) == 2
    assert block.names == ("b", "a")
