"""The page on semantics: its examples run, and every condition and combinator has one."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from stillframe.rules.grammar import COMBINATORS, CONDITION_KEYS
from tests.docs.documents import blocks_of

PAGE = Path("docs", "reference", "semantics.md")
MODIFIERS = ("direction", "min_abs", "rows", "panel", "on_field", "on_metric", "on_dimension")


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page itself."""
    return repository / PAGE


def run(text: str, *, names: dict[str, object], line: int = 1) -> doctest.TestResults:
    example = doctest.DocTestParser().get_doctest(text, names, str(PAGE), str(PAGE), line - 1)
    runner = doctest.DocTestRunner()
    found = runner.run(example, clear_globs=False)
    names |= example.globs
    return found


def test_every_example_gives_what_the_page_says(page: Path) -> None:
    """Where page and code disagree one of them is a defect, and this finds out that there is one."""
    names: dict[str, object] = {}
    results = [run(block.text, names=names, line=block.line) for block in blocks_of(page, language="python")]
    assert sum(found.attempted for found in results) > 40
    assert sum(found.failed for found in results) == 0


def test_an_example_that_is_wrong_is_found() -> None:
    """A check that cannot fail holds nothing."""
    assert run(">>> 1 + 1\n3\n", names={}).failed == 1


@pytest.mark.parametrize("key", [*CONDITION_KEYS, *COMBINATORS, *MODIFIERS])
def test_every_key_of_the_grammar_has_an_example(page: Path, key: str) -> None:
    """What the grammar knows and the page does not show, nobody will use."""
    shown = "".join(block.text for block in blocks_of(page, language="python"))
    assert re.search(rf'>>> .*"{key}": ', shown)


def test_every_link_within_the_documentation_leads_somewhere(repository: Path) -> None:
    """A page that was moved takes its links along."""
    broken = []
    for source in [repository / "ARCHITECTURE.md", *sorted((repository / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)\s]+)\)", source.read_text(encoding="utf8")):
            path, _, anchor = target.partition("#")
            found = source if not path else (source.parent / path).resolve()
            if "://" in target:
                continue
            if not found.exists() or (anchor and anchor not in anchors(found)):
                broken.append(f"{source.relative_to(repository)}: {target}")
    assert broken == []


def anchors(page: Path) -> set[str]:
    """The anchors that headings have where Markdown is rendered: lower case, dashes for spaces, punctuation gone."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
