"""What goes out as mail: a message with the names of its rows, its picture, and the links for whoever reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import structlog

from stillframe.errors import ConfigurationError, Gone, RenderFailed, TooManyRequests
from stillframe.flows.services import Services
from stillframe.flows.signed_links import confirm_link, unsubscribe_link
from stillframe.model.diff import Diff
from stillframe.model.payload import RowId
from stillframe.model.snapshot import Snapshot
from stillframe.model.verdict import Verdict
from stillframe.notify.mail_message import Envelope, mail_message, picture_id
from stillframe.report.charts import Chart
from stillframe.report.link import SnapshotLink
from stillframe.report.mail import (
    Mail,
    Picture,
    RowNames,
    asking_mail,
    change_mail,
    change_picture,
    gate_mail,
    history_picture,
    metric_of,
)
from stillframe.report.message import Message
from stillframe.report.words import row_titles
from stillframe.store import Claimed, Unit

PICTURE_SCALE = 2.0
"""Pixels of the image for one of the mail: sharp on a telephone."""
_WEB = ("http://", "https://")
_log = structlog.get_logger(__name__)

Pair = tuple[Snapshot | None, Snapshot | None]


def mail_letter(services: Services, message: Message, entry: Claimed) -> bytes:
    """
    Return a delivery as a whole mail, the same bytes on every try.

    A picture that cannot be drawn is left out, and so a later try may have one that the first had not: who reads the
    mail knows both by one Message-ID.

    Errors  ConfigurationError where no sender is configured; StoreError if a payload is damaged.
    """
    envelope = _envelope(services, message, entry)
    match message.kind:
        case "confirm":
            link = confirm_link(services, message.subscription_id, asked_at=message.created_at)
            return mail_message(asking_mail(message, url=link), envelope)
        case "gate":
            return mail_message(gate_mail(message, stop_url=envelope.stop_url), envelope)
        case "alert" | "resolved" | "digest":
            return _change_letter(services, message, envelope)


def _change_letter(services: Services, message: Message, envelope: Envelope) -> bytes:
    with services.store.read() as unit:
        pair = _payload_of(unit, message.snapshot_a), _payload_of(unit, message.snapshot_b)
        # Payloads and series are of the whole; whoever is told of a view may not see all that a picture would show.
        chart = None if _is_view(message) else _chart(unit, message, pair)
    image = None if chart is None else _drawn(services, chart, message)
    shown = None
    if chart is not None and image is not None:
        shown = Picture(content_id=picture_id(envelope), alt=chart.alt, width=chart.width, height=chart.height)
    mail: Mail = change_mail(message, names=_names(pair), picture=shown, stop_url=envelope.stop_url)
    return mail_message(mail, envelope, picture=image)


def _envelope(services: Services, message: Message, entry: Claimed) -> Envelope:
    sender = services.limits.mail_sender
    if not sender:
        raise ConfigurationError("smtp.sender: mail needs an address that it comes from")
    envelope = Envelope(
        sender=sender,
        recipient=entry.subscriber_id,
        message_name=message.delivery_id,
        thread_name=f"{message.dashboard_id}.{message.subscription_id}.thread",
        list_name=message.dashboard_id,
        date=message.created_at,
        importance=message.importance,
    )
    if message.kind == "confirm" or not services.limits.public_url.startswith(_WEB):
        return envelope
    return replace(envelope, stop_url=unsubscribe_link(services, message.subscription_id))


def _is_view(message: Message) -> bool:
    return any(frame is not None and frame.redacted for frame in (message.snapshot_a, message.snapshot_b))


def _payload_of(unit: Unit, frame: SnapshotLink | None) -> Snapshot | None:
    """Return a snapshot; None of one whose payload has expired, which no pending delivery speaks of."""
    try:
        return None if frame is None else unit.snapshots.get(frame.id)
    except Gone:
        return None


def _names(pair: Pair) -> RowNames:
    """Return what people call the rows, by the later snapshot where both name one."""
    names: dict[str, dict[RowId, str]] = {}
    for found in pair:
        for panel, table in (found.payload.tables if found is not None else {}).items():
            names.setdefault(panel, {}).update(row_titles(table))
    return names


def _chart(unit: Unit, message: Message, pair: Pair) -> Chart | None:
    """Return the picture of a change, or of a metric over time where that is what the reason is about."""
    before, after = pair
    if before is None or after is None:
        return None
    diff, verdict = Diff.from_dict(json.loads(message.diff_json)), Verdict.from_dict(message.reason)
    metric = metric_of(diff, verdict)
    if metric is None:
        return change_picture(diff, before=before.payload, after=after.payload)
    # What was pushed later about an earlier time is not in it, so that every try has one picture.
    block = unit.series.block(message.dashboard_id, [metric], until=after.record.as_of)
    known = [place for place, sequence in enumerate(block.sequences) if sequence <= after.record.sequence]
    panel = after.payload.metrics.get(metric)
    marks = [
        (round(found.record.as_of.timestamp() * 1000), f"frame {found.record.sequence:,}") for found in (before, after)
    ]
    values = block.values.get(metric, ())
    drawn = history_picture(
        [block.as_of[place] for place in known],
        [values[place] for place in known] if values else [],
        metric=metric,
        marks=marks,
        tolerance=panel.field.tolerance if panel is not None else 0.0,
    )
    return drawn or change_picture(diff, before=before.payload, after=after.payload)


def _drawn(services: Services, chart: Chart, message: Message) -> bytes | None:
    try:
        return services.renderer.chart_png(chart.spec, scale=PICTURE_SCALE)
    except (RenderFailed, TooManyRequests) as error:
        _log.warning("mail_without_picture", delivery_id=message.delivery_id, error=error.code)
        return None
