"""Reports as data for the typesetter: plain JSON that holds every text of the report, and no markup."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from stillframe.report.export import Compared, attachment_of, compare_report
from stillframe.report.export.typeset import typeset
from stillframe.report.languages import ENGLISH, LANGUAGES
from tests.report.export.frames import carriers, compared, comparisons
from tests.report.export.reading import texts


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for found in value.values() for text in strings(found)]
    return [text for found in value for text in strings(found)] if isinstance(value, list) else []


@given(made=comparisons())
def test_the_typesetter_is_told_everything_that_a_reader_sees(made: tuple[Compared, str]) -> None:
    """Markdown and PDF are two pictures of one report."""
    pair, title = made
    report = compare_report(pair, title=title, language=ENGLISH)
    data = json.loads(json.dumps(typeset(report, attachments=[])))
    assert set(texts(report)) <= set(strings(data))


def test_pictures_and_attachments_are_numbered_in_their_order() -> None:
    """Data, charts and attachments arrive apart and are put together by number."""
    pair = compared(carriers("HA", "UA"), carriers("UA", "HA"))
    report = compare_report(pair, title="Carriers", language=ENGLISH)
    data = typeset(report, attachments=[attachment_of(pair.a), attachment_of(pair.b)])
    numbers = [block["number"] for part in data["sections"] for block in part["blocks"] if block["kind"] == "picture"]
    assert numbers == list(range(len(report.charts)))
    assert data["attachments"] == [f"snapshot-{view.record.id}.json" for view in (pair.a, pair.b)]
    assert all(name in data["attached"] for name in data["attachments"])


def test_the_line_at_a_pages_foot_has_room_for_both_numbers() -> None:
    """Every language says page x of y in its own order; the numbers are known to the typesetter alone."""
    pair = compared(carriers("HA"), carriers("UA"))
    for language in LANGUAGES.values():
        before, between, after = typeset(compare_report(pair, title="", language=language), attachments=[])["page"]
        assert f"{before}2{between}3{after}" == language.say("document.page", page="2", pages="3")
