"""radon's JSON: blocks as its own average counts them, definitions each once, and files that could not be parsed."""

from __future__ import annotations

from typing import Any

import pytest

from stillframe.capture.reports.looking import look_at
from stillframe.capture.reports.radon import MOST_FILES, RadonJson
from stillframe.model.facts import CodeSize, Complexity
from tests.capture.reports.fuzzing import assert_bounded, assert_law
from tests.capture.reports.saying import refusal, said, written

READER = RadonJson()


def block(kind: str, name: str, lineno: int, complexity: int, **members: Any) -> dict[str, Any]:
    known = {"type": kind, "rank": "A", "name": name, "lineno": lineno, "col_offset": 0, "complexity": complexity}
    return {**known, "endline": lineno + 1, **({} if kind == "class" else {"closures": []}), **members}


PUT = block("method", "put", 16, 2, col_offset=4, classname="Till")
CLOSURE = block("function", "coins_of", 40, 4, col_offset=4)
CC = {
    "kiosk/tills.py": [
        block("function", "change", 32, 3, closures=[CLOSURE]),
        block("class", "Till", 7, 2, methods=[PUT]),
        PUT,
        block("function", "wait_for", 57, 1),
    ]
}
LINES = {"loc": 58, "lloc": 42, "sloc": 38, "comments": 0, "multi": 0, "blank": 16, "single_comments": 4}
RAW = {"kiosk/__init__.py": {**LINES, "sloc": 0}, "kiosk/tills.py": LINES}
BROKEN = {"kiosk/broken.py": {"error": "invalid syntax (<unknown>, line 1)"}}


def test_blocks_are_those_of_radons_own_average() -> None:
    """`radon cc -a` of this prints 4 blocks and 2.0; a closure is a definition, and no block of its own."""
    facts = said(READER, CC)
    assert facts.complexity == Complexity(total=8, blocks=4, highest=3)
    assert facts.definitions == 5
    assert (facts.format, facts.tool, facts.findings, facts.code_size) == ("radon.json", "radon", None, None)


def test_a_closure_that_is_shown_too_is_defined_once() -> None:
    """With `--show-closures` it is a block, for radon averages over it as well."""
    shown = {"kiosk/tills.py": [{**CLOSURE, "name": "change.coins_of"}, *CC["kiosk/tills.py"]]}
    facts = said(READER, shown)
    assert (facts.complexity, facts.definitions) == (Complexity(total=12, blocks=5, highest=4), 5)


def test_lines_of_code_are_summed() -> None:
    """`sloc` is what comments and blanks are not."""
    facts = said(READER, RAW)
    assert facts.code_size == CodeSize(lines=38, source="radon")
    assert (facts.complexity, facts.definitions) == (None, None)


@pytest.mark.parametrize("whole", [CC, RAW])
def test_a_file_that_could_not_be_parsed_is_named(whole: dict[str, Any]) -> None:
    """The figures are without it; whoever reads them sees that."""
    facts = said(READER, {**whole, **BROKEN})
    assert facts.failed is None
    [finding] = facts.findings or ()
    assert (finding.file, finding.severity, finding.part) == ("kiosk/broken.py", "info", "quality")
    assert facts.complexity == said(READER, whole).complexity


def test_where_no_file_could_be_parsed_nothing_was_measured() -> None:
    """A complexity of 0 would be the best there is."""
    facts = said(READER, BROKEN)
    assert facts.failed == "it could not parse kiosk/broken.py (invalid syntax (<unknown>, line 1))"
    assert (facts.complexity, facts.definitions, facts.code_size, facts.findings) == (None, None, None, None)


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"a.py": {"mi": 100.0, "rank": "A"}}, "$['a.py']: radon.json: neither blocks nor lines"),
        ({"a.py": [{"type": "function", "lineno": 1}]}, "$['a.py'][0]: radon.json: Object missing required field"),
        ({"a.py": [block("function", "f", 1, -3)]}, "$['a.py'][0].complexity: radon.json: Expected `int` >= 0"),
        ({"a.py": 7}, "$['a.py']: radon.json: Expected `object`, got `int`"),
        (written(CC)[:-9], "byte 862: radon.json: the report is cut off"),
        ({f"{number}.py": [] for number in range(MOST_FILES + 1)}, "radon.json: more than 100,000 files"),
    ],
)
def test_what_is_neither_is_refused_with_its_place(document: Any, what: str) -> None:
    """`radon mi` and `radon hal` have the same files and other figures."""
    assert refusal(READER, document).startswith(
        f"report.json: {what}".replace("byte 862", f"byte {len(written(CC)) - 9}")
    )


@pytest.mark.parametrize("document", [{}, [CC], {"results": []}, {"name": "x", "kind": "unit", "metrics": {"loc": 1}}])
def test_other_documents_are_not_taken_for_it(document: Any) -> None:
    """Nothing in its JSON says radon; it is known by names of files, or by its first block."""
    assert not READER.recognises(look_at(written(document)))
    assert READER.recognises(look_at(written({"script": CC["kiosk/tills.py"]})))


def test_damaged_reports_are_refused_or_read() -> None:
    """Whatever was done to a report, there is an answer or a clear refusal."""
    assert_law(READER, [written({**CC, **BROKEN}), written(RAW)])


def test_no_report_costs_more_memory_than_there_is() -> None:
    """Blocks go by one at a time."""
    assert_bounded(READER, [written(CC)])
