"""The source `prometheus`: what an instant query answers, as rows of labels with a value, or as one number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stillframe.capture.cells import too_many_rows
from stillframe.capture.deadline import Deadline
from stillframe.capture.http_answer import Answer, ask
from stillframe.capture.interface import Connection, Read
from stillframe.capture.json_text import parse_json
from stillframe.errors import CaptureRefused, Fault, SourceFailed

VALUE = "value"
_QUERY_PATH = "api/v1/query"
_BAD_QUERY = frozenset({"bad_data", "execution"})
_LONGEST_REASON = 300
_MOST_WARNINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusSource:
    """
    One PromQL instant query on a server that speaks Prometheus's HTTP API.

    Shape   A vector gives rows: a column for each label, and `value`. A scalar gives one number. A number that
            JSON has no word for (NaN, infinities) passes here, and is refused with its row.
    Source  https://prometheus.io/docs/prometheus/latest/querying/api/, "Instant queries".
    """

    connection: Connection
    query: str

    def check(self) -> None:
        """Refuse nothing: whether a query is sound the server alone can say."""

    def read(self, *, max_rows: int, seconds: float) -> Read:
        """
        Ask once.

        Errors  CaptureRefused at `$.query` for a query that the server refuses, at `$[ROW]` for a sample that no table
                can hold; SourceFailed for a server that does not answer as the API says.
        """
        deadline = Deadline.after(seconds)
        form = {"query": self.query, "timeout": f"{max(deadline.left_seconds, 0.001):.3f}s"}
        document = _document(ask(self.connection, _QUERY_PATH, deadline=deadline, form=form))
        data = document.get("data")
        kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
        warnings = _warnings(document)
        if kind == "scalar":
            return Read(value=_number(result, "$"), rows=1, warnings=warnings)
        if kind == "vector" and isinstance(result, list):
            if len(result) > max_rows:
                raise too_many_rows(max_rows)
            rows = [_row(sample, f"$[{index}]") for index, sample in enumerate(result)]
            return Read(value=rows, rows=len(rows), warnings=warnings)
        if kind in {"matrix", "string"}:
            raise _refused("$.query", f"the query gives a {kind}; an instant vector or a scalar is needed")
        raise _unlike_the_api()


def _document(answer: Answer) -> Mapping[str, Any]:
    try:
        document = parse_json(answer.body, path="$")
    except CaptureRefused:
        document = None
    if not isinstance(document, dict) or document.get("status") not in {"success", "error"}:
        raise SourceFailed(f"the server answered {answer.status}, and not as Prometheus does")
    if document["status"] == "success":
        return document
    kind, reason = document.get("errorType"), " ".join(str(document.get("error", "")).split())[:_LONGEST_REASON]
    if kind in _BAD_QUERY:
        raise _refused("$.query", f"the server refused the query: {reason}")
    raise SourceFailed(f"the server failed ({str(kind)[:40]}): {reason}")


def _row(sample: object, path: str) -> dict[str, object]:
    labels = sample.get("metric") if isinstance(sample, dict) else None
    if not isinstance(sample, dict) or not isinstance(labels, dict):
        raise _unlike_the_api()
    if VALUE in labels:
        raise _refused(f"{path}.{VALUE}", "a label is called value, as is the sample; rename it with label_replace()")
    if "histogram" in sample:
        raise _refused(f"{path}.{VALUE}", "a native histogram is no number; ask for histogram_quantile() or the like")
    return {**labels, VALUE: _number(sample.get(VALUE), path)}


def _number(pair: object, path: str) -> float:
    match pair:
        case [_, str(text)]:
            try:
                return float(text)
            except ValueError:
                raise _refused(path, f"{text[:40]!r} is no number") from None
        case _:
            raise _unlike_the_api()


def _warnings(document: Mapping[str, Any]) -> tuple[str, ...]:
    stated = [*(document.get("warnings") or []), *(document.get("infos") or [])]
    return tuple(str(warning)[:_LONGEST_REASON] for warning in stated[:_MOST_WARNINGS])


def _unlike_the_api() -> SourceFailed:
    return SourceFailed("the server did not answer as Prometheus's HTTP API says")


def _refused(path: str, message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=path, message=message)])
