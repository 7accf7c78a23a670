"""Where SARIF's results stand: a file by the name that every machine gives it, and the line as far as it is quoted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.capture.reports.logs import location, result, run, the_one

BASES = {
    "ROOT": {"uri": "file:///home/ci/my%20service/"},
    "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
    "LOOP": {"uri": "x/", "uriBaseId": "LOOP"},
    "ODD": 7,
}


@pytest.mark.parametrize(
    ("artifact", "file"),
    [
        ({"uri": "app/a.py"}, "app/a.py"),
        ({"uri": "app/my%20file.py"}, "app/my file.py"),
        ({"uri": "a.py", "uriBaseId": "ROOT"}, "a.py"),
        ({"uri": "a.py", "uriBaseId": "SRC"}, "src/a.py"),
        ({"uri": "a.py", "uriBaseId": "%SRCROOT%"}, "a.py"),
        ({"uri": "a.py", "uriBaseId": "ODD"}, "a.py"),
        ({"uri": "file:///home/ci/my%20service/src/a.py"}, "src/a.py"),
        ({"uri": "file:///elsewhere/a.py", "uriBaseId": "SRC"}, "/elsewhere/a.py"),
        ({"index": 0}, "src/listed.py"),
        ({"index": 9}, None),
        ({}, None),
    ],
)
def test_a_file_is_named_from_its_base(artifact: dict[str, Any], file: str | None) -> None:
    """By address, by base, or by its place in the list; a base that is a folder of one machine is cut off."""
    listed = [{"location": {"uri": "listed.py", "uriBaseId": "SRC"}}]
    given = {name: value for name, value in artifact.items() if name != "uri"}
    one = the_one(
        run(result(locations=[location(artifact.get("uri"), **given)]), originalUriBaseIds=BASES, artifacts=listed)
    )
    assert one.file == file


def test_the_root_counts_before_the_bases() -> None:
    """Whoever names it knows where the project starts; a base may be a folder of it, or one around it."""
    based = result(locations=[location("a.py", uriBaseId="ROOT")])
    absolute = result(locations=[location("file:///home/ci/my%20service/a.py")])
    for one in (based, absolute):
        assert the_one(run(one, originalUriBaseIds=BASES), root="/home/ci").file == "my service/a.py"


def test_a_base_of_itself_ends() -> None:
    """It names some file, and takes no time."""
    one = the_one(run(result(locations=[location("a.py", uriBaseId="LOOP")]), originalUriBaseIds=BASES))
    assert one.file is not None
    assert one.file.endswith("x/a.py")


def test_the_folder_of_work_and_the_root_are_cut_off() -> None:
    """Two machines that checked out the same give its files the same names."""
    absolute = result(locations=[location("file:///builds/7/app/a.py")])
    here = {"executionSuccessful": True, "workingDirectory": {"uri": "file:///builds/7"}}
    assert the_one(run(absolute, invocations=[here])).file == "app/a.py"
    assert the_one(run(absolute), root="/builds/7").file == "app/a.py"
    assert the_one(run(absolute)).file == "/builds/7/app/a.py"


def test_the_line_is_taken_from_what_stands_around_it() -> None:
    """Where the report quotes the lines around a place and not the line."""
    around = location(line=8, snippet=None)
    around["physicalLocation"]["contextRegion"] = {"startLine": 7, "snippet": {"text": "import os\n  run(x)\n\n"}}
    assert the_one(run(result(locations=[around]))).id == the_one(run(result(locations=[location()]))).id


def test_a_result_without_a_file_is_known_by_the_name_of_what_is_there() -> None:
    """Tools that read binaries name classes and methods."""

    def of(name: str) -> Any:
        return the_one(run(result(locations=[{"logicalLocations": [{"fullyQualifiedName": name}]}])))

    assert (of("a.B.c").file, of("a.B.c").line) == (None, None)
    assert of("a.B.c").id != of("a.B.d").id
    assert the_one(run(result(locations=[]))).file is None
    assert the_one(run(result(locations=None))).line is None
