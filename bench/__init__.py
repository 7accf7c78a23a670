"""The benchmarks: one file each, one command prints one table, peers side by side."""

from __future__ import annotations

import logging

import structlog

# A table has no room for a line of log for each snapshot.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
