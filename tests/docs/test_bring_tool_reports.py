"""The page on bringing tool reports, followed from an empty folder, and its tables held against the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stillframe.config import ScoreSettings
from tests.docs.documents import table_of
from tests.docs.following import Step, alike, follow

pytestmark = [pytest.mark.needs("curl"), pytest.mark.timeout(600)]
MEASURING = re.compile(r"(?ms)^```\n(mkdir -p reports\n.*?)^```$")


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page itself."""
    return repository / "docs" / "howto" / "bring-tool-reports.md"


@pytest.fixture(scope="module")
def steps(page: Path, repository: Path) -> list[Step]:
    """What each block of the page printed."""
    return follow(page, repository=repository, instead={"~/stillframe/": f"{repository}/"})


def test_every_block_prints_what_the_page_shows(steps: list[Step]) -> None:
    """Who follows the page sees what they were told they would see."""
    assert len(steps) > 8
    assert [(alike(step.shown or ""), alike(step.printed)) for step in steps if not step.is_as_shown] == []


def test_the_finding_that_moved_did_move_and_is_in_no_list(steps: list[Step], repository: Path) -> None:
    """The page's example is one: other lines in the two reports, and no word of it in the comparison."""
    reports = repository / "examples" / "release-gate" / "reports"
    lines = [
        found["line_number"]
        for release in ("2.1.2", "2.2.0")
        for found in json.loads((reports / release / "bandit.json").read_text(encoding="utf8"))["results"]
        if found["test_id"] == "B110"
    ]
    assert lines == [120, 114]
    compared = next(step.printed for step in steps if "--include-drilldown" in step.command)
    assert "B324:" in compared
    assert "B110:" not in compared


def test_the_weights_are_the_formula_s(page: Path) -> None:
    """A figure that is written twice is checked."""
    told = {row[0]: float(row[1]) for row in table_of(page, heading="Part")}
    assert told == {name: getattr(ScoreSettings(), name) for name in told}
    assert sum(told.values()) == pytest.approx(1)


def test_every_tool_that_is_run_is_one_whose_reports_are_read(page: Path, repository: Path) -> None:
    """A line for a tool that nobody reads would be refused by the next command."""
    found = MEASURING.search(page.read_text(encoding="utf8"))
    formats = (repository / "docs" / "reference" / "reports.md").read_text(encoding="utf8").lower()
    assert found
    names = {line.removeprefix("{ ").split()[0] for line in found[1].splitlines()[1:]}
    assert names == {
        "bandit", "coverage", "cyclonedx-py", "interrogate", "pip-audit", "radon", "ruff", "vulture",
    }  # fmt: skip
    assert [name for name in names if name.partition("-py")[0] not in formats] == []
