"""Report files are named and measured as they are brought, and what can be read only once is kept until it was used."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stillframe.capture.reports.interface import MOST_BYTES
from stillframe.cli.brought import LARGEST_BYTES, LONGEST_NAME, MOST_REPORTS, reading_in, reports_in
from stillframe.errors import InvalidInput
from stillframe.flows import reading_reports


def test_a_file_is_brought_under_the_last_segment_of_its_name(tmp_path: Path) -> None:
    """Where it lay on this machine is nobody's business."""
    (tmp_path / "bandit.json").write_bytes(b"{}")
    with reports_in([str(tmp_path / "bandit.json")]) as (report,):
        assert (report.name, report.size, report.read()) == ("bandit.json", 2, b"{}")


def test_files_are_brought_in_the_order_they_were_named(tmp_path: Path) -> None:
    """Also a dash that is no standard input."""
    for name in ("b", "-", "a"):
        (tmp_path / name).write_bytes(name.encode())
    with reports_in([str(tmp_path / name) for name in ("b", "-", "a")]) as reports:
        assert [report.read() for report in reports] == [b"b", b"-", b"a"]


def test_standard_input_is_read_once_and_kept(repository: Path) -> None:
    """It is there as often as a broken connection needs it, and gone when the block ends."""
    program = (
        "from stillframe.cli.brought import reports_in\n"
        "with reports_in(['-']) as (report,):\n"
        "    print(report.name, report.size, report.read(), report.read(), report.path.exists())\n"
        "print(report.path.parent.exists())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        input=b"{}",
        capture_output=True,
        check=True,
    )
    assert done.stdout.splitlines() == [b"stdin 2 b'{}' b'{}' True", b"False"]


def test_a_pipe_with_a_name_is_kept_too(tmp_path: Path) -> None:
    """As a shell gives it for what another command writes."""
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"lines",))
    writer.start()
    with reports_in([str(tmp_path / "pipe")]) as (report,):
        assert (report.name, report.size, report.read()) == ("pipe", 5, b"lines")
    writer.join()


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["absent.json"], "--report: absent.json cannot be read: No such file"),
        (["."], r"--report: \. cannot be read: Is a directory"),
        (["-", "-"], "--report: standard input can be read only once"),
        (["x"] * (MOST_REPORTS + 1), f"--report: at most {MOST_REPORTS} reports at a time, not {MOST_REPORTS + 1}"),
    ],
)
def test_what_is_no_report_is_refused_by_its_name(sources: list[str], says: str) -> None:
    """Before anything is opened or asked."""
    with pytest.raises(InvalidInput, match=says), reports_in(sources):
        raise AssertionError("nothing can be brought")


@pytest.mark.parametrize(
    "name", ["a\nb.json", "a\x1b[2J.json", "a\u202e.json", "\udcff.json", "x" * (LONGEST_NAME + 1)]
)
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    """It would stand in records and on pages for ever."""
    try:
        (tmp_path / name).write_bytes(b"{}")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes no such name")
    with (
        pytest.raises(InvalidInput, match=r"--report: (?s:.)*the name of a report"),
        reports_in([str(tmp_path / name)]),
    ):
        raise AssertionError("it has no name")


def test_a_file_that_is_larger_than_any_report_is_refused_unread(tmp_path: Path) -> None:
    """At both places in the same words, before it is sent."""
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(InvalidInput, match=r"large\.json is too large"), reports_in([str(tmp_path / "large.json")]):
        raise AssertionError("nobody reads this")


def test_a_file_that_shrinks_is_no_report(tmp_path: Path) -> None:
    """Half a report is another report; one that grows is what it was."""
    (tmp_path / "a").write_bytes(b"four")
    with reports_in([str(tmp_path / "a")]) as (report,):
        (tmp_path / "a").write_bytes(b"four and more")
        assert report.read() == b"four"
        (tmp_path / "a").write_bytes(b"on")
        with pytest.raises(InvalidInput, match="became shorter"):
            report.read()


def test_the_limits_are_those_of_the_readers() -> None:
    """Said twice because loading the readers takes longer than the rest of a command."""
    assert (MOST_REPORTS, LARGEST_BYTES) == (reading_reports.MOST_REPORTS, MOST_BYTES)


def test_paths_start_from_the_working_directory_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tools ran, as a rule; a folder of another machine is taken as it is written."""
    monkeypatch.chdir(tmp_path)
    assert reading_in(kloc=None, root=None) == {"kloc": None, "root": str(tmp_path)}
    assert reading_in(kloc=1.5, root="src") == {"kloc": 1.5, "root": str(tmp_path / "src")}
    for elsewhere in ("/builds/app", "C:\\builds\\app", "file:///builds/app", ""):
        assert reading_in(kloc=None, root=elsewhere)["root"] == elsewhere


@pytest.mark.parametrize("kloc", [float("nan"), float("inf")])
def test_a_size_is_a_number(kloc: float) -> None:
    """JSON has no other."""
    with pytest.raises(InvalidInput, match="--kloc: a number"):
        reading_in(kloc=kloc, root=None)


def test_a_working_directory_that_is_gone_is_said(repository: Path, tmp_path: Path) -> None:
    """Naming a folder helps."""
    (tmp_path / "gone").mkdir()
    program = (
        "import os; os.rmdir(os.getcwd())\n"
        "from stillframe.cli.brought import reading_in\n"
        "assert reading_in(kloc=None, root='/x')['root'] == '/x'\n"
        "reading_in(kloc=None, root=None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "gone",
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        capture_output=True,
        check=False,
    )
    assert b"--root: the working directory is gone" in done.stderr
