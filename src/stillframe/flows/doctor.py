"""The doctor: everything that was promised about an installation, examined without changing it."""

from __future__ import annotations

from collections.abc import Iterator

from stillframe.errors import ConfigurationError, StoreError
from stillframe.flows.backup import Installation
from stillframe.flows.letters import address_row
from stillframe.model.examination import Examination, Level, Observation
from stillframe.notify import Vault
from stillframe.store import inspected, sealed_addresses


def examine(here: Installation) -> Examination:
    """
    Examine an installation: also one that is damaged, of another version, or without its key.

    Source  docs/howto/back-up-and-restore.md, "Is everything as it should be?".
    """
    return Examination.of([*inspected(here.target), *_key(here)])


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
