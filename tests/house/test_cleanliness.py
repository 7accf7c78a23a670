"""Nothing is committed that belongs to one machine, one registry or one secret; no exemption goes without a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

TEXT_BYTES_MOST = 2_000_000
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|home/\w+|Users/\w+|tmp)/[\w.-]+")
REGISTRY = re.compile(
    r"(?:pypi|pythonhosted|npmjs|registry\.[\w.]+)\.(?:org|com)/(?:simple|packages|pypi/simple)|--(?:extra-)?index-url|--find-links"
    r"|registry\.npmjs\.org|\"resolved\": *\"\w+://"
)
SECRET = re.compile(
    r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bap]-\d{6,}"
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError|for now|simplified|placeholder|stub)\b")
EXEMPTION = re.compile(r"#\s*(?:type: ignore|noqa|pragma: no cover)\b")
EXEMPTION_WITH_REASON = re.compile(
    r"#\s*(?:type: ignore\[[\w, -]+\]|noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|pragma: no cover)\s+(?:#|-|—|–)?\s*\w{2,}.*\w"
)
FOLDERS_WITH_EXAMPLE_PATHS = {"tests"}


def read_text(path: Path) -> str:
    return path.read_text(encoding="utf8", errors="replace") if path.stat().st_size <= TEXT_BYTES_MOST else ""


def find(pattern: re.Pattern[str], files: tuple[Path, ...], *, root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number} {line.strip()}"
        for path in files
        if path != Path(__file__).resolve()
        for number, line in enumerate(read_text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_one_machine_is_committed(tracked: tuple[Path, ...], repository: Path) -> None:
    """What names somebody's home folder works in that home only."""
    outside_tests = tuple(
        path for path in tracked if path.relative_to(repository).parts[0] not in FOLDERS_WITH_EXAMPLE_PATHS
    )
    assert find(MACHINE_PATH, outside_tests, root=repository) == []


def test_no_registry_address_is_committed(tracked: tuple[Path, ...], repository: Path) -> None:
    """Where packages come from is each machine's own setting."""
    ours = tuple(path for path in tracked if path.name != "Makefile")
    assert find(REGISTRY, ours, root=repository) == []


def test_no_secret_is_committed(tracked: tuple[Path, ...], repository: Path) -> None:
    """What was pushed once is known for ever."""
    assert find(SECRET, tracked, root=repository) == []


def test_no_source_is_left_unfinished(tracked: tuple[Path, ...], repository: Path) -> None:
    """A note to oneself in the source is a debt that nobody else can see."""
    source = tuple(path for path in tracked if path.is_relative_to(repository / "src") and path.suffix == ".py")
    assert find(UNFINISHED, source, root=repository) == []


def test_every_exemption_gives_its_reason(tracked: tuple[Path, ...], repository: Path) -> None:
    """Who switches a check off says why, on the same line."""
    bare = [
        row
        for row in find(EXEMPTION, tuple(path for path in tracked if path.suffix == ".py"), root=repository)
        if not EXEMPTION_WITH_REASON.search(row)
    ]
    assert bare == []


@pytest.mark.parametrize("lock", ["runtime.txt", "build.txt", "dev.txt", "bench.txt"])
def test_every_locked_package_carries_its_hashes(repository: Path, lock: str) -> None:
    """A lock without hashes is a wish."""
    text = (repository / "requirements" / lock).read_text(encoding="utf8")
    pins = re.findall(r"(?m)^[a-z][\w.-]*==(?:.*\\\n)+.*", text)
    assert pins
    assert len(pins) == len(re.findall(r"(?m)^[a-z]", text))
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_locks_agree_on_every_version(repository: Path) -> None:
    """One environment takes all of them, so a package has one version for each Python in every lock."""
    agreed: dict[str, set[str]] = {}
    for lock in sorted((repository / "requirements").glob("*.txt")):
        here: dict[str, set[str]] = {}
        for name, version in re.findall(r"(?m)^([a-z][\w.-]*)==([\w.+-]+)", lock.read_text(encoding="utf8")):
            here.setdefault(name, set()).add(version)
        for name, versions in here.items():
            assert agreed.setdefault(name, versions) == versions, f"{lock.name} has another {name}"


def test_the_npm_lock_pins_by_content(repository: Path) -> None:
    """The independent verifier is the one that was looked at."""
    lock = json.loads((repository / "tests" / "npm" / "package-lock.json").read_text(encoding="utf8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/standardwebhooks" in packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATH, "cd /home/somebody/project"),
        (MACHINE_PATH, 'open("/tmp/x.json")'),
        (REGISTRY, "--index-url https://example.org/simple"),
        (REGISTRY, '"resolved": "https://example.org/a.tgz"'),
        (SECRET, "-----BEGIN PRIVATE KEY-----"),
        (UNFINISHED, "x = 1  # TODO later"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    """A check that can find nothing finds nothing."""
    assert pattern.search(line)


@pytest.mark.parametrize(
    ("line", "reasoned"),
    [
        ("x = y  # type: ignore[attr-defined]", False),
        ("x = y  # type: ignore[attr-defined]  # because the library hides it", True),
        ("x = y  # noqa: S608", False),
        ("x = y  # noqa: S608, B008  # the name was checked above", True),
        ("x = y  # noqa", False),
    ],
)
def test_an_exemption_is_told_from_a_reasoned_one(line: str, reasoned: bool) -> None:
    """A reason is words after the code, not the code."""
    assert bool(EXEMPTION_WITH_REASON.search(line)) is reasoned
