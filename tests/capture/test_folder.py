"""A file is opened under the folder of its connection, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stillframe.capture.file import LARGEST_FILE_BYTES, FileSource
from stillframe.capture.interface import Connection
from stillframe.errors import SourceFailed
from tests.capture.asking_files import SECONDS, ask, fault_of


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../out.csv", "a/../../out.csv", "sub/../a.csv", "..", "", "a\x00.csv", "\ud800.csv"]
)
def test_a_path_that_climbs_is_refused_before_anything_is_opened(tmp_path: Path, path: str) -> None:
    """Absolute, upwards or odd: refused by how it is written."""
    (tmp_path / "out.csv").write_text("id\nsecret\n")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "a.csv").write_text("id\n1\n")
    assert fault_of(root, path, format="csv")[0] == "$.path"


def test_a_link_may_lead_about_inside_but_not_out(tmp_path: Path) -> None:
    """The real place decides, for files and for folders."""
    root, outside = tmp_path / "root", tmp_path / "root-of-others"
    (root / "sub").mkdir(parents=True)
    outside.mkdir()
    (outside / "b.csv").write_text("id\nsecret\n")
    (root / "sub" / "a.csv").write_text("id\n1\n")
    (root / "latest.csv").symlink_to(root / "sub" / "a.csv")
    (root / "out.csv").symlink_to(outside / "b.csv")
    (root / "away").symlink_to(outside)
    (root / "round.csv").symlink_to(root / "round.csv")
    assert ask(root, "latest.csv").value == [{"id": 1}]
    assert fault_of(root, "out.csv") == ("$.path", "this leads out of the folder of the connection")
    assert fault_of(root, "away/b.csv")[0] == "$.path"
    with pytest.raises(SourceFailed):
        ask(root, "round.csv")


def test_a_named_pipe_and_a_folder_are_no_files(tmp_path: Path) -> None:
    """Opening a pipe would wait for ever, so it is never waited for."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    assert fault_of(tmp_path, "pipe.csv") == ("$.path", "this is no regular file")
    assert fault_of(tmp_path, "folder.csv") == ("$.path", "this is no regular file")
    assert fault_of(tmp_path, ".", format="csv")[0] == "$.path"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    """A sparse file of 64 MiB and one byte is one byte too many."""
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)
    assert fault_of(tmp_path, "a.csv") == ("$.path", "the file is larger than 64 MiB")


def test_a_file_that_is_not_there_is_a_failed_source(tmp_path: Path) -> None:
    """It may come back; the message names the file, not where the folder lies."""
    with pytest.raises(SourceFailed, match=r"'daily/a\.csv' cannot be read: No such file") as failure:
        ask(tmp_path, "daily/a.csv")
    assert str(tmp_path) not in str(failure.value)


def test_a_folder_may_be_a_path_or_a_url_and_relative(tmp_path: Path) -> None:
    """As the operator likes to write it."""
    folder = tmp_path / "my reports"
    folder.mkdir()
    (folder / "a.csv").write_text("id\n1\n")
    for url in (str(folder), folder.as_uri(), "my reports", "file:my%20reports"):
        connection = Connection(name="reports", url=url, folder=tmp_path)
        assert FileSource(connection=connection, path="a.csv").read(max_rows=9, seconds=SECONDS).rows == 1


@pytest.mark.parametrize("url", ["https://canary@example.org/", "no/such/folder", ""])
def test_a_connection_that_is_no_folder_says_so(tmp_path: Path, url: str) -> None:
    """Without repeating what the operator wrote."""
    connection = Connection(name="reports", url=url, folder=tmp_path)
    with pytest.raises(SourceFailed, match="'reports'") as failure:
        FileSource(connection=connection, path="a.csv").read(max_rows=9, seconds=SECONDS)
    assert "canary" not in str(failure.value)
