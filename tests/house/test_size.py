"""The size budgets hold, and the check that says so can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STATEMENT = "    x = 1\n"


def check_sizes(folder: Path, repository: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(repository / "tools" / "size_check.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def function(lines: int, *, head: str = "def work():") -> str:
    return f'{head}\n    """Say\n\n    more."""\n' + STATEMENT * lines


def test_the_house_keeps_its_budgets(repository: Path) -> None:
    """A budget is a prompt to think, and it is thought about before the merge."""
    assert check_sizes(repository / "src" / "stillframe", repository) == (0, "")


def test_a_small_tree_passes(tmp_path: Path, repository: Path) -> None:
    """What is within every budget is not mentioned."""
    tmp_path.joinpath("small.py").write_text(function(7), encoding="utf8")
    assert check_sizes(tmp_path, repository) == (0, "")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# a line\n" * 401, "long.py:1 the module is 401 lines (at most 400)"),
        ("# a line\n" * 120, "the median module is 120 lines (under 120)"),
        ("\n" + function(61), "long.py:2 work is 61 lines (at most 60)"),
        (function(36), "the 95th percentile of functions is 36 lines (at most 35)"),
        (function(8), "the median function is 8 lines (under 8)"),
        (
            function(1, head="def work(a, b, c, d):"),
            "long.py:1 work takes 4 positional parameters (at most 3, the rest keyword-only)",
        ),
        (
            "class Desk:\n    def work(self, a, b, c, d):\n        return a\n",
            "long.py:2 work takes 4 positional parameters (at most 3, the rest keyword-only)",
        ),
        (
            "class Desk:\n    @staticmethod\n    def work(a, b, c, d):\n        return a\n",
            "long.py:3 work takes 4 positional parameters (at most 3, the rest keyword-only)",
        ),
    ],
)
def test_each_broken_budget_is_named_with_its_place(
    tmp_path: Path, repository: Path, text: str, complaint: str
) -> None:
    """An offender is found by file and line, not by search."""
    tmp_path.joinpath("long.py").write_text(text, encoding="utf8")
    code, said = check_sizes(tmp_path, repository)
    assert code == 1
    assert complaint in said


@pytest.mark.parametrize(
    "text",
    [
        function(1, head="def work(a, b, c, *, d, e):"),
        "class Desk:\n    def work(self, a, b, c):\n        return a\n",
        function(7),
    ],
)
def test_what_is_exactly_at_a_budget_passes(tmp_path: Path, repository: Path, text: str) -> None:
    """The edge belongs to the permitted side; `self` and docstrings do not count."""
    tmp_path.joinpath("edge.py").write_text(text, encoding="utf8")
    assert check_sizes(tmp_path, repository) == (0, "")
