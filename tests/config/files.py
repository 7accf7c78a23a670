"""Configuration files for tests."""

from __future__ import annotations

from pathlib import Path


def write(folder: Path, text: str) -> Path:
    path = folder / "stillframe.toml"
    path.write_text(text, encoding="utf-8")
    return path
