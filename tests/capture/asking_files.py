"""Asking the source `file` for real files in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stillframe.capture.file import FileSource
from stillframe.capture.interface import Connection, Read
from stillframe.errors import CaptureRefused

SECONDS = 10.0


def ask(folder: Path | str, path: str, *, max_rows: int = 100, **more: Any) -> Read:
    connection = Connection(name="reports", url=str(folder))
    return FileSource(connection=connection, path=path, **more).read(max_rows=max_rows, seconds=SECONDS)


def fault_of(folder: Path, path: str, **more: Any) -> tuple[str, str]:
    with pytest.raises(CaptureRefused) as refusal:
        ask(folder, path, **more)
    [fault] = refusal.value.faults
    return fault.path, fault.message
