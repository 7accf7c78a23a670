"""What goes out to a channel: a message in words, with the names that its rows have in both snapshots."""

from __future__ import annotations

from collections.abc import Mapping

from stillframe.errors import Gone
from stillframe.flows.services import Services
from stillframe.model.payload import RowId
from stillframe.report.channel import channel_document
from stillframe.report.message import Message
from stillframe.report.words import titles_of


def channel_letter(services: Services, message: Message) -> bytes:
    """
    Return the document that a channel gets, the same bytes on every try.

    A payload that has expired is told with the keys of its rows; one that a pending delivery speaks of does not expire.

    Errors  StoreError if a payload is damaged.
    """
    return channel_document(message, titles=row_names(services, message))


def row_names(services: Services, message: Message) -> Mapping[RowId, str]:
    """Return what people call the rows of a message's two snapshots, by the later one where both name a row."""
    names: dict[RowId, str] = {}
    with services.store.read() as unit:
        for frame in (message.snapshot_a, message.snapshot_b):
            try:
                found = None if frame is None else unit.snapshots.get(frame.id)
            except Gone:
                continue
            names |= {} if found is None else titles_of(found.payload)
    return names
