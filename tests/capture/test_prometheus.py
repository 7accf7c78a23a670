"""
The source `prometheus` against a real local server that answers as Prometheus's HTTP API is documented.

The shapes are those of https://prometheus.io/docs/prometheus/latest/querying/api/ ("Format overview", "Instant
queries", "Expression query result formats").
"""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qs

import pytest

from stillframe.capture.interface import Connection, Read
from stillframe.capture.prometheus import PrometheusSource
from stillframe.errors import CaptureRefused, SourceFailed
from tests.capture.answering import Said, Server, answering, closed_port

QUERY = "sum by (job) (up)"


def ask(server: Server, *, query: str = QUERY, max_rows: int = 100) -> Read:
    connection = Connection(name="metrics", url=f"{server.url}/prometheus")
    return PrometheusSource(connection=connection, query=query).read(max_rows=max_rows, seconds=5)


def answer(document: Any, *, max_rows: int = 100, status: int = 200) -> Read:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with answering(lambda _: Said(body=body, status=status)) as server:
        return ask(server, max_rows=max_rows)


def success(kind: str, result: Any, **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


def sample(text: str = "1", **labels: str) -> dict[str, Any]:
    return {"metric": labels, "value": [1435781451.781, text]}


def test_the_query_is_sent_as_a_form_under_the_root() -> None:
    """A long query has no room in a URL; the server is told how long we wait."""
    with answering(lambda _: Said(body=json.dumps(success("scalar", [1.0, "1"])).encode())) as server:
        ask(server, query="up{job=~'a+b&c'}")
    [asked] = server.asked
    form = parse_qs(asked.body.decode())
    assert (asked.method, asked.target) == ("POST", "/prometheus/api/v1/query")
    assert form["query"] == ["up{job=~'a+b&c'}"]
    assert 4 < float(form["timeout"][0].removesuffix("s")) <= 5


def test_a_vector_gives_rows_of_labels_with_a_value() -> None:
    """Each sample is a row, in the order of the answer."""
    read = answer(success("vector", [sample("1", __name__="up", job="a"), sample("0.25", job="b")]))
    assert read.value == [{"__name__": "up", "job": "a", "value": 1.0}, {"job": "b", "value": 0.25}]
    assert read.rows == 2


def test_a_scalar_gives_one_number_and_an_empty_vector_no_rows() -> None:
    """Nothing found is not zero."""
    assert answer(success("scalar", [1435781451.781, "15025"])) == Read(value=15025.0, rows=1)
    assert answer(success("vector", [])) == Read(value=[], rows=0)


def test_warnings_and_infos_are_kept() -> None:
    """A partial answer is an answer, and says that it is partial."""
    read = answer(success("vector", [], warnings=["one shard is down"], infos=["not a counter"]))
    assert read.warnings == ("one shard is down", "not a counter")


def test_what_json_has_no_number_for_passes_to_whoever_knows_the_row() -> None:
    """NaN is refused with panel, row and field, which are not known here."""
    read = answer(success("vector", [sample("NaN"), sample("+Inf"), sample("-Inf")]))
    values = [row["value"] for row in read.value]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize(
    ("document", "path", "says"),
    [
        (success("vector", [sample(), sample("1", value="x")]), "$[1].value", "label_replace"),
        (success("vector", [{"metric": {}, "histogram": [1, {"count": "1"}]}]), "$[0].value", "histogram"),
        (success("vector", [sample("many")]), "$[0]", "no number"),
        (success("matrix", []), "$.query", "matrix"),
        (success("string", [1.0, "x"]), "$.query", "string"),
        ({"status": "error", "errorType": "bad_data", "error": "parse error"}, "$.query", "parse error"),
        ({"status": "error", "errorType": "execution", "error": "many-to-many"}, "$.query", "many-to-many"),
    ],
)
def test_what_no_table_can_hold_is_refused_with_its_place(document: Any, path: str, says: str) -> None:
    """The query can be mended, so its author is told where."""
    with pytest.raises(CaptureRefused, match=says) as refusal:
        answer(document, status=200 if document["status"] == "success" else 422)
    assert [fault.path for fault in refusal.value.faults] == [path]


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"status": "error", "errorType": "timeout", "error": "query timed out"}, 503),
        ({"status": "error", "errorType": "unavailable", "error": "starting"}, 503),
        (b"<html>login</html>", 200),
        (b"not found", 404),
        ({"status": "success"}, 200),
        ({"status": "success", "data": []}, 200),
        (success("vector", None), 200),
        (success("vector", [1]), 200),
        (success("scalar", []), 200),
        (success("cube", []), 200),
        ([], 200),
    ],
)
def test_a_server_that_answers_otherwise_is_a_failed_source(document: Any, status: int) -> None:
    """Another server, a login page, or Prometheus in trouble: not the data's fault."""
    with pytest.raises(SourceFailed):
        answer(document, status=status)


def test_one_row_too_many_is_refused() -> None:
    """A label with many values makes many rows."""
    result = [sample(job="a"), sample(job="b")]
    assert answer(success("vector", result), max_rows=2).rows == 2
    with pytest.raises(CaptureRefused, match="at most 1 are taken"):
        answer(success("vector", result), max_rows=1)


def test_a_server_that_is_down_is_a_failed_source() -> None:
    """As for any HTTP source."""
    with pytest.raises(SourceFailed, match="not reachable"):
        ask(Server(url=f"http://127.0.0.1:{closed_port()}", asked=[]))
