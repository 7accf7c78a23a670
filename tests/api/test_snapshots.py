"""Snapshots over HTTP: taken, proved by their hash, compared, accepted, drawn as series."""

from __future__ import annotations

import hashlib

import pytest
import rfc8785

from stillframe.api.snapshots import DIFF_LISTED_MOST
from tests.api.cast import House, push, swapped


def test_what_is_read_back_hashes_to_what_was_promised(house: House, board: str) -> None:
    """Anybody can check the evidence: canonical bytes of the payload, SHA-256, `content_hash`."""
    taken = house.made("alice", f"{board}/snapshot", push())
    read = house.ask("alice", "GET", f"/api/snapshot/{taken['id']}").json()
    payload = {name: read[name] for name in ("schema", "materialized_data", "primary", "summaries", "sources")}
    assert hashlib.sha256(rfc8785.dumps(payload)).hexdigest() == read["content_hash"] == taken["content_hash"]


def test_the_initiator_comes_from_the_credential(house: House, board: str) -> None:
    """Who took it is who proved who they are, and how it was asked for is said by the door."""
    pushed = house.made("alice", f"{board}/snapshot", push())
    by_hand = house.made("admin", f"{board}/snapshot", {**push(), "trigger_source": "manual", "reason": "to be sure"})
    assert (pushed["initiator"], pushed["trigger_source"]) == ("alice", "push")
    assert (by_hand["initiator"], by_hand["trigger_source"], by_hand["reason"]) == ("root", "manual", "to be sure")


def test_the_answer_says_what_changed_and_who_was_told(house: House, board: str) -> None:
    """`matched` is the sum of the others."""
    house.made("alice", f"{board}/snapshot", push())
    taken = house.made("alice", f"{board}/snapshot", push(swapped()))
    assert taken["diff_summary"]["is_empty"] is False
    dispatch = taken["dispatch"]
    assert dispatch["matched"] == sum(
        dispatch[name] for name in ("delivered", "queued", "failed", "deferred", "suppressed")
    )


def test_a_diff_is_of_the_last_two_unless_named_and_turns_round_with_its_ends(house: House, board: str) -> None:
    """Both ends are in the answer, so that nobody compares the wrong two unawares."""
    first, second = (house.made("alice", f"{board}/snapshot", body)["id"] for body in (push(), push(swapped())))
    found = house.ask("alice", "GET", f"{board}/diff").json()
    assert (found["snapshot_a"]["id"], found["snapshot_b"]["id"]) == (first, second)
    assert found["comparability"] == {"level": "full", "reasons": []}
    turned = house.ask("alice", "GET", f"{board}/diff?from={second}&to={first}").json()
    assert [change["rank_a"] for change in turned["diff"]["top_n_changes"]] == [2, 1]
    assert house.ask("alice", "GET", f"{board}/diff?top_n=1").json()["diff"]["top_n"] == 1


def test_a_long_diff_is_cut_with_exact_totals(house: House, board: str) -> None:
    """What is left out is counted."""
    rows = [{"id": f"r-{number}", "score": number} for number in range(DIFF_LISTED_MOST + 50)]
    house.made("alice", f"{board}/snapshot", push())
    house.made("alice", f"{board}/snapshot", push(rows))
    diff = house.ask("alice", "GET", f"{board}/diff").json()["diff"]
    assert len(diff["id_set_added"]) == DIFF_LISTED_MOST
    assert diff["totals"]["id_set_added"] == len(rows)
    assert diff["truncated"] is True


def test_two_snapshots_are_needed_for_a_diff(house: House, board: str) -> None:
    """One is not compared with nothing."""
    house.made("alice", f"{board}/snapshot", push())
    assert house.ask("alice", "GET", f"{board}/diff").status_code == 409


def test_an_empty_capture_is_kept_and_waits_to_be_accepted(house: House, board: str) -> None:
    """It is no baseline until somebody says that it is the truth; accepting anything else is refused."""
    good = house.made("alice", f"{board}/snapshot", push())
    empty = house.made("alice", f"{board}/snapshot", push([]))
    head = house.ask("alice", "GET", board).json()["head"]
    assert (empty["capture_status"], head["head_snapshot_id"]) == ("empty", good["id"])
    assert house.ask("alice", "POST", f"/api/snapshot/{good['id']}/accept").status_code == 422
    assert house.ask("alice", "POST", f"/api/snapshot/{empty['id']}/accept").status_code == 200
    assert house.ask("alice", "GET", board).json()["head"]["head_snapshot_id"] == empty["id"]


def test_a_series_is_what_pictures_are_drawn_from(house: House, board: str) -> None:
    """Oldest first, by the time that the data describes; a window cuts it."""
    for day, papers in ((1, 10), (2, 11), (3, 12)):
        house.made("alice", f"{board}/snapshot", {**push(papers=papers), "as_of": f"2026-01-0{day}T00:00:00Z"})
    whole = house.ask("alice", "GET", f"{board}/series").json()
    assert whole["metric"] == "papers"
    assert [point["value"] for point in whole["points"]] == [10, 11, 12]
    cut = house.ask("alice", "GET", f"{board}/series?from=2026-01-02T00:00:00%2B00:00").json()
    assert [point["as_of"] for point in cut["points"]] == ["2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z"]


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_snapshot_is_read_as_json_or_as_a_page(house: House, board: str, form: str) -> None:
    """The same evidence for programs and for people."""
    taken = house.made("alice", f"{board}/snapshot", push())
    answer = house.ask("alice", "GET", f"/api/snapshot/{taken['id']}?format={form}")
    assert form in answer.headers["Content-Type"]
    assert taken["content_hash"] in answer.text
    assert house.ask("alice", "GET", f"/api/snapshot/{taken['id']}?format=pdf").status_code == 422
