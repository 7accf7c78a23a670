"""What is deployed to watch Stillframe fits what it says of itself: a real Prometheus reads it and asks everything."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from stillframe.flows.exposition import exposition
from tests.api.cast import PUSHED_SPEC, House, open_house, push, swapped
from tests.api.servers import running

METRIC = re.compile(r"\b(?:stillframe|process)_[a-z_]+\b")
NO_METRICS = {"stillframe_worker"}
SUFFIXES = ("_total", "_bucket", "_count", "_sum")
PANEL_TYPES = {"row", "stat", "table", "timeseries"}
READY_SECONDS = 40.0


@pytest.fixture(scope="module")
def rules(repository: Path) -> Path:
    """The alert rules."""
    return repository / "deploy" / "prometheus" / "alerts.yaml"


@pytest.fixture(scope="module")
def alerts(rules: Path) -> list[dict[str, Any]]:
    """Each alert with its expression."""
    (group,) = YAML(typ="safe").load(rules.read_text(encoding="utf8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.fixture(scope="module")
def board(repository: Path) -> dict[str, Any]:
    """The Grafana dashboard."""
    text = (repository / "deploy" / "grafana" / "stillframe.json").read_text(encoding="utf8")
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[House]:
    """An installation that has taken two snapshots and told a persona."""
    with open_house(tmp_path) as house:
        board = house.made("alice", "/api/dashboards", {"view_spec_json": PUSHED_SPEC})["id"]
        house.made("alice", "/api/personas", {"slug": "alice"})
        house.made("alice", f"/api/dashboard/{board}/snapshot", push())
        asked = {"subscriber_kind": "persona", "subscriber_id": "alice", "threshold_json": {"any_change": True}}
        house.made("alice", f"/api/dashboard/{board}/subscriptions", asked)
        house.made("alice", f"/api/dashboard/{board}/snapshot", push(swapped()))
        yield house


def targets(board: Mapping[str, Any]) -> list[str]:
    """Every query of the dashboard, as Grafana would send it."""
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    return [expr.replace("$job", ".*").replace("$__rate_interval", "1m") for expr in found]


def expressions(board: Mapping[str, Any], alerts: list[dict[str, Any]]) -> list[str]:
    """Every query that anything here asks."""
    return [*targets(board), *(alert["expr"] for alert in alerts)]


def exposed(house: House) -> set[str]:
    """The names of every metric that is exposed, whether it has a sample yet or not."""
    families = text_string_to_metric_families(exposition(house.services).decode())
    return {family.name for family in families}


def named(text: str) -> set[str]:
    """The families that a query or a page speaks of."""
    found = set(METRIC.findall(text)) - NO_METRICS
    return {name.removesuffix(next((end for end in SUFFIXES if name.endswith(end)), "")) for name in found}


def test_every_figure_that_is_asked_for_is_exposed(
    watched: House, board: dict[str, Any], alerts: list[dict[str, Any]]
) -> None:
    """A panel over a metric that was renamed is an empty panel, and an alert over it never fires."""
    asked = set().union(*map(named, expressions(board, alerts)))
    assert asked - exposed(watched) == set()
    assert len(asked) > 15


def test_every_figure_of_ours_is_shown(watched: House, board: dict[str, Any]) -> None:
    """What is counted and shown nowhere is not counted for anybody."""
    ours = {name for name in exposed(watched) if name.startswith("stillframe_")}
    assert ours - set().union(*map(named, targets(board))) == set()


def test_the_page_explains_every_figure_and_every_alert(
    watched: House, repository: Path, alerts: list[dict[str, Any]]
) -> None:
    """Whoever is woken by one finds what it means."""
    page = (repository / "docs" / "howto" / "watch-stillframe.md").read_text(encoding="utf8")
    ours = {name for name in exposed(watched) if name.startswith("stillframe_")}
    assert ours - named(page) == set()
    assert {alert["alert"] for alert in alerts} - set(re.findall(r"`(Stillframe\w+)`", page)) == set()


def test_the_dashboard_is_one_that_grafana_loads(board: dict[str, Any]) -> None:
    """Panels have their own ids and places, and every query goes to the data source that the viewer chooses."""
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {panel["type"] for panel in panels} == PANEL_TYPES
    assert board["schemaVersion"] >= 36
    assert {one["name"]: one["type"] for one in board["templating"]["list"]} == {
        "datasource": "datasource",
        "job": "query",
    }
    source = {"type": "prometheus", "uid": "${datasource}"}
    drawn = [panel for panel in panels if panel["type"] != "row"]
    for panel in drawn:
        assert panel["datasource"] == source
        assert panel["title"]
        assert panel["description"]
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs) > 0
        assert all(target["datasource"] == source for target in panel["targets"])
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_every_alert_says_what_is_lost_and_how_bad_it_is(alerts: list[dict[str, Any]]) -> None:
    """An alert without a word of what to do wakes somebody for nothing."""
    for alert in alerts:
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert alert["annotations"]["summary"]
        assert len(alert["annotations"]["description"]) > 40
        assert alert["alert"].startswith("Stillframe")


@pytest.mark.needs("promtool")
def test_promtool_accepts_the_rules_and_the_example(repository: Path) -> None:
    """What Prometheus refuses to load watches nothing."""
    folder = repository / "deploy" / "prometheus"
    for command in (["check", "rules", "alerts.yaml"], ["check", "config", "--syntax-only", "prometheus.yaml"]):
        done = subprocess.run(["promtool", *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


FIRES: tuple[tuple[str, str, list[tuple[str, str]]], ...] = (
    ("StillframeNotSending", "3m", [("stillframe_sending", "0x10")]),
    ("StillframeOutboxOld", "20m", [('stillframe_outbox_oldest_due_age_seconds{channel="webhook"}', "0+60x30")]),
    ("StillframeWorkerGone", "3m", [("stillframe_workers", "0x10")]),
    ("StillframeWorkerSilent", "3m", [("stillframe_worker_beat_age_seconds", "31+60x10")]),
    (
        "StillframeOutboxGrows",
        "40m",
        [
            ('stillframe_outbox_depth{channel="webhook",state="pending",instance="a"}', "900+20x60"),
            ('stillframe_outbox_depth{channel="webhook",state="pending",instance="b"}', "900+20x60"),
        ],
    ),
    (
        "StillframeDeliveriesFail",
        "30m",
        [
            ('stillframe_deliveries_total{channel="webhook",outcome="again"}', "0+60x60"),
            ('stillframe_deliveries_total{channel="webhook",outcome="sent"}', "0+20x60"),
        ],
    ),
    (
        "StillframeDeliveriesGivenUp",
        "10m",
        [('stillframe_deliveries_total{channel="webhook",outcome="gave_up"}', "0+1x60")],
    ),
    (
        "StillframeCapturesFail",
        "70m",
        [
            ('stillframe_captures_total{outcome="source_failed"}', "0+6x90"),
            ('stillframe_captures_total{outcome="good"}', "0+2x90"),
        ],
    ),
    ("StillframeStoreWritesFail", "8m", [("stillframe_store_write_errors_total", "0+1x20")]),
    ("StillframeStoreUnreadable", "3m", [("stillframe_store_up", "0x20")]),
    ("StillframeFaults", "20m", [('stillframe_http_requests_total{method="GET",route="/x",status="5xx"}', "0+2x30")]),
    ("StillframeDown", "3m", [('up{job="stillframe",instance="a"}', "0x20")]),
)
"""What each alert must fire at: minutes after which it does, and series that grow by the minute."""
WELL = [
    ('stillframe_outbox_oldest_due_age_seconds{channel="webhook"}', "2x90"),
    ("stillframe_sending", "1x90"),
    ("stillframe_workers", "1x90"),
    ("stillframe_worker_beat_age_seconds", "4x90"),
    ('stillframe_outbox_depth{channel="webhook",state="pending"}', "3x90"),
    ('stillframe_deliveries_total{channel="webhook",outcome="sent"}', "0+60x90"),
    ('stillframe_deliveries_total{channel="webhook",outcome="again"}', "0+5x90"),
    ('stillframe_captures_total{outcome="good"}', "0+4x90"),
    ('stillframe_captures_total{outcome="source_failed"}', "0+1x90"),
    ("stillframe_store_write_errors_total", "3x90"),
    ("stillframe_store_up", "1x90"),
    ('stillframe_http_requests_total{method="GET",route="/x",status="2xx"}', "0+200x90"),
    ('up{job="stillframe"}', "1x90"),
]
"""A house where things go as they go: a receiver fails now and then, a source too."""


@pytest.mark.needs("promtool")
def test_each_alert_fires_at_what_it_is_for_and_none_where_all_is_well(
    tmp_path: Path, rules: Path, alerts: list[dict[str, Any]]
) -> None:
    """An alert that never fires is worse than none, and one that always does is no better."""
    assert [name for name, _, _ in FIRES] == [alert["alert"] for alert in alerts]
    fires = [
        {
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in given],
            "promql_expr_test": [
                {"expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}})', "eval_time": at,
                 "exp_samples": [{"labels": "{}", "value": 1}]}
            ],
        }
        for name, at, given in FIRES
    ]  # fmt: skip
    well = {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in WELL],
        "promql_expr_test": [{"expr": "count(ALERTS)", "eval_time": "85m", "exp_samples": []}],
    }
    file = tmp_path / "tests.json"
    file.write_text(json.dumps({"rule_files": [str(rules)], "tests": [*fires, well]}), encoding="utf8")
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def prometheus(folder: Path, *, port: int, token: str) -> Iterator[str]:
    """A real Prometheus that scrapes a server on this machine every second; its address."""
    (folder / "token").write_text(token, encoding="utf8")
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {
                "job_name": "stillframe",
                "authorization": {"credentials_file": str(folder / "token")},
                "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
            }
        ],
    }
    (folder / "prometheus.json").write_text(json.dumps(config), encoding="utf8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = listener.getsockname()[1]
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder / 'prometheus.json'}",
            f"--storage.tsdb.path={folder / 'series'}",
            f"--web.listen-address=127.0.0.1:{own}",
            "--log.level=error",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{own}"
    finally:
        process.terminate()
        process.wait(20)


def query(address: str, expression: str) -> list[Any]:
    """What Prometheus answers to an expression."""
    asked = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"{address}/api/v1/query?{asked}", timeout=10) as answer:
        document = json.loads(answer.read())
    assert document["status"] == "success", document
    result: list[Any] = document["data"]["result"]
    return result


def eventually(ask: Callable[[], list[Any]]) -> list[Any]:
    """What is answered once there is something to answer."""
    give_up_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up_at:
        try:
            if found := ask():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("Prometheus had nothing to say")


@pytest.mark.needs("prometheus")
def test_a_real_prometheus_reads_a_real_server_and_understands_every_question(
    watched: House, board: dict[str, Any], alerts: list[dict[str, Any]], tmp_path: Path
) -> None:
    """The token of the scraper only reads; what the server counted is what Prometheus answers."""
    made = watched.made("admin", "/api/tokens", {"label": "prometheus", "scopes": ["read"]})
    with running(watched.app) as port, prometheus(tmp_path, port=port, token=made["token"]) as address:
        (up,) = eventually(lambda: query(address, 'up{job="stillframe"} == 1'))
        assert up["value"][1] == "1"
        (good,) = eventually(lambda: query(address, 'stillframe_captures_total{outcome="good"}'))
        assert good["value"][1] == "2"
        for expression in expressions(board, alerts):
            query(address, expression)
