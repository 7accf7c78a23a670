"""The walk along the chains: every payload once, and the list of what is damaged stays readable."""

from __future__ import annotations

from pathlib import Path

from stillframe.store import Store
from stillframe.store.frames import CHAIN_FRAMES
from stillframe.store.inspected_chains import DAMAGED_MOST, chain_findings
from stillframe.store.reading import opened_for_reading
from tests.store.cast import scene
from tests.store.damage import by_hand


def filled(path: Path, snapshots: int) -> str:
    store = Store.open(path, create=False)
    here = scene(store)
    for value in range(snapshots):
        here.take(value)
    store.close()
    return str(path)


def test_every_chain_is_walked_once(sqlite_path: Path) -> None:
    """Three chains, each from its key frame to its end."""
    count = 2 * CHAIN_FRAMES + 4
    target = filled(sqlite_path, count)
    with opened_for_reading(target) as connection:
        (found,) = chain_findings(connection)
    assert (found.level, found.message) == ("ok", f"{count} payloads in 3 chains are what their hashes say")


def test_a_long_list_of_damage_is_cut_and_counted(sqlite_path: Path) -> None:
    """Twenty are named, the others are a number."""
    target = filled(sqlite_path, 60)
    by_hand(target, "DROP TRIGGER frames_delete", "DELETE FROM frames WHERE segment=0")
    with opened_for_reading(target) as connection:
        found = [item.message for item in chain_findings(connection)]
    assert len(found) == DAMAGED_MOST + 1
    assert found[-1] == "40 more payloads are damaged"


def test_frames_that_nobody_needs_are_a_warning(sqlite_path: Path) -> None:
    """They take room and harm nothing."""
    target = filled(sqlite_path, 2)
    by_hand(target, "INSERT INTO frames(chain,segment,bytes) VALUES (900,0,x'00')")
    with opened_for_reading(target) as connection:
        levels = [(item.level, item.message) for item in chain_findings(connection)]
    assert levels[0] == ("warning", "1 chains of frames hold no payload")


def test_a_chain_that_other_frames_follow_keeps_its_payloads(sqlite_path: Path) -> None:
    """What is added at the end by hand stands before nothing."""
    target = filled(sqlite_path, 3)
    by_hand(target, "UPDATE frames SET bytes=CAST(bytes||x'00' AS BLOB)")
    with opened_for_reading(target) as connection:
        assert [item.level for item in chain_findings(connection)] == ["ok"]
