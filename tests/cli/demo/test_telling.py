"""What the demo says: calm lines, each with its reason, and a closing table that adds up."""

from __future__ import annotations

import pytest

from stillframe.cli.demo.scene import WATCHES
from stillframe.cli.demo.telling import Closing, closing_lines, moment_lines, progress
from stillframe.cli.demo.year import Moment, Told

TOLD = (Told(watch=WATCHES[0], why="the top 3 are reordered"), Told(watch=WATCHES[1], why="it fell\nfar"))
MOMENTS = (
    Moment(date="2013-01-01", sequence=1, headline=None, told=()),
    Moment(date="2013-01-02", sequence=2, headline="Delta fell", told=TOLD),
)


def test_a_moment_says_what_changed_who_was_told_and_why() -> None:
    """One line for the change, one for each who was told."""
    assert list(moment_lines(MOMENTS[1])) == [
        "2013-01-02  Delta fell",
        "            → @network-desk: the top 3 are reordered",
        "            → webhook /drift: it fell far",
    ]


def test_the_closing_table_adds_up() -> None:
    """Notices by rule, and what was verified, in the table as in the JSON."""
    found = Closing(moments=MOMENTS, received=1, verified=1, database_bytes=3 * 1_048_576, seconds=4.26)
    document = found.as_dict()
    assert [notice["notices"] for notice in document["notices"]] == [1, 1, 0, 0]
    assert (document["snapshots"], document["webhooks"]) == (2, {"received": 1, "verified": 1})
    assert [moment["date"] for moment in document["moments"]] == ["2013-01-02"]
    lines = list(closing_lines(found))
    assert lines[-5:] == [
        "snapshots            2",
        "notices              2",
        "signatures verified  1 of 1",
        "database             3.0 MiB",
        "seconds              4",
    ]
    assert not any("!" in line for line in lines)


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """The function is there all the same and does nothing."""
    with progress(3) as advance:
        advance()
    assert capsys.readouterr() == ("", "")
