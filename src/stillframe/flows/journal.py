"""The log of a process that works by itself: one JSON object a line, each with the request that it belongs to."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor


def keep_journal(*, for_good: bool = False) -> None:
    """
    Write the log to stderr, one JSON object a line; what libraries say, from warnings up, goes there too.

    A traceback names what was called, never what a frame held: frames hold secrets.

    Shape   `for_good`: the process does nothing else until it ends, so loggers are made once, which is faster.
    """
    marks: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    _keep_libraries(marks)
    structlog.configure(
        processors=[*marks, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.BytesLogger(sys.stderr.buffer),
        cache_logger_on_first_use=for_good,
    )


def _keep_libraries(marks: Sequence[Processor]) -> None:
    """Let the lines of the standard library's loggers look like ours."""
    handler = logging.StreamHandler(sys.stderr)
    render = structlog.processors.JSONRenderer(serializer=_json_text)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[remove, render], foreign_pre_chain=[structlog.stdlib.add_logger_name, *marks]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def _json_text(document: object, **options: Any) -> str:  # noqa: ANN401  # because structlog hands on what orjson takes
    return orjson.dumps(document, **options).decode()


def request_id() -> str | None:
    """Return the id of the request that this thread works for; None where it works for none."""
    found = structlog.contextvars.get_contextvars().get("request_id")
    return None if found is None else str(found)
