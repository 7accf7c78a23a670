"""The page on semantics: its examples run, and every condition and combinator has one."""

from __future__ import annotations

import doctest
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillframe.model.scope import DIMENSIONS, SCOPE_KINDS
from stillframe.model.snapshot import SnapshotRecord
from stillframe.model.view import seen_record
from stillframe.rules.grammar import COMBINATORS, CONDITION_KEYS
from tests.docs.documents import anchors_in, blocks_of, table_of

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


def test_every_member_of_a_record_is_explained(page: Path) -> None:
    """Evidence with a member that nobody explains proves less than it could."""
    said = {name for row in table_of(page, heading="Member") for name in re.findall(r"`(\w+)`", row[0])}
    record = SnapshotRecord(
        id="s-1",
        dashboard_id="d-1",
        sequence=1,
        parent_snapshot_id=None,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        as_of=datetime(2026, 1, 1, tzinfo=UTC),
        initiator="alice",
        trigger_source="api",
        content_hash="ab",
        view_spec_hash="cd",
        capture_status="good",
    )
    assert seen_record(record, view_hash=None).keys() - said == {"id", "dashboard_id", "sequence"}


def test_every_dimension_and_scope_is_named(page: Path) -> None:
    """A reader of a summary's schema finds each of its words here."""
    text = page.read_text(encoding="utf8")
    assert [name for name in (*SCOPE_KINDS, *DIMENSIONS) if f"`{name}`" not in text] == []


def test_every_place_that_the_code_cites_is_on_the_page(repository: Path, page: Path) -> None:
    """A docstring that sends its reader to a section that is gone sends them nowhere."""
    headings = set(re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf8")))
    lost = []
    for source in sorted((repository / "src").rglob("*.py")):
        text = source.read_text(encoding="utf8")
        for cited in re.findall(r'docs/reference/semantics\.md, ("[^"]+"(?:(?:, | and )"[^"]+")*)', text):
            lost += [f"{source.name}: {name}" for name in re.findall(r'"([^"]+)"', cited) if name not in headings]
    assert lost == []


def test_every_page_that_the_code_names_exists(repository: Path) -> None:
    """A page is named in docstrings by its path from the top."""
    named = {
        (source.name, page)
        for source in sorted((repository / "src").rglob("*.py"))
        for page in re.findall(r"docs/[\w/.-]+\.(?:md|json)", source.read_text(encoding="utf8"))
    }
    assert [found for found in sorted(named) if not (repository / found[1]).exists()] == []


_BLOCKS = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
"""What stands in a block is shown, not linked."""


def test_every_link_within_the_documentation_leads_somewhere(repository: Path) -> None:
    """A page that was moved takes its links along."""
    broken = []
    for source in [repository / "ARCHITECTURE.md", *sorted((repository / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\(([^)\s]+)\)", _BLOCKS.sub("", source.read_text(encoding="utf8"))):
            path, _, anchor = target.partition("#")
            found = source if not path else (source.parent / path).resolve()
            if "://" in target:
                continue
            if not found.exists() or (anchor and anchor not in anchors_in(found.read_text(encoding="utf8"))):
                broken.append(f"{source.relative_to(repository)}: {target}")
    assert broken == []
