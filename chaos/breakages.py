"""Deliberate breakages: a copy of the product is broken and attacked, and an oracle must say so; what caught each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import stillframe
from chaos.broken import BREAKAGES, Breakage, Change
from chaos.tables import Row, conclude, options

TRIES = 3
"""A kill must meet the moment: an attack is made again with another seed until it does, at most so often."""
_ATTACK_SECONDS = 600


@dataclass(kw_only=True)
class Report:
    """Which verdict caught which breakage."""

    seed: int
    title: str = "Broken on purpose"
    seconds: float = 0.0
    caught: list[Row] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)

    @property
    def faults(self) -> Mapping[str, Sequence[str]]:
        """Breakages that no oracle saw, and repairs that one complained of."""
        return {"escaped": self.escaped} if self.escaped else {}

    def rows(self) -> list[Row]:
        """Return what caught each."""
        return self.caught


def broken_copy(folder: Path, changes: Sequence[Change]) -> Path:
    """
    Copy the product and change the copy; return the folder to import it from.

    Errors  ValueError if a text to be changed does not occur exactly once.
    """
    source = Path(stillframe.__file__).parent
    copy = folder / "broken" / "stillframe"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for change in changes:
        path = copy / change.file
        path.write_text(changed(path.read_text("utf8"), change), "utf8")
    return copy.parent


def changed(text: str, change: Change) -> str:
    """
    Return a text with one change made.

    Errors  ValueError if the old text does not occur exactly once.
    """
    if text.count(change.old) != 1:
        raise ValueError(f"{change.file}: occurs {text.count(change.old)} times: {change.old!r}")
    return text.replace(change.old, change.new)


def attacked(breakage: Breakage, *, seed: int) -> Counter[str]:
    """Attack a broken copy in its short form, and return the verdicts with how often each was drawn."""
    with tempfile.TemporaryDirectory(prefix="stillframe-broken-") as folder:
        copy = broken_copy(Path(folder), breakage.changes)
        said = Path(folder) / "said.json"
        name, *given = breakage.attack
        command = [sys.executable, "-m", f"chaos.{name}", "--quick", "--seed", str(seed), "--json", str(said), *given]
        here = Path(__file__).parent.parent
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), str(here)])}
        done = subprocess.run(
            command, env=environment, cwd=here, capture_output=True, text=True, timeout=_ATTACK_SECONDS, check=False
        )
        if not said.exists():
            # What is so broken that the attack cannot be carried through says so with its last line.
            return Counter({f"stopped: {(done.stderr.strip().splitlines() or ['silent'])[-1][:80]}": 1})
        return sum((Counter(one) for one in json.loads(said.read_text("utf8"))), Counter())


def main() -> int:
    """Print what caught each breakage; 1 if one escaped."""
    parser = options(__doc__)
    parser.add_argument("--match", default="", help="only breakages whose name holds this")
    asked = parser.parse_args()
    begin, report = time.monotonic(), Report(seed=asked.seed)
    for breakage in BREAKAGES:
        if asked.match not in breakage.name:
            continue
        seen, tries = Counter[str](), 0
        while tries < TRIES and not seen.keys() & breakage.verdicts and (breakage.verdicts or not tries):
            seen = attacked(breakage, seed=asked.seed + tries)
            tries += 1
        well = bool(seen.keys() & breakage.verdicts) if breakage.verdicts else not seen
        said = ", ".join(f"{name} {count:,}" for name, count in seen.most_common()) or "nothing"
        report.caught.append(Row(breakage.name, said, f"`{' '.join(breakage.attack)}`, run {tries}"))
        print(f"{breakage.name}: {said}", file=sys.stderr, flush=True)
        if not well:
            report.escaped.append(f"{breakage.name}: {said}")
    report.seconds = time.monotonic() - begin
    return conclude(asked, [report])


if __name__ == "__main__":
    sys.exit(main())
