"""The source `file`: CSV, JSON, JSON Lines or Parquet under a folder that the operator named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Literal, assert_never

from stillframe.capture.cells import rows_from, too_many_rows
from stillframe.capture.csv_text import ColumnType, rows_of_csv
from stillframe.capture.deadline import Deadline
from stillframe.capture.folder import check_path, folder_of, read_under
from stillframe.capture.interface import Connection, Read
from stillframe.capture.json_text import parse_json
from stillframe.capture.selecting import select
from stillframe.errors import CaptureRefused, Fault, SourceFailed

Format = Literal["csv", "json", "jsonl", "parquet"]

LARGEST_FILE_BYTES = 64 * 1024 * 1024
LARGEST_PARQUET_BYTES = 512 * 1024 * 1024
_BY_SUFFIX: Mapping[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_BATCH_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """
    One file under the folder of a connection.

    Shape   `format` is told by the suffix where it is not stated. `select` (JMESPath) picks from whatever the file
            holds; `types` names columns of a CSV file that stay text.
    """

    connection: Connection
    path: str
    format: Format | None = None
    select: str | None = None
    types: Mapping[str, ColumnType] | None = None

    def check(self) -> None:
        """Refuse a path at `$.path` that could leave the connection's folder, and types for what is not CSV."""
        check_path(self.path)
        self._checked_format()

    def read(self, *, max_rows: int, seconds: float) -> Read:
        """
        Read the file once.

        Errors  CaptureRefused at `$.path`, `$.format`, `$.types`, `$.select`, at a line, or at `$[ROW].COLUMN`;
                SourceFailed for a file that is not there or cannot be read.
        """
        deadline = Deadline.after(seconds)
        form = self._checked_format()
        data = read_under(folder_of(self.connection), self.path, most_bytes=LARGEST_FILE_BYTES)
        deadline.check()
        columns, found = _parsed(data, form, types=self.types or {}, limits=(max_rows, deadline))
        deadline.check()
        if self.select is not None:
            columns, found = (), select(found, self.select)
        rows = len(found) if isinstance(found, list) else 1
        if rows > max_rows:
            raise too_many_rows(max_rows)
        return Read(value=found, rows=rows, columns=columns)

    def _checked_format(self) -> Format:
        form = self._format()
        if self.types and form != "csv":
            raise _refused("$.types", f"only CSV files take types, and this is {form}")
        return form

    def _format(self) -> Format:
        if self.format is not None:
            return self.format
        suffix = PurePosixPath(self.path).suffix.lower()
        if suffix not in _BY_SUFFIX:
            raise _refused("$.format", "the suffix does not tell the format; say csv, json, jsonl or parquet")
        return _BY_SUFFIX[suffix]


def _parsed(
    data: bytes, form: Format, *, types: Mapping[str, ColumnType], limits: tuple[int, Deadline]
) -> tuple[tuple[str, ...], object]:
    max_rows, deadline = limits
    match form:
        case "csv":
            return rows_of_csv(data, types=types, max_rows=max_rows, deadline=deadline)
        case "json":
            return (), parse_json(data, path="$")
        case "jsonl":
            return (), _json_lines(data, max_rows=max_rows, deadline=deadline)
        case "parquet":
            return _parquet(data, max_rows=max_rows, deadline=deadline)
        case _:
            assert_never(form)


def _json_lines(data: bytes, *, max_rows: int, deadline: Deadline) -> list[object]:
    found: list[object] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        if len(found) == max_rows:
            raise too_many_rows(max_rows)
        if len(found) % _BATCH_ROWS == 0:
            deadline.check()
        found.append(parse_json(line, path=f"line {number}"))
    return found


def _parquet(data: bytes, *, max_rows: int, deadline: Deadline) -> tuple[tuple[str, ...], list[dict[str, object]]]:
    pa, parquet = _arrow()
    try:
        with parquet.ParquetFile(BytesIO(data)) as file:
            if file.metadata.num_rows > max_rows:
                raise too_many_rows(max_rows)
            size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups))
            if size > LARGEST_PARQUET_BYTES:
                raise _refused("$.path", f"unpacked it is larger than {LARGEST_PARQUET_BYTES >> 20} MiB")
            columns = tuple(file.schema_arrow.names)
            rows = rows_from(columns, _batches(file), max_rows=max_rows, deadline=deadline)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _refused("$", f"this is not Parquet that can be read: {str(error).splitlines()[0][:200]}") from None
    return columns, rows


def _arrow() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise SourceFailed("reading Parquet needs pyarrow; install stillframe[parquet]") from None
    return pa, parquet


def _batches(file: Any) -> Iterator[Sequence[Sequence[object]]]:  # noqa: ANN401  # because pyarrow states no types
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _refused(path: str, message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=path, message=message)])
