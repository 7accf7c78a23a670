"""Runs real tools over the releases of itsdangerous and keeps what they write, in reports/."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import NO_CONFIGURATION, Figures, figures_of, sample_figures_of

HERE = Path(__file__).resolve().parent
PACKAGE = "itsdangerous"
VERSIONS = ("1.1.0", "2.0.0", "2.0.1", "2.1.0", "2.1.1", "2.1.2", "2.2.0")
SAMPLED = ("2.0.0", "2.1.2", "2.2.0")
"""The releases that --samples writes the other formats of."""
BEFORE = dict(zip(VERSIONS[1:], VERSIONS, strict=False))

RULES = "B,BLE,C90,E,F,I,W"
"""Of ruff, named so that its defaults of the day do not matter; its security rules (S) say what Bandit says already."""
ROOT = "/project"
"""Stands in the reports where a tool wrote the folder of this run."""
HOST = "localhost"
"""Stands in the reports where a tool wrote the name of this machine."""
INDEX = b"https://packages.example/"
"""Stands in the reports where a tool wrote the address of a package index."""
PYTHON = "/usr"
"""Stands in the reports where a tool wrote the folder that Python itself is installed in."""

FINE = {"bandit": {0, 1}, "ruff": {0, 1}, "vulture": {0, 3}}
"""The exit codes with which a tool says that it ran; all but 0 tell that it found something."""
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir=.")

REPORTS: Mapping[str, tuple[str, ...]] = {
    "bandit.json": ("bandit", "--quiet", "--recursive", "src", "--format", "json"),
    "ruff.json": ("ruff", "check", "--isolated", "--no-cache", "--select", RULES, "--output-format", "json", "src"),
    "coverage.json": ("coverage", "json", NO_CONFIGURATION, "-o", "-"),
    "interrogate.txt": ("interrogate", "-v", "--no-color", "--fail-under", "0", f"src/{PACKAGE}"),
    "radon-cc.json": ("radon", "cc", "--json", "src"),
    "radon-raw.json": ("radon", "raw", "--json", "src"),
    "vulture.txt": ("vulture", "src"),
}
"""What the example reads, beside junit.xml and sbom.cdx.json."""
SAMPLES: Mapping[str, tuple[str, ...]] = {
    "bandit.sarif": ("bandit", "--quiet", "--recursive", "src", "--format", "sarif"),
    "ruff.sarif": ("ruff", "check", "--isolated", "--no-cache", "--select", RULES, "--output-format", "sarif", "src"),
    "ruff-security.json": (
        *("ruff", "check", "--isolated", "--no-cache", "--select", "S", "--output-format", "json", "src"),
    ),
    "coverage.xml": ("coverage", "xml", NO_CONFIGURATION, "-o", "-"),
    "coverage.lcov": ("coverage", "lcov", NO_CONFIGURATION, "-o", "-"),
    "interrogate-detail.txt": ("interrogate", "-vv", "--no-color", "--fail-under", "0", f"src/{PACKAGE}"),
    "radon-cc.txt": ("radon", "cc", "-s", "-a", "src"),
    "radon-raw.txt": ("radon", "raw", "-s", "src"),
    "sbom-requirements.cdx.json": ("cyclonedx-py", "requirements", "--spec-version", "1.4", "requirements/tests.txt"),
}
"""The same runs in other formats, and a few variants."""
SEMGREP = (
    *(
        "semgrep",
        "scan",
        "--config",
        "semgrep-rules.yml",
        "--metrics=off",
        "--disable-version-check",
        "--no-git-ignore",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The folder of a run: an environment with the tools, and beside it one folder for each release."""

    folder: Path

    def project(self, version: str) -> Path:
        return self.folder / version / PACKAGE

    def environment(self, version: str) -> Path:
        return self.folder / version / "environment"

    def make_tools(self, name: str, requirements: Path) -> None:
        """Make an environment in which a tool's version is the one that we name."""
        venv.create(self.folder / name, with_pip=True)
        self._pip(name, "install", "--requirement", str(requirements))

    def take_release(self, version: str) -> Path:
        """Download and unpack the source of a release; return the archive."""
        archives = self.folder / version / "archives"
        self._pip(
            "tools",
            *("download", "--no-deps", "--no-binary", PACKAGE, "--dest", str(archives), f"{PACKAGE}=={version}"),
        )
        archive = next(archives.glob("*.tar.gz"))
        with tarfile.open(archive) as source:
            source.extractall(self.folder / version, filter="data")
        (self.folder / version / f"{PACKAGE}-{version}").rename(self.project(version))
        return archive

    def install_release(self, version: str) -> None:
        """Make the environment that a release was tested in: itself, and what its own requirements/tests.txt pins."""
        venv.create(self.environment(version), with_pip=False)
        pinned = self.project(version) / "requirements" / "tests.txt"
        asked = ("--requirement", str(pinned)) if pinned.exists() else ()
        self._pip("tools", *("--python", str(self.environment(version))), "install", f"{PACKAGE}=={version}", *asked)

    def run(self, command: Sequence[str], *, version: str, path: str = "src", tools: str = "tools") -> bytes:
        """Return what a tool writes when it is run inside the folder of a release."""
        done = self.start(command, version=version, path=path, tools=tools)
        if done.returncode not in FINE.get(command[0], {0}):
            sys.exit(f"{version}: {' '.join(command)} ended with {done.returncode}\n{done.stderr.decode()}")
        return done.stdout

    def start(
        self, command: Sequence[str], *, version: str, path: str = "src", tools: str = "tools"
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a tool inside the folder of a release, with nothing of this machine in its environment."""
        programs = self.folder / tools / "bin"
        environment = {
            "COLUMNS": "80",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join((str(programs), os.defpath)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": path,
            "TZ": "UTC",
        }
        line = (str(programs / command[0]), *command[1:])
        return subprocess.run(line, cwd=self.project(version), env=environment, capture_output=True, check=False)

    def neutral(self, written: bytes, *, version: str) -> bytes:
        """Return what a tool wrote without the folders, the machine's name and the package index of this run."""
        written = written.replace(os.fsencode(self.project(version)), ROOT.encode())
        written = written.replace(os.fsencode(self.folder), f"{ROOT}/..".encode())
        written = written.replace(os.fsencode(sys.base_prefix), PYTHON.encode())
        written = written.replace(f'hostname="{socket.gethostname()}"'.encode(), f'hostname="{HOST}"'.encode())
        return re.sub(rb"https://pypi\.[a-z]+/", INDEX, written)

    def _pip(self, name: str, *arguments: str) -> None:
        line = (str(self.folder / name / "bin" / "python"), "-m", "pip", "--quiet", *arguments)
        subprocess.run(line, check=True)


def reports_of(bench: Bench, version: str) -> dict[str, bytes]:
    """Return the reports that the example reads, by file name; the tests run first and leave coverage behind."""
    bench.run(
        (
            "coverage",
            "run",
            NO_CONFIGURATION,
            "--branch",
            f"--source=src/{PACKAGE}",
            "-m",
            *PYTEST,
            "--junitxml=junit.xml",
        ),
        version=version,
    )
    found = {name: bench.run(command, version=version) for name, command in REPORTS.items()}
    found["junit.xml"] = (bench.project(version) / "junit.xml").read_bytes()
    interpreter = str(bench.environment(version) / "bin" / "python")
    found["sbom.cdx.json"] = bench.run(
        ("cyclonedx-py", "environment", "--output-reproducible", interpreter), version=version
    )
    return found


def samples_of(bench: Bench, version: str) -> dict[str, bytes]:
    """
    Return the same release in the formats that the example does not read.

    `junit-failing.xml` comes from the release's tests over the source of the release before it, so that tests fail.
    """
    found = {name: bench.run(command, version=version) for name, command in SAMPLES.items()}
    source = str(bench.project(BEFORE[version]) / "src")
    bench.start((*PYTEST, "--junitxml=failing.xml"), version=version, path=source)
    found["junit-failing.xml"] = (bench.project(version) / "failing.xml").read_bytes()
    shutil.copy(HERE / "semgrep-rules.yml", bench.project(version))
    for form in ("json", "sarif"):
        line = (*SEMGREP, f"--{form}", "--dataflow-traces", "src")
        found[f"semgrep.{form}"] = bench.run(line, version=version, tools="semgrep")
    return found


def keep(bench: Bench, folder: Path, version: str, *, found: Mapping[str, bytes]) -> None:
    """Write the reports of a release into their folder, which holds nothing else afterwards."""
    place = folder / version
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name, written in found.items():
        (place / name).write_bytes(bench.neutral(written, version=version))


def keep_licences(bench: Bench, folder: Path) -> None:
    """Write the licence of the source that the reports quote beside them; 1.1.0 words the same one differently."""
    shutil.copyfile(bench.project("1.1.0") / "LICENSE.rst", folder / "LICENSE-1.1.0.rst")
    shutil.copyfile(bench.project("2.2.0") / "LICENSE.txt", folder / "LICENSE.txt")


def write_json(path: Path, document: object) -> None:
    """Write a document as people read it."""
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf8")


def main() -> None:
    """Make everything again in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, metavar="FOLDER", help="write the other formats as well, into FOLDER")
    wanted: Path | None = parser.parse_args().samples
    figures: dict[str, Figures] = {}
    sample_figures: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder=Path(folder).resolve())
        bench.make_tools("tools", HERE / "tools.txt")
        if wanted:
            bench.make_tools("semgrep", HERE / "semgrep.txt")
        for version in VERSIONS:
            print(version, file=sys.stderr, flush=True)
            archive = bench.take_release(version)
            bench.install_release(version)
            keep(bench, HERE / "reports", version, found=reports_of(bench, version))
            figures[version] = figures_of(bench, version, archive=archive, rules=RULES)
            if wanted and version in SAMPLED:
                keep(bench, wanted, version, found=samples_of(bench, version))
                sample_figures[version] = sample_figures_of(bench, version, semgrep=(*SEMGREP, "--text", "src"))
        keep_licences(bench, HERE / "reports")
        if wanted:
            keep_licences(bench, wanted)
    write_json(HERE / "figures.json", figures)
    if wanted:
        write_json(wanted / "figures.json", sample_figures)


if __name__ == "__main__":
    main()
