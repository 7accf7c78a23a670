"""The plan of the house is in the code: captions, names, and a test beside every module."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FORBIDDEN_NAMES = {"base", "common", "core", "helper", "helpers", "manager", "managers", "util", "utils"}
MIGRATIONS = Path("store", "migrations")
QUIET_ROOMS = ("errors.py", "model", "diff", "rules", "health", "report")
CLOCKS = {"now", "utcnow", "today"}
QUIET_PACKAGES = {"model": {"orjson", "rfc8785"}, "rules": {"cronsim"}}
QUIET_LIBRARY = {
    "__future__", "abc", "base64", "bisect", "calendar", "collections", "copy", "csv", "dataclasses", "datetime",
    "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "html", "itertools", "json",
    "keyword", "math", "numbers", "operator", "re", "statistics", "string", "struct", "sys", "textwrap", "types",
    "typing", "unicodedata", "zoneinfo",
}  # fmt: skip


def opening(source: Path) -> str:
    return (ast.get_docstring(ast.parse(source.read_text(encoding="utf8"))) or "").split("\n\n")[0]


def imported_packages(source: Path) -> set[str]:
    tree = ast.parse(source.read_text(encoding="utf8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def room_of(source: Path) -> str:
    return source.parts[0]


def captions(house: str) -> dict[str, str]:
    """The caption of each room, as the plan in ARCHITECTURE.md gives it."""
    found: dict[str, str] = {}
    room = ""
    for line in house.splitlines():
        if match := re.match(r"│   [├└]── (\w+)(?:/|\.py) +(.+)", line):
            room = match[1]
            found[room] = match[2]
        elif (match := re.match(r"│   │ {10,}(.+)", line)) and room:
            found[room] += " " + match[1]
        else:
            room = ""
    return {name: re.sub(r"\s+\((quiet|window|hallway)\)", "", text).strip() for name, text in found.items()}


def test_every_module_says_in_one_sentence_what_lives_there(repository: Path, sources: tuple[Path, ...]) -> None:
    """Then a reader may decide not to read it."""
    root = repository / "src" / "stillframe"
    silent = [str(path) for path in sources if not re.search(r"[.:]$", opening(root / path), re.MULTILINE)]
    assert silent == []


def test_no_file_is_named_for_being_useful(tracked: tuple[Path, ...], repository: Path) -> None:
    """A name that fits everything describes nothing."""
    vague = [
        str(path.relative_to(repository))
        for path in tracked
        if FORBIDDEN_NAMES & {Path(part).stem for part in path.relative_to(repository).parts}
    ]
    assert vague == []


def test_every_module_has_a_test_of_the_same_name(repository: Path, sources: tuple[Path, ...]) -> None:
    """Whoever changes a module knows where its test stands."""
    missing = [
        f"tests/{path.with_name(f'test_{path.name}')} for src/stillframe/{path}"
        for path in sources
        if path.name not in {"__init__.py", "__main__.py"}
        and MIGRATIONS not in path.parents
        and not (repository / "tests" / path.with_name(f"test_{path.name}")).exists()
    ]
    assert missing == []


def test_every_test_module_and_test_states_its_principle(repository: Path) -> None:
    """A test whose law nobody wrote down is deleted by the first person it annoys."""
    silent: list[str] = []
    for path in sorted((repository / "tests").rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf8"))
        if not ast.get_docstring(tree):
            silent.append(f"{path.relative_to(repository)}:1")
        silent += [
            f"{path.relative_to(repository)}:{node.lineno} {node.name}"
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name.startswith("test_")
            and not ast.get_docstring(node)
        ]
    assert silent == []


def test_every_room_opens_with_its_caption_from_the_plan(repository: Path) -> None:
    """The plan is also in the code, in the same words."""
    plan = captions((repository / "ARCHITECTURE.md").read_text(encoding="utf8"))
    assert {"model", "diff", "store", "cli"} <= plan.keys()
    told = {
        room: (opening(init).replace("\n", " "), plan.get(room, ""))
        for init in sorted((repository / "src" / "stillframe").glob("*/__init__.py"))
        for room in [init.parent.name]
    }
    assert {room: said for room, (said, _) in told.items() if not _same_words(said, told[room][1])} == {}


def test_quiet_rooms_take_only_what_cannot_be_heard_outside(repository: Path, sources: tuple[Path, ...]) -> None:
    """What a quiet function returns depends on its arguments and on nothing else."""
    root = repository / "src" / "stillframe"
    loud = {
        str(path): sorted(extra)
        for path in sources
        if (room := room_of(path)) in QUIET_ROOMS
        and (extra := imported_packages(root / path) - QUIET_LIBRARY - QUIET_PACKAGES.get(room, set()) - {"stillframe"})
    }
    assert loud == {}


def test_quiet_rooms_never_ask_the_clock(repository: Path, sources: tuple[Path, ...]) -> None:
    """`now` is an argument; a value that reads the clock cannot be tested at another hour."""
    root = repository / "src" / "stillframe"
    asked = [
        f"{path}:{node.lineno}"
        for path in sources
        if room_of(path) in QUIET_ROOMS
        for node in ast.walk(ast.parse((root / path).read_text(encoding="utf8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]
    assert asked == []


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_two_commands(repository: Path, command: str) -> None:
    """A newcomer needs two commands and must not have to look for them."""
    assert command in (repository / "README.md").read_text(encoding="utf8")


def _same_words(said: str, planned: str) -> bool:
    """Whether what is said begins with what was planned, however it is capitalised and punctuated."""

    def words(text: str) -> str:
        return " ".join([*re.findall(r"\w+", text.lower()), ""])

    return bool(planned) and words(said).startswith(words(planned))
