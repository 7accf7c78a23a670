"""Ask a dashboard's sources, or a tool's report file, what they say (window)."""

from stillframe.capture.assemble import Captured, captured_from, decide_status
from stillframe.capture.interface import Connection, Read, Source
from stillframe.capture.json_text import parse_json
from stillframe.capture.reading import capture, check_sources
from stillframe.capture.spec import ViewSpec, parse_view_spec, view_spec_hash, view_spec_schema
from stillframe.capture.summary import Summary, read_summary, summary_schema

__all__ = [
    "Captured",
    "Connection",
    "Read",
    "Source",
    "Summary",
    "ViewSpec",
    "capture",
    "captured_from",
    "check_sources",
    "decide_status",
    "parse_json",
    "parse_view_spec",
    "read_summary",
    "summary_schema",
    "view_spec_hash",
    "view_spec_schema",
]
