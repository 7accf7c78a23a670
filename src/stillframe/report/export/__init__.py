"""Reports of one snapshot or of two, as one document that Markdown and PDF show alike, and as canonical JSON."""

from stillframe.report.export.charting import chart_words
from stillframe.report.export.document import Report
from stillframe.report.export.json_document import Attachment, attachment_of, compare_json, snapshot_json
from stillframe.report.export.markdown import markdown
from stillframe.report.export.reports import Compared, compare_report, snapshot_report

__all__ = [
    "Attachment",
    "Compared",
    "Report",
    "attachment_of",
    "chart_words",
    "compare_json",
    "compare_report",
    "markdown",
    "snapshot_json",
    "snapshot_report",
]
