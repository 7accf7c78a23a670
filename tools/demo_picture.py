"""Draws docs/images/demo.svg: what the demo really prints, as a terminal shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

REPOSITORY = Path(__file__).resolve().parent.parent
PICTURE = REPOSITORY / "docs" / "images" / "demo.svg"
COLUMNS = 118
_REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def printed() -> str:
    """Return what `stillframe demo --no-serve` prints."""
    command = [sys.executable, "-m", "stillframe.cli", "demo", "--no-serve"]
    environment = {**os.environ, "CI": "true", "COLUMNS": str(COLUMNS)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def picture(text: str) -> str:
    """Return an SVG of a terminal that shows the text; it names no font that would have to be fetched."""
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text("$ make demo", style="bold green"))
    for line in text.splitlines():
        console.print(_styled(line), no_wrap=True, crop=True, overflow="ellipsis")
    svg = console.export_svg(title="stillframe demo", theme=MONOKAI, unique_id="demo")
    return _REMOTE_FONT.sub("", svg).replace("Fira Code", "ui-monospace")


def _styled(line: str) -> Text:
    text = Text(line)
    text.highlight_regex(r"^\d{4}-\d\d-\d\d +", "cyan")
    text.highlight_regex(r"→ \S+( /\S+)? ", "magenta")
    text.highlight_regex(r"^(RULE .*|[a-z]+( [a-z]+)? {2,})", "bold")
    return text


def main() -> None:
    """Write the picture."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture(printed()), encoding="utf8")


if __name__ == "__main__":
    main()
