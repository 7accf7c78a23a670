"""Reading reports: bounded, once each, with all that a replay needs."""

from __future__ import annotations

import pytest

from stillframe.errors import CaptureRefused, Gone, InvalidInput
from stillframe.flows.reading_reports import (
    MOST_REPORTS,
    ReadingOptions,
    carried_gate,
    options_of,
    parsed,
    read_reports,
    reread,
    stored_report,
)
from tests.flows import scoped
from tests.flows.gated import bandit, bring, check, coverage, report
from tests.flows.room import Room


@pytest.fixture(autouse=True)
def _teams(room: Room) -> None:
    scoped.settle_in(room)


@pytest.mark.parametrize("said", [{"kloc": 0}, {"kloc": -1}, {"kloc": float("nan")}, {"kloc": 1e9}, {"root": ""}])
def test_options_that_cannot_be_are_refused(said: dict[str, object]) -> None:
    """A size of nothing would make a density of everything."""
    with pytest.raises(InvalidInput):
        ReadingOptions(**said).check()  # type: ignore[arg-type]  # because the table holds any option


def test_too_many_reports_are_refused_before_one_is_read(room: Room) -> None:
    """The bound is said, and nothing was opened."""
    many = [bandit(name=f"{number}.json", high=1) for number in range(MOST_REPORTS + 1)]
    with pytest.raises(InvalidInput, match=str(MOST_REPORTS)):
        read_reports(room.services, many, ReadingOptions())


def test_a_reading_document_holds_formula_and_options(room: Room) -> None:
    """Read again, it is the same formula and the same options."""
    options = ReadingOptions(kloc=1.5, root="/ci")
    read = read_reports(room.services, [bandit(high=1)], options)
    record = bring(room, bandit(high=1), options=options).taken.record
    with room.services.store.read() as unit:
        formula, again = options_of(parsed(stored_report(unit, record.source_bundle[0])))
        reread_now = reread(unit, record)
    assert (again, formula.digest) == (options, read.formula.digest)
    assert reread_now.assess() == read.assess()
    assert formula.readers == room.services.formula(formula.readers).readers


def test_the_gates_last_word_is_carried_as_evidence(room: Room) -> None:
    """Without a gate there is none; after one, every later frame has it."""
    first = bring(room, bandit(high=1)).taken.record
    check(room, bandit(high=1), coverage(40))
    later = bring(room, bandit(high=1)).taken.record
    with room.services.store.read() as unit:
        assert carried_gate(unit, None) is None
        assert carried_gate(unit, first) is None
        found = carried_gate(unit, later)
    assert found is not None
    assert found.facts.gate == "warn"


def test_a_report_that_is_not_stored_is_said_to_be_gone(room: Room) -> None:
    """The name and the hash remain."""
    with room.services.store.read() as unit, pytest.raises(Gone, match=r"bandit\.json"):
        stored_report(unit, {"name": "bandit.json", "sha256": "0" * 64})


@pytest.mark.parametrize("name", ["reading", "release gate"])
def test_a_report_may_not_bear_the_name_of_our_own_evidence(room: Room, name: str) -> None:
    """Else the breakdown would name one for the other."""
    with pytest.raises(CaptureRefused, match="own evidence"):
        read_reports(room.services, [bandit(name=name, high=1)], ReadingOptions())


def test_a_health_score_is_not_brought_beside_the_reports_that_it_is_computed_from(room: Room) -> None:
    """Two answers to one question: nobody may write their own over what the tools say."""
    brought = {"schema": "stillframe.summary/1", "summaries": {"health": {"score": 100}}}
    with pytest.raises(CaptureRefused, match=r"the health score"):
        read_reports(room.services, [bandit(high=1), report("own.json", brought)], ReadingOptions()).assess()
    alone = read_reports(room.services, [report("own.json", brought)], ReadingOptions()).assess()
    assert alone.summaries["health"]["score"] == 100


def test_findings_of_all_reports_together_are_bounded(room: Room) -> None:
    """A picture's table has so many rows and no more, however many files they come in."""
    line = {"code": "E501", "filename": "a.py", "location": {"row": 1, "column": 1}, "message": ""}
    halves = [
        report(f"{half}.json", [line | {"message": f"{half} {number}"} for number in range(30_000)])
        for half in ("one", "two")
    ]
    with pytest.raises(CaptureRefused, match="50,000 findings"):
        read_reports(room.services, halves, ReadingOptions()).assess()
