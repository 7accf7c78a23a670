"""The page on channels: its configuration is one, its tables are the code's, and Alertmanager takes its route."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from stillframe.config import Settings
from stillframe.model.calm import IMPORTANCES
from stillframe.report.channel import type_of
from stillframe.report.channel_alerts import LASTS_SECONDS, TEST_LASTS_SECONDS, alerts_of
from stillframe.report.channel_words import ENTRIES_MOST, words_of
from stillframe.report.message import Message
from stillframe.wiring import build_services
from tests.docs.documents import blocks_of, table_of
from tests.report.messages import a_decision, a_message
from tests.report.pictures import CARRIERS
from tests.stories.house import settings_of

KINDS = {"a change": a_message(), "what is over": a_message(kind="resolved"), "a digest": a_message(kind="digest")}


@pytest.fixture(scope="module")
def page(repository: Path) -> Path:
    """The page itself."""
    return repository / "docs" / "howto" / "tell-chat-and-pagers.md"


def test_the_configuration_starts(page: Path, tmp_path: Path) -> None:
    """Every URL of the page is one that its channel can use, and no credential of it is shown."""
    (block,) = blocks_of(page, language="toml")
    document = tomllib.loads(block.text)
    assert Settings.model_validate(document).channels.keys() == {"ops-chat", "pager", "alerts"}
    services = build_services(settings_of(tmp_path, "stillframe.db", **document), create=True)
    assert services.channels["ops-chat"] == frozenset({"team-a"})
    services.close()


def test_the_message_is_the_code_s(page: Path) -> None:
    """What people see is what they were shown."""
    (block,) = blocks_of(page, language="text")
    words = words_of(a_message(), titles=CARRIERS)
    assert block.text == f"{words.title}\n\n{words.text}\n"
    assert f"({ENTRIES_MOST} without it)" in page.read_text("utf8")


def test_the_table_of_types_is_the_code_s(page: Path) -> None:
    """A pager's owner sets it up by this table."""
    rows = table_of(page, heading="Message")
    *changes, decided = rows
    found = {
        (kind, importance): said.strip("`")
        for kind, importances, said in changes
        for importance in (IMPORTANCES if importances == "any" else importances.split(", "))
    }
    assert found == {
        (kind, importance): type_of(_with(message, importance))
        for kind, message in KINDS.items()
        for importance in IMPORTANCES
    }
    decisions = dict(re.findall(r"`(\w+)` is `(\w+)`", decided[2]))
    assert decisions == {
        decision: type_of(a_decision(answer={"decision": decision})) for decision in ("pass", "warn", "fail")
    }


def _with(message: Message, importance: str) -> Message:
    return a_message(kind=message.kind, importance=importance)


def test_the_table_of_labels_is_the_code_s(page: Path) -> None:
    """Who routes by a label that does not exist is never told."""
    named = [label.strip("`") for label, _ in table_of(page, heading="Label")]
    messages = [*KINDS.values(), a_decision(), a_message(test=True)]
    used = {
        label
        for message in messages
        for alert in alerts_of(message, words_of(message, titles={}))
        for label in alert["labels"]
    }
    assert set(named) == used
    text = page.read_text("utf8")
    assert f"by itself after {LASTS_SECONDS // 3_600} hour (of a test after {TEST_LASTS_SECONDS // 60} minutes)" in text


@pytest.mark.needs("amtool")
def test_alertmanager_takes_the_route(page: Path, tmp_path: Path) -> None:
    """Its own tool says so, and where each of our alerts goes."""
    (block,) = blocks_of(page, language="yaml")
    config = tmp_path / "alertmanager.yml"
    config.write_text(block.text, encoding="utf8")
    for message, receiver in (
        (a_decision(), "release-managers"),
        (a_message(importance="high"), "on-call"),
        (a_message(), "everybody"),
    ):
        (alert,) = alerts_of(message, words_of(message, titles={}))
        labels = [f"{name}={value}" for name, value in alert["labels"].items()]
        command = ["amtool", "config", "routes", "test", f"--config.file={config}", *labels]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == receiver
