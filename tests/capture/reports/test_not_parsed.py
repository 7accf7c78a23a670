"""Files that a tool could not parse: each is named once, whatever tool it was."""

from __future__ import annotations

from stillframe.capture.reports.not_parsed import NotParsed, findings, in_words

FILES = [NotParsed("/project/b.py", "invalid syntax"), NotParsed("/project/a.py", "no"), NotParsed("a.py", "no")]


def test_each_file_is_a_finding_of_one_id_for_all_tools() -> None:
    """Two tools that stumble over one file have found one thing; where no file is, nothing was looked for."""
    [a, b] = findings(FILES, tool="radon", root="/project") or []
    [also_a, also_b] = findings(FILES, tool="vulture", root="/project") or []
    assert [(a.file, a.part, a.severity, a.rule), b.file] == [("a.py", "quality", "info", "not-parsed"), "b.py"]
    assert (a.id, b.id) == (also_a.id, also_b.id)
    assert a.title == "radon could not parse this file: its figures are without it"
    assert findings([], tool="radon", root=None) is None


def test_a_run_without_any_file_says_why() -> None:
    """The first, and how many more."""
    assert in_words(FILES[:1]) == "it could not parse /project/b.py (invalid syntax)"
    assert in_words(FILES) == "it could not parse /project/b.py (invalid syntax), and 2 more"
