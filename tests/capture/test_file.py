"""The source `file`: what each format gives."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from stillframe.capture.interface import Read
from tests.capture.asking_files import ask, fault_of


def test_types_belong_to_csv(tmp_path: Path) -> None:
    """The other formats say themselves what is text."""
    (tmp_path / "a.json").write_text("[]")
    assert fault_of(tmp_path, "a.json", types={"a": "text"})[0] == "$.types"


def test_the_format_is_stated_or_told_by_the_suffix(tmp_path: Path) -> None:
    """Guessing from the content would make a typing error look like news."""
    (tmp_path / "a.txt").write_text("id\n1\n")
    assert fault_of(tmp_path, "a.txt")[0] == "$.format"
    assert ask(tmp_path, "a.txt", format="csv").rows == 1


class TestJson:
    def test_json_gives_its_value_and_select_a_part_of_it(self, tmp_path: Path) -> None:
        """A document may be a table, a number, or hold either somewhere."""
        (tmp_path / "a.json").write_text('{"at": {"rows": [{"id": 1}, {"id": 2}]}, "n": 3}')
        assert ask(tmp_path, "a.json", select="at.rows") == Read(value=[{"id": 1}, {"id": 2}], rows=2)
        assert ask(tmp_path, "a.json", select="n") == Read(value=3, rows=1)
        assert ask(tmp_path, "a.json", select="none.here") == Read(value=None, rows=1)

    @pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "[1,", '["\\ud800"]', ""])
    def test_json_that_is_not_strict_is_refused(self, tmp_path: Path, text: str) -> None:
        """What two readers would read differently is no evidence."""
        (tmp_path / "a.json").write_text(text)
        assert fault_of(tmp_path, "a.json")[0].startswith("$")

    def test_json_lines_name_the_line_at_fault(self, tmp_path: Path) -> None:
        """Empty lines count, and are no rows."""
        (tmp_path / "a.jsonl").write_text('{"id": 1}\n\n{"id": 2}\n')
        assert ask(tmp_path, "a.jsonl") == Read(value=[{"id": 1}, {"id": 2}], rows=2)
        (tmp_path / "b.jsonl").write_text('{"id": 1}\n\n{"id": }\n')
        assert fault_of(tmp_path, "b.jsonl")[0] == "line 3"

    @pytest.mark.parametrize(
        ("name", "text"), [("a.json", "[1, 2, 3]"), ("a.jsonl", "1\n2\n3\n"), ("a.csv", "id\n1\n2\n3\n")]
    )
    def test_one_row_too_many_is_refused(self, tmp_path: Path, name: str, text: str) -> None:
        """The cap is the same for every format."""
        (tmp_path / name).write_text(text)
        assert ask(tmp_path, name, max_rows=3).rows == 3
        assert "at most 2 are taken" in fault_of(tmp_path, name, max_rows=2)[1]


class TestParquet:
    def test_columns_keep_their_types_and_order(self, tmp_path: Path) -> None:
        """Parquet says what each column is, and the same rules as for SQL make cells of it."""
        table = pa.table(
            {
                "id": ["a", None],
                "n": pa.array([1, 2], pa.int64()),
                "score": pa.array([Decimal("0.71"), None], pa.decimal128(10, 2)),
                "day": [date(2013, 1, 31), None],
                "at": pa.array([datetime(2013, 1, 31, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
                "ok": [True, False],
            }
        )
        parquet.write_table(table, tmp_path / "a.parquet")
        read = ask(tmp_path, "a.parquet")
        assert read.columns == ("id", "n", "score", "day", "at", "ok")
        first = {"id": "a", "n": 1, "score": 0.71, "day": "2013-01-31", "at": "2013-01-31T00:00:00.000000Z", "ok": True}
        assert read.value == [first, {"id": None, "n": 2, "score": None, "day": None, "at": None, "ok": False}]

    def test_bytes_too_many_rows_and_no_parquet_are_refused(self, tmp_path: Path) -> None:
        """Each with its own place."""
        parquet.write_table(pa.table({"id": [1, 2], "raw": [None, b"x"]}), tmp_path / "a.parquet")
        assert fault_of(tmp_path, "a.parquet")[0] == "$[1].raw"
        assert "at most 1 are taken" in fault_of(tmp_path, "a.parquet", max_rows=1)[1]
        (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing PAR1")
        assert "not Parquet" in fault_of(tmp_path, "b.parquet")[1]
