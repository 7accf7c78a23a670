"""The two reports: what is at the top, in the reader's language, the same for the same input."""

from __future__ import annotations

from hypothesis import given

from stillframe.report.export import Compared, compare_report, snapshot_report
from stillframe.report.languages import ENGLISH, LANGUAGES, RUSSIAN
from stillframe.report.words import headline, titles_of
from tests.report.export.frames import carriers, compared, comparisons, frame
from tests.report.export.reading import facts, texts, titles

ALL = ("HA", "UA", "DL", "AS", "B6")


def test_a_compare_report_opens_with_the_sentence_that_everybody_is_told() -> None:
    """The headline of the page, the mail and the report is one."""
    pair = compared(carriers(*ALL), carriers("HA", "DL", "AS", "B6", "UA"))
    report = compare_report(pair, title="Carriers", language=ENGLISH)
    assert report.lead == headline(pair.diff, titles=titles_of(pair.a.payload))
    assert report.kind == "Compare report"
    assert titles(report)[:2] == ["Frames 1 and 2", "Evidence"]


def test_both_times_and_the_direction_are_said_first() -> None:
    """Which two, which way, and whether they can be compared."""
    pair = compared(carriers("HA"), carriers("UA"), trend_direction={"direction": "declining", "reason": "because"})
    assert facts(compare_report(pair, title="", language=ENGLISH), "Frames 1 and 2") == {
        "Before": "frame 1, 21 Nov 2026, 08:00:12.345 UTC",
        "After": "frame 2, 21 Nov 2026, 09:00:12.345 UTC",
        "Direction": "declining",
        "Comparability": "full: both were made in the same way",
    }


def test_a_report_is_dated_by_its_later_snapshot() -> None:
    """The same input gives the same document, whenever it is made."""
    pair = compared(carriers("HA"), carriers("UA"))
    assert compare_report(pair, title="", language=ENGLISH).date == pair.b.record.timestamp
    assert snapshot_report(pair.a, title="", language=ENGLISH).date == pair.a.record.timestamp


def test_a_report_is_written_in_its_language() -> None:
    """Headings, facts, states and numbers; names from outside stay as they are."""
    pair = compared(carriers(*ALL), carriers("HA", "DL", "AS", "B6", "UA", papers=15_661))
    report = compare_report(pair, title="Carriers", language=RUSSIAN)
    assert report.lead.startswith("United: спуск, место 2-е → 5-е")
    assert titles(report) == ["Кадры 1 и 2", "Свидетельство", "Показатели", "Перемещения", "Источники"]
    assert "15\u202f661" in set(texts(report))


def test_a_report_names_its_file() -> None:
    """A file on somebody's disk still says which evidence it is."""
    pair = compared(carriers("HA"), carriers("UA"))
    assert compare_report(pair, title="", language=ENGLISH).file_stem == (
        f"compare-{pair.a.record.id}-{pair.b.record.id}"
    )
    assert snapshot_report(frame(carriers("HA")), title="", language=ENGLISH).file_stem.startswith("snapshot-019aa2f0-")


@given(made=comparisons())
def test_any_two_pictures_have_a_report_in_every_language(made: tuple[Compared, str]) -> None:
    """Whatever the data holds, a report is made, each text of it on one line without control characters."""
    pair, title = made
    for language in LANGUAGES.values():
        for report in (
            compare_report(pair, title=title, language=language),
            snapshot_report(pair.b, title=title, language=language),
        ):
            for text in texts(report):
                assert len(text.splitlines()) <= 1
                assert not any(ord(character) < 32 or ord(character) == 127 for character in text)
