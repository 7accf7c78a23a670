"""The doctor: everything that was promised about an installation, examined without changing it."""

from __future__ import annotations

from collections.abc import Iterator

from stillframe.errors import CaptureRefused, ConfigurationError, Gone, InvalidInput, StoreError
from stillframe.flows.backup import Installation
from stillframe.flows.letters import address_row
from stillframe.flows.replay import Replay, replay_of
from stillframe.model.examination import Examination, Level, Observation
from stillframe.notify import Vault
from stillframe.store import Store, inspected, sealed_addresses

REPLAYED_MOST = 200
"""So many projects are replayed, so that an examination ends; `snapshot replay` replays any other."""


def examine(here: Installation) -> Examination:
    """
    Examine an installation: also one that is damaged, of another version, or without its key.

    Source  docs/howto/back-up-and-restore.md, "Is everything as it should be?".
    """
    return Examination.of([*inspected(here.target), *_replays(here.target), *_key(here)])


def _replays(target: str) -> Iterator[Observation]:
    """Read the stored reports of the newest frame of each project again: they must give the picture that it shows."""
    try:
        store = Store.open(target, create=False)
    except StoreError:
        return  # what is wrong with the database itself has been said
    replayed, gone = 0, 0
    try:
        with store.read() as unit:
            projects = unit.dashboards.health_ids(kinds=["project"], groups=None)[:REPLAYED_MOST]
            for dashboard_id in projects:
                head = unit.heads.get(dashboard_id).head_snapshot_id
                try:
                    snapshot = None if head is None else unit.snapshots.get(head)
                    found = None if snapshot is None else replay_of(unit, snapshot.record, snapshot.payload)
                except CaptureRefused as error:
                    message = (
                        f"{dashboard_id}: this version no longer takes a report of its newest frame: {error.message}"
                    )
                    yield Observation(check="replay", level="warning", message=message)
                    continue
                except (Gone, InvalidInput):
                    gone += 1
                    continue
                except StoreError as error:
                    yield Observation(check="replay", level="broken", message=f"{dashboard_id}: {error.message}")
                    continue
                replayed += found is not None
                if found is not None and not found.identical:
                    yield _apart(found)
    except StoreError:
        return
    finally:
        store.close()
    rest = f"; {gone} have no reports to replay" if gone else ""
    message = f"the newest frames of {replayed} projects were replayed from their reports{rest}"
    yield Observation(check="replay", level="ok", message=message)


def _apart(found: Replay) -> Observation:
    """A reader that reads the same bytes otherwise explains the difference; nothing else may."""
    record = found.record
    changed = ", ".join(f"{each['format']} {each['stored']} → {each['now']}" for each in found.readers_changed)
    why = f"readers have changed since ({changed})" if changed else "and no reader has changed since"
    message = f"snapshot {record.id} of {record.dashboard_id} does not give the same picture again; {why}"
    return Observation(check="replay", level="warning" if changed else "broken", message=message)


def _key(here: Installation) -> Iterator[Observation]:
    sealed = sealed_addresses(here.target)
    where = "of the configuration" if here.given_key is not None else f"at {here.key_path}"
    try:
        key = here.key()
    except ConfigurationError as error:
        yield Observation(check="key", level="broken", message=error.message)
        return
    if key is None:
        level: Level = "broken" if any(active for _, _, active in sealed) else "warning" if sealed else "ok"
        needed = f"{len(sealed)} webhooks are sealed with it" if sealed else "nothing is sealed yet"
        yield Observation(check="key", level=level, message=f"there is no key of secrets {where}; {needed}")
        return
    closed = [active for subscription_id, blob, active in sealed if not _opens(Vault(key), subscription_id, blob)]
    if closed:
        message = f"the key {where} does not open the addresses of {len(closed)} of {len(sealed)} webhooks"
        yield Observation(check="key", level="broken" if any(closed) else "warning", message=message)
    else:
        yield Observation(check="key", level="ok", message=f"the key {where} opens all {len(sealed)} sealed addresses")


def _opens(vault: Vault, subscription_id: str, blob: bytes) -> bool:
    try:
        vault.open(blob, row_id=address_row(subscription_id))
    except (ConfigurationError, StoreError):
        return False
    return True
