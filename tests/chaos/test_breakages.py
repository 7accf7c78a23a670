"""The oracles can fail: the product is broken on purpose in a copy, and the breakage is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

import stillframe
from chaos.breakages import attacked, broken_copy, changed
from chaos.broken import BREAKAGES, Breakage, Change


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name.replace(" ", "-"))
def test_every_breakage_still_finds_what_it_breaks(breakage: Breakage) -> None:
    """A breakage whose place has moved breaks nothing, and its oracle looks blind or, worse, sharp."""
    texts: dict[str, str] = {}
    for change in breakage.changes:
        path = Path(stillframe.__file__).parent / change.file
        texts[change.file] = changed(texts.get(change.file) or path.read_text("utf8"), change)
        compile(texts[change.file], change.file, "exec")


def test_a_breakage_that_finds_nothing_is_an_error() -> None:
    """Once, and not twice either: nobody knows which of two was meant."""
    change = Change(file="a.py", old="x", new="y")
    assert changed("axb", change) == "ayb"
    for text in ("ab", "axbx"):
        with pytest.raises(ValueError, match=r"a\.py: occurs"):
            changed(text, change)


def test_the_copy_is_what_is_broken(tmp_path: Path) -> None:
    """The tree that everybody works in stays whole."""
    change = next(change for breakage in BREAKAGES for change in breakage.changes)
    copy = broken_copy(tmp_path, [change])
    assert change.new in (copy / "stillframe" / change.file).read_text("utf8")
    assert change.old in (Path(stillframe.__file__).parent / change.file).read_text("utf8")


@pytest.mark.needs("gcc")
def test_a_power_cut_shows_that_a_commit_was_not_synced(seed: int) -> None:
    """One setting away from what is promised, and the same cuts lose what was acknowledged."""
    breakage = next(found for found in BREAKAGES if "NORMAL" in found.name)
    assert attacked(breakage, seed=seed)["lost"] > 0
