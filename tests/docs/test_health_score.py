"""The page on the health score: its examples run, and every figure in its tables is the formula's."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import get_args

import pytest

from stillframe.health import Formula, Freshness
from stillframe.health.quality import REASONS
from stillframe.health.score import ABSENT_REASONS
from tests.docs.documents import anchors_in, blocks_of, table_of

PAGE = Path("docs", "reference", "health-score.md")
FIGURES = Formula().document()["figures"]


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page itself."""
    return repository / PAGE


def table(page: Path, *heads: str) -> dict[str, str]:
    """A table by its first two heads: of each row the second cell by the first, without code marks."""
    text = page.read_text(encoding="utf8")
    body = text.partition(f"| {' | '.join(heads)} |")[2].partition("\n\n")[0]
    rows = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in body.splitlines()[2:]]
    return {row[0]: row[1] for row in rows}


def test_every_example_gives_what_the_page_says(page: Path) -> None:
    """Whoever reckons along comes to the same score."""
    names: dict[str, object] = {}
    attempted = 0
    for block in blocks_of(page, language="python"):
        example = doctest.DocTestParser().get_doctest(block.text, names, str(PAGE), str(PAGE), block.line - 1)
        found = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, clear_globs=False)
        names |= example.globs
        attempted += found.attempted
        assert found.failed == 0
    assert attempted > 15


def test_the_figures_of_the_page_are_those_of_the_formula(page: Path) -> None:
    """A figure is written twice, so it is checked."""
    weights = {part: float(text) for part, text in table(page, "Part", "Weight", "Value").items()}
    assert weights == Formula().document()["weights"]
    assert {name: float(text) for name, text in table(page, "Severity", "Weight").items()} == FIGURES["audit"][
        "severity_weights"
    ]
    takes = {name: float(text) for name, text in table(page, "Severity", "Takes").items() if float(text)}
    assert takes == FIGURES["sca"]["factors"]
    shares = {
        name.replace(" ", "_"): float(text)
        for name, text in table(page, "Figure", "Share of the value", "Counts as").items()
    }
    assert shares == FIGURES["quality"]["weights"]
    grades = {name: float(text.split()[0]) for name, text in table(page, "Grade", "Score").items() if "or more" in text}
    assert grades | {"F": 0} == FIGURES["score"]["grades"]
    gates = table(page, "Gate", "Value")
    assert [float(gates[name]) for name in ("pass", "warn", "fail or unknown")] == [1, 0.5, 0]


def test_the_edges_of_risk_are_those_of_the_formula(page: Path) -> None:
    """Each says the score under which it begins."""
    told = table(page, "Risk", "When; the first that is true")
    said = {risk: float(found[1]) for risk, text in told.items() if (found := re.search(r"score is under (\d+)", text))}
    assert said == FIGURES["score"]["risk"]["score_under"]
    assert f"compliance is under {FIGURES['score']['risk']['compliance_under']} points" in told["critical"]


def test_every_reason_and_every_word_is_explained(page: Path) -> None:
    """A code that nobody explains sends people to the source."""
    reasons = {row[0].strip("`") for row in table_of(page, heading="Reason")}
    assert reasons == {*ABSENT_REASONS.values(), "code_size_missing", "report_failed"}
    text = page.read_text(encoding="utf8")
    assert all(f"`{reason}`" in text for reason in REASONS.values())
    assert {row[0].strip("`") for row in table_of(page, heading="Word")} == set(get_args(Freshness))


def test_what_the_code_cites_is_there(page: Path, repository: Path) -> None:
    """A docstring that names a heading names one that exists."""
    cited = {
        heading
        for path in (repository / "src" / "stillframe" / "health").glob("*.py")
        for heading in re.findall(r'health-score\.md, "([^"]+)"', path.read_text(encoding="utf8"))
    }
    anchors = anchors_in(page.read_text(encoding="utf8"))
    assert cited
    assert {heading for heading in cited if heading.lower().replace(" ", "-") not in anchors} == set()
