"""Every source of a view spec is read once, all at the same time, within their time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from stillframe.capture import Captured, Connection, ViewSpec, capture, parse_view_spec
from stillframe.errors import CaptureRefused, SourceFailed
from tests.capture.specs import PUSH, document


def file_source(path: str, **members: Any) -> dict[str, Any]:
    return {"type": "file", "connection": "data", "path": path, **members}


def spec_of(sources: Mapping[str, Any], **members: Any) -> ViewSpec:
    panels = {name: {"source": name, "kind": "table"} for name in sources}
    return parse_view_spec(document(**{"sources": dict(sources), "panels": panels, **members}))


def read(spec: ViewSpec, folder: Path, *, pushed: Mapping[str, Any] | None = None, seconds: float = 10.0) -> Captured:
    connections = {"data": Connection(name="data", url=str(folder))}
    return capture(spec, connections=connections, pushed=pushed, max_rows=100, source_timeout_seconds=seconds)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three files, one of which is no CSV."""
    tmp_path.joinpath("a.csv").write_text("id,n\nx,1\ny,2\n", encoding="utf8")
    tmp_path.joinpath("b.json").write_text('{"rows": [{"id": 1, "n": 0.5}], "total": 7}', encoding="utf8")
    tmp_path.joinpath("bad.csv").write_text("id,n\nx,1\ny\n", encoding="utf8")
    tmp_path.joinpath("empty.csv").write_text("slug,n\n", encoding="utf8")
    return tmp_path


def test_files_and_a_push_become_one_payload(folder: Path) -> None:
    """Whatever its source, a panel is a panel."""
    spec = spec_of(
        {"a": file_source("a.csv"), "b": file_source("b.json", select="rows"), "feed": PUSH},
        panels={
            "a": {"source": "a", "kind": "table", "rank_by": "n"},
            "b": {"source": "b", "kind": "table"},
            "pushed": {"source": "feed", "kind": "metric"},
        },
    )
    captured = read(spec, folder, pushed={"pushed": 3})
    assert captured.payload.tables["a"].ids == ["y", "x"]
    assert captured.payload.tables["b"].ids == [1]
    assert captured.payload.metrics["pushed"].value == 3
    assert [source["type"] for source in captured.payload.sources] == ["file", "file", "push"]


def test_the_info_counts_rows_and_time_and_stays_outside_the_payload(folder: Path) -> None:
    """Reading slower changes no hash."""
    spec = spec_of({"a": file_source("a.csv"), "feed": PUSH})
    captured = read(spec, folder, pushed={"feed": [{"id": 1}]})
    assert list(captured.info) == ["a", "feed"]
    assert captured.info["a"]["rows"] == 2
    assert captured.info["a"]["milliseconds"] > 0
    assert captured.info["feed"] == {"rows": 1, "milliseconds": 0}
    assert b"milliseconds" not in captured.canonical
    assert read(spec, folder, pushed={"feed": [{"id": 1}]}).content_hash == captured.content_hash


def test_a_table_without_rows_keeps_its_columns(folder: Path) -> None:
    """A file that holds its header only is an empty table with columns and a key."""
    table = read(spec_of({"e": file_source("empty.csv")}), folder).payload.tables["e"]
    assert (table.columns, table.key, list(table.rows)) == (("slug", "n"), "slug", [])


def test_refused_content_names_the_source_and_the_place(folder: Path) -> None:
    """All refused sources are said at once."""
    with pytest.raises(CaptureRefused) as caught:
        read(spec_of({"a": file_source("bad.csv"), "b": file_source("../a.csv")}), folder)
    faults = {fault.path: fault.message for fault in caught.value.faults}
    assert len(faults) == 2
    assert any(path.startswith("$.sources.a") and "3" in path + said for path, said in faults.items())
    assert any(path.startswith("$.sources.b") for path in faults)


def test_a_source_that_fails_is_named(folder: Path) -> None:
    """Of several sources the one that failed is said, before any refusal."""
    with pytest.raises(SourceFailed) as caught:
        read(spec_of({"a": file_source("bad.csv"), "gone": file_source("gone.csv")}), folder)
    assert caught.value.source == "gone"
    assert "the source 'gone' failed: " in caught.value.message


def test_a_connection_that_the_configuration_lost_is_a_failure_of_its_source(folder: Path) -> None:
    """A view spec outlives the configuration that it was written for."""
    with pytest.raises(SourceFailed, match="no connection is named 'data'") as caught:
        capture(spec_of({"a": file_source("a.csv")}), connections={}, pushed=None, max_rows=1, source_timeout_seconds=1)
    assert caught.value.source == "a"


class _Site(ThreadingHTTPServer):
    """A local server that counts what it is asked, and answers after a while where the path says so."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Pages(BaseHTTPRequestHandler):
    server: _Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        time.sleep(float(self.path.rpartition("-")[2] or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        with suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(b'[{"id": 1, "n": 2}]')

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


@pytest.fixture
def site() -> Any:
    """A running local server."""
    server = _Site()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def ask(spec: ViewSpec, site: _Site, *, seconds: float = 10.0) -> Captured:
    connections = {"site": Connection(name="site", url=site.url)}
    return capture(spec, connections=connections, pushed=None, max_rows=100, source_timeout_seconds=seconds)


def page(path: str) -> dict[str, str]:
    return {"type": "http", "connection": "site", "path": path}


def test_a_source_of_two_panels_is_read_once(site: _Site) -> None:
    """Both panels show the same moment."""
    spec = spec_of(
        {"page": page("/page-0")},
        panels={
            "board": {"source": "page", "kind": "table"},
            "top": {"source": "page", "kind": "table", "limit": 1},
            "count": {"source": "page", "kind": "metric", "column": "n"},
        },
    )
    assert ask(spec, site).payload.metrics["count"].value == 2
    assert site.asked == ["/page-0"]


def test_sources_are_read_at_the_same_time(site: _Site) -> None:
    """Four sources of 0.3 s take 0.3 s."""
    spec = spec_of({f"s{n}": page(f"/page-0.3{n}") for n in range(4)})
    started = time.monotonic()
    ask(spec, site)
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(("own", "whole"), [(0.3, 30.0), (10.0, 0.3)])
def test_a_source_that_is_too_slow_is_given_up(site: _Site, own: float, whole: float) -> None:
    """The tighter of the configuration's limit and the view spec's holds."""
    spec = spec_of({"slow": page("/page-5"), "quick": page("/page-0")}, capture_timeout_seconds=whole)
    started = time.monotonic()
    with pytest.raises(SourceFailed, match="the source 'slow' failed") as caught:
        ask(spec, site, seconds=own)
    assert caught.value.source == "slow"
    assert "0.3 s" in caught.value.message
    assert time.monotonic() - started < 2.5


def test_captures_may_run_side_by_side(folder: Path) -> None:
    """The doors call from many threads."""
    spec = spec_of({"a": file_source("a.csv"), "b": file_source("b.json", select="rows")})
    with ThreadPoolExecutor(4) as pool:
        hashes = {found.content_hash for found in pool.map(lambda _: read(spec, folder), range(20))}
    assert len(hashes) == 1
