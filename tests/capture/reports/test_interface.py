"""What a reader is given, and how it says no."""

from __future__ import annotations

from stillframe.capture.reports import READERS
from stillframe.capture.reports.interface import Look, Report


def test_an_error_is_one_line_however_much_of_the_report_it_quotes() -> None:
    """It goes to terminals, logs and pages, where a report must not write as it likes."""
    report = Report(name="r.json", data=b"", look=Look(syntax="json"))
    [fault] = report.refused("$.a\x1b[2J", "no \n" + "x" * 5_000, of="f").faults
    assert fault.path == "r.json: $.a [2J"
    assert fault.message.startswith("f: no  xxx")
    assert len(fault.message) < 600


def test_a_fault_of_the_whole_report_names_the_file_alone() -> None:
    """There is no place to name."""
    report = Report(name="r.json", data=b"", look=Look(syntax="json"))
    assert str(report.refused("", "too many", of="f")) == "r.json: f: too many"


def test_every_reader_has_a_name_and_a_version_of_its_own() -> None:
    """Both are in the digest of the formula, so that a changed reader is a changed formula."""
    assert len({reader.format for reader in READERS}) == len(READERS)
    assert all(reader.version >= 1 and reader.title for reader in READERS)
