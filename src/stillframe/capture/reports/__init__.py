"""Report files of other tools, each format in one file: recognised by content, bounded, read into plain facts."""

from __future__ import annotations

from typing import Final

from stillframe.capture.reports.bandit import Bandit
from stillframe.capture.reports.cobertura import CoberturaXml
from stillframe.capture.reports.coverage_json import CoverageJson
from stillframe.capture.reports.cyclonedx import CycloneDx
from stillframe.capture.reports.documents import MOST_FINDINGS
from stillframe.capture.reports.gate import GateReport
from stillframe.capture.reports.grype import Grype
from stillframe.capture.reports.interface import MOST_BYTES, ReportReader
from stillframe.capture.reports.interrogate import InterrogateText
from stillframe.capture.reports.junit import JunitXml
from stillframe.capture.reports.lcov import LcovTracefile
from stillframe.capture.reports.osv_scanner import OsvScanner
from stillframe.capture.reports.pip_audit import PipAudit
from stillframe.capture.reports.radon import RadonJson
from stillframe.capture.reports.radon_text import RadonText
from stillframe.capture.reports.recognising import read_with
from stillframe.capture.reports.ruff import Ruff
from stillframe.capture.reports.sarif import Sarif
from stillframe.capture.reports.scorecard import Scorecard
from stillframe.capture.reports.semgrep import Semgrep
from stillframe.capture.reports.spdx import Spdx
from stillframe.capture.reports.summary import SummaryReport
from stillframe.capture.reports.trivy import Trivy
from stillframe.capture.reports.vulture import VultureText
from stillframe.model.facts import ReportFacts

READERS: Final[tuple[ReportReader, ...]] = (
    SummaryReport(),
    Sarif(),
    Bandit(),
    Ruff(),
    Semgrep(),
    CycloneDx(),
    Spdx(),
    Trivy(),
    Grype(),
    Scorecard(),
    PipAudit(),
    OsvScanner(),
    CoverageJson(),
    CoberturaXml(),
    LcovTracefile(),
    JunitXml(),
    InterrogateText(),
    RadonJson(),
    RadonText(),
    VultureText(),
)
"""In the order in which they are asked; what only looks like another format comes after it."""
OWN_READERS: Final[tuple[ReportReader, ...]] = (GateReport(),)
"""Of what Stillframe itself writes into a snapshot's evidence, and takes from nobody."""


def read_report(name: str, data: bytes, *, root: str | None = None) -> ReportFacts:
    """
    Return what a report says.

    Shape   `name`: what the file is called; it decides nothing but what errors say. `root`: the folder that absolute
            paths in it start from.
    Errors  CaptureRefused naming file, format and position.
    Source  docs/reference/reports.md.
    """
    return read_with(READERS, name, data, root=root, closed=OWN_READERS)


def read_own(name: str, data: bytes) -> ReportFacts:
    """
    Return what a document of our own says that is part of a snapshot's evidence: a release gate's decision.

    Errors  CaptureRefused naming it, and what is wrong where.
    """
    return read_with(OWN_READERS, name, data, root=None)


def reader_versions() -> dict[str, int]:
    """Return the version of every reader by its format, for the formula's digest."""
    return {reader.format: reader.version for reader in READERS}


__all__ = [
    "MOST_BYTES",
    "MOST_FINDINGS",
    "OWN_READERS",
    "READERS",
    "ReportReader",
    "read_own",
    "read_report",
    "reader_versions",
]
