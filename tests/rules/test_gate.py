"""The gate decides what its table says, cell by cell, and nothing that people add for one finding makes it harsher."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.diff import compute_diff
from stillframe.health import project_payload
from stillframe.model.canonical import canonical_bytes
from stillframe.model.diff import Diff
from stillframe.model.gate import CHECK_SEVERITIES, ON_MISSING, GateVerdict
from stillframe.rules.gate import decide
from stillframe.rules.profiles import BUILT_IN
from tests.rules.candidates import (
    COVERAGE,
    CRITICAL,
    NO_WORSE,
    NOW,
    candidate,
    finding,
    judged,
    profile,
    suppression,
)

DECISION_OF_FAIL = {"blocker": "fail", "warning": "warn", "info": "pass"}
WORSE = {"pass": 0, "warn": 1, "fail": 2}
BEFORE = candidate({"sca.score": 90})
FORMS = {"findings": CRITICAL, "metric": COVERAGE, "forbid": NO_WORSE}


def diff_to(score: float) -> Diff:
    return compute_diff(BEFORE, candidate({"sca.score": score}))


SEEN: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "findings": {
        "good": {"payload": candidate({"audit.critical": 0, "sca.critical": 0}, findings=[])},
        "bad": {"payload": candidate({"audit.critical": 1, "sca.critical": 0}, findings=[finding("f")])},
        "missing": {"payload": candidate({"audit.high": 1})},
        "null": {"payload": candidate({"audit.critical": None, "sca.critical": None})},
    },
    "metric": {
        "good": {"payload": candidate({"quality.coverage.line": 0.6})},
        "bad": {"payload": candidate({"quality.coverage.line": 0.5})},
        "missing": {"payload": candidate({})},
        "null": {"payload": candidate({"quality.coverage.line": None})},
    },
    "forbid": {
        "good": {"payload": BEFORE, "diff": diff_to(95)},
        "empty": {"payload": BEFORE, "diff": compute_diff(BEFORE, BEFORE)},
        "bad": {"payload": BEFORE, "diff": diff_to(80)},
        "missing": {"payload": BEFORE, "diff": None},
        "null": {"payload": BEFORE, "diff": compute_diff(candidate({"audit.score": 1}), candidate({"audit.score": 2}))},
    },
}
CELLS = [(form, seen) for form, cells in SEEN.items() for seen in cells]


@pytest.mark.parametrize("on_missing", ON_MISSING)
@pytest.mark.parametrize("severity", CHECK_SEVERITIES)
@pytest.mark.parametrize(("form", "seen"), CELLS)
def test_the_decision_table_holds_in_every_cell(form: str, seen: str, severity: str, on_missing: str) -> None:
    """Good passes, bad fails by its severity, and what is missing is skipped or fails as the profile says."""
    verdict = judged({**FORMS[form], "severity": severity, "on_missing": on_missing}, **SEEN[form][seen])
    absent = seen in ("missing", "null")
    fails = seen == "bad" or (absent and on_missing == "fail")
    assert verdict.checks[0].status == ("fail" if fails else "skipped" if absent else "pass")
    assert verdict.decision == (DECISION_OF_FAIL[severity] if fails else "pass")
    assert verdict.evidence_incomplete is (absent and severity == "blocker")
    assert (verdict.checks[0].observed is None) is absent
    assert ("no data" in verdict.checks[0].message) is absent


@pytest.mark.parametrize("severity", CHECK_SEVERITIES)
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, "suppressed"),
        ({"expires_at": NOW}, "fail"),
        ({"expires_at": NOW + timedelta(milliseconds=1)}, "suppressed"),
        ({"lifted_at": NOW - timedelta(hours=1)}, "fail"),
        ({"finding_id": "another"}, "fail"),
        ({"project_name": "their-service"}, "fail"),
    ],
)
def test_a_suppression_holds_for_its_finding_its_project_and_its_time(
    severity: str, said: dict[str, Any], status: str
) -> None:
    """One that is over, lifted, of another finding or another project takes nothing away."""
    check = {**CRITICAL, "severity": severity}
    verdict = judged(check, **SEEN["findings"]["bad"], suppressions=[suppression(**{"finding_id": "f", **said})])
    assert verdict.checks[0].status == status
    assert verdict.decision == (DECISION_OF_FAIL[severity] if status == "fail" else "pass")
    assert [one.finding_id for one in verdict.suppressions] == (["f"] if status == "suppressed" else [])
    assert verdict.counts["suppressed"] == (status == "suppressed")


@pytest.mark.parametrize("on_missing", ON_MISSING)
@pytest.mark.parametrize(("form", "seen"), [cell for cell in CELLS if cell[0] != "findings"])
def test_a_suppression_speaks_of_findings_alone(form: str, seen: str, on_missing: str) -> None:
    """Nobody can suppress a missing threat model, low coverage, or a change for the worse."""
    check = {**FORMS[form], "on_missing": on_missing}
    names = ("f", "quality.coverage.line", "coverage", "no-worse", "sca")
    plain = judged(check, **SEEN[form][seen])
    assert judged(check, **SEEN[form][seen], suppressions=list(map(suppression, names))) == plain


@pytest.mark.parametrize("on_missing", ON_MISSING)
def test_a_suppression_is_no_evidence(on_missing: str) -> None:
    """Where nobody counted findings, answering for one says nothing of the others."""
    check = {**CRITICAL, "on_missing": on_missing}
    payload = candidate({"audit.high": 1}, findings=[finding("f")])
    verdict = judged(check, payload=payload, suppressions=[suppression("f")])
    assert verdict == judged(check, payload=payload)
    assert verdict.evidence_incomplete


def test_a_suppression_of_one_finding_leaves_the_others_open() -> None:
    """Two were found and one is answered for: the other still fails, and is the witness."""
    payload = candidate({"audit.critical": 2, "sca.critical": 0}, findings=[finding("f"), finding("g")])
    check = judged(CRITICAL, payload=payload, suppressions=[suppression("f")], places={"g": "src/g.py:12"}).checks[0]
    assert (check.status, check.observed, check.suppressed) == ("fail", 1, 1)
    assert check.message == "1 critical finding open in audit and sca, 1 more is suppressed, none is allowed"
    assert check.witnesses == ({"id": "g", "title": "title of g", "location": "src/g.py:12"},)


def test_a_suppressed_check_names_what_was_suppressed() -> None:
    """A pass by suppression is never silent."""
    found = judged(CRITICAL, **SEEN["findings"]["bad"], suppressions=[suppression("f")]).checks[0]
    assert [one["id"] for one in found.witnesses] == ["f"]
    assert found.message == "no critical findings open in audit and sca, 1 more is suppressed, none is allowed"


def test_a_suppression_takes_away_no_finding_that_is_listed_open() -> None:
    """Where a summary counts one and lists two, answering for one leaves one."""
    payload = candidate({"audit.critical": 1, "sca.critical": 0}, findings=[finding("f"), finding("g")])
    assert judged(CRITICAL, payload=payload, suppressions=[suppression("f")]).decision == "fail"


def test_findings_that_are_wanted_are_wanted_also_when_suppressed() -> None:
    """`at_least` is judged on all findings, so that answering for one cannot fail a check that passed."""
    check = {**CRITICAL, "at_least": 1, "at_most": 3}
    payload = candidate({"audit.critical": 1, "sca.critical": 0}, findings=[finding("f")])
    assert judged(check, payload=payload, suppressions=[suppression("f")]).checks[0].status == "pass"
    none = candidate({"audit.critical": 0, "sca.critical": 0}, findings=[])
    assert judged(check, payload=none).checks[0].message.endswith("at least 1 is required and at most 3 are allowed")
    assert judged(check, payload=none).decision == "fail"


def test_a_check_says_which_dimensions_nobody_measured() -> None:
    """Zero of half the evidence is not zero of all of it."""
    check = judged(CRITICAL, payload=candidate({"sca.critical": 0})).checks[0]
    assert (check.status, check.missing) == ("pass", ("audit",))
    assert check.message.endswith("open in sca, none is allowed; nothing says how many there are in audit")
    check = judged(CRITICAL, payload=candidate({})).checks[0]
    assert check.missing == ("audit", "sca")
    assert check.message == "no data: nothing says how many critical findings there are in audit or sca"


@pytest.mark.parametrize("status", ["not_measured", "stale", "error"])
def test_a_measure_that_says_it_was_not_measured_is_missing(status: str) -> None:
    """A value that its own tool disowns is no evidence."""
    payload = candidate({})
    measure = {"id": "coverage.line", "value": 0.9, "status": status}
    payload = type(payload)(panels=payload.panels, summaries={"quality": {"score": 9, "measures": [measure]}})
    check = judged(COVERAGE, payload=payload).checks[0]
    assert (check.status, check.missing) == ("skipped", ("quality.coverage.line",))


@pytest.mark.parametrize(
    ("limits", "value", "status"),
    [
        ({"at_least": 0.55}, 0.55, "pass"),
        ({"at_least": 0.55}, 0.55 - 1e-10, "pass"),
        ({"at_least": 0.55}, 0.55 - 1e-8, "fail"),
        ({"at_most": 0.05}, 0.05, "pass"),
        ({"at_most": 0.05}, 0.05 + 1e-11, "pass"),
        ({"at_most": 0.05}, 0.05 + 1e-8, "fail"),
        ({"at_most": 0}, 0, "pass"),
        ({"at_most": 0}, 1e-12, "fail"),
        ({"at_most": 0.3}, 0.1 + 0.2, "pass"),
        ({"at_least": 1, "at_most": 2}, 2.1, "fail"),
        ({"at_least": 1, "at_most": 2}, 0.9, "fail"),
        ({"at_least": 1, "at_most": 2}, 1.5, "pass"),
    ],
)
def test_limits_are_inclusive(limits: dict[str, float], value: float, status: str) -> None:
    """With the slack of rules: no binary fraction is exactly 0.55."""
    check = {key: said for key, said in COVERAGE.items() if key != "at_least"} | limits
    assert judged(check, payload=candidate({"quality.coverage.line": value})).checks[0].status == status


@pytest.mark.parametrize(("measures", "decision"), [({"health.score": 70}, "pass"), ({"health.score": 69}, "warn")])
def test_a_metric_panel_and_a_score_are_metrics(measures: dict[str, float], decision: str) -> None:
    """The headline is asked for by the name of its panel or of its dimension."""
    for name in ("health_score", "health.score"):
        check = {"id": "h", "type": "quality", "severity": "warning", "metric": name, "at_least": 70}
        assert judged(check, payload=candidate(measures)).decision == decision
        assert judged(check, payload=candidate({})).checks[0].status == "skipped"


def test_a_forbidden_change_names_its_witnesses() -> None:
    """What made the rule true is told through every combinator; a new finding with its title and place."""
    rule = {"AND": [{"any_change": True}, {"OR": [{"set_added_min": 9}, {"set_added_min": 1, "panel": "findings"}]}]}
    before, after = (candidate({}, findings=rows) for rows in ([], [finding("f")]))
    check = {**NO_WORSE, "forbid": rule}
    found = judged(check, payload=after, diff=compute_diff(before, after), places={"f": "src/f.py:3"}).checks[0]
    assert (found.status, found.observed) == ("fail", True)
    assert found.witnesses == ({"id": "f", "title": "title of f", "location": "src/f.py:3"},)
    assert found.message.startswith("forbidden: ")


def test_a_condition_that_did_not_hold_is_no_witness() -> None:
    """What a false branch saw is not why the rule was true."""
    before, after = (candidate({}, findings=rows) for rows in ([], [finding("f")]))
    rule = {"OR": [{"any_change": True}, {"NOT": {"set_added_min": 1, "panel": "findings"}}]}
    found = judged({**NO_WORSE, "forbid": rule}, payload=after, diff=compute_diff(before, after)).checks[0]
    assert (found.status, found.witnesses) == ("fail", ())


@pytest.mark.parametrize("form", ["findings", "forbid"])
def test_at_most_five_witnesses_are_named(form: str) -> None:
    """The first, in the order of their ids; how many there are is in what was seen."""
    rows = [finding(f"f-{number}") for number in range(7)]
    rule = {"OR": [{"set_added_min": 1, "panel": "findings"}, {"set_added_min": 2, "panel": "findings"}]}
    check = {"findings": CRITICAL, "forbid": {**NO_WORSE, "forbid": rule}}[form]
    before = candidate({"audit.critical": 0, "sca.critical": 0}, findings=[])
    after = candidate({"audit.critical": 7, "sca.critical": 0}, findings=rows)
    found = judged(check, payload=after, diff=compute_diff(before, after)).checks[0]
    assert [one["id"] for one in found.witnesses] == [f"f-{number}" for number in range(5)]


def test_silence_passes_also_what_forbids_silence() -> None:
    """An empty diff satisfies no rule, so nothing that is forbidden happened."""
    check = {**NO_WORSE, "forbid": {"NOT": {"any_change": True}}}
    assert judged(check, payload=BEFORE, diff=compute_diff(BEFORE, BEFORE)).decision == "pass"


def test_a_diff_that_holds_too_little_is_no_data() -> None:
    """What a cut document does not say is not guessed."""
    rows = [finding(name) for name in "abc"]
    cut = Diff.from_dict(compute_diff(candidate({}, findings=[]), candidate({}, findings=rows)).as_dict(limit=1))
    check = {**NO_WORSE, "forbid": {"value_delta_abs": 1, "on_field": "severity", "panel": "findings"}}
    metric = {**NO_WORSE, "forbid": {"metric_delta_abs": 1, "on_metric": "sca.far"}}
    many = compute_diff(candidate({"sca.a": 1, "sca.b": 1}), candidate({"sca.a": 2, "sca.b": 2})).as_dict(limit=1)
    assert judged(check, payload=BEFORE, diff=cut).checks[0].status in ("pass", "skipped")
    assert judged(metric, payload=BEFORE, diff=Diff.from_dict(many)).checks[0].status == "skipped"


GOST = {
    "audit.critical": 0, "sca.critical": 0, "audit.high": 0, "sca.high": 0, "audit.taint_paths": 0,
    "compliance.score": 60, "compliance.threat_model_current": 1, "compliance.security_files_reviewed": 1,
    "quality.dead_code": 0.05, "quality.coverage.line": 0.55, "audit.medium": 10, "sca.medium": 10,
}  # fmt: skip
STANDARD = {
    "audit.critical": 0, "sca.critical": 0, "audit.high": 3, "sca.high": 2,
    "quality.complexity": 15, "quality.coverage.line": 0.55,
}  # fmt: skip
MINIMAL: dict[str, float] = {"audit.critical": 0, "sca.critical": 0}
EDGES = [
    ("gost-56939", GOST, "audit.critical", 1, "fail"),
    ("gost-56939", GOST, "sca.critical", 1, "fail"),
    ("gost-56939", GOST, "sca.high", 1, "fail"),
    ("gost-56939", GOST, "audit.high", 1, "fail"),
    ("gost-56939", GOST, "audit.taint_paths", 1, "fail"),
    ("gost-56939", GOST, "compliance.score", 59.99, "fail"),
    ("gost-56939", GOST, "compliance.threat_model_current", 0, "fail"),
    ("gost-56939", GOST, "compliance.security_files_reviewed", 0.99, "fail"),
    ("gost-56939", GOST, "quality.dead_code", 0.051, "warn"),
    ("gost-56939", GOST, "quality.coverage.line", 0.549, "warn"),
    ("gost-56939", GOST, "sca.medium", 11, "warn"),
    ("standard", STANDARD, "sca.critical", 1, "fail"),
    ("standard", STANDARD, "audit.high", 4, "fail"),
    ("standard", STANDARD, "quality.complexity", 15.1, "warn"),
    ("standard", STANDARD, "quality.coverage.line", 0.5499, "warn"),
    ("minimal", MINIMAL, "audit.critical", 1, "fail"),
]


def built_in(name: str, measures: Mapping[str, float]) -> GateVerdict:
    return decide(BUILT_IN[name], payload=candidate(measures), diff=None, suppressions=(), now=NOW, places={})


@pytest.mark.parametrize(("name", "edge", "metric", "value", "decision"), EDGES)
def test_a_built_in_profile_passes_at_its_edge_and_not_beyond(
    name: str, edge: dict[str, float], metric: str, value: float, decision: str
) -> None:
    """Every figure of the table, from both sides, one check at a time."""
    at_edge = built_in(name, edge)
    assert (at_edge.decision, {check.status for check in at_edge.checks}) == ("pass", {"pass"})
    beyond = built_in(name, {**edge, metric: value})
    assert (beyond.decision, [check.status for check in beyond.checks].count("fail")) == (decision, 1)


def test_every_check_of_the_built_in_profiles_has_an_edge_above() -> None:
    """A figure that no test comes near can be changed unseen."""
    tried = {(name, metric.replace("audit.", "").replace("sca.", "")) for name, _, metric, _, _ in EDGES}
    asked = {
        (name, (check.findings or check.metric or "").replace("audit.", ""))
        for name, found in BUILT_IN.items()
        for check in found.checks
    }
    assert asked == tried


@pytest.mark.parametrize(("name", "decision"), [("gost-56939", "fail"), ("standard", "fail"), ("minimal", "pass")])
def test_a_gate_without_evidence_says_so_and_by_profile_fails(name: str, decision: str) -> None:
    """No report is no clean bill of health."""
    verdict = built_in(name, {})
    assert (verdict.decision, verdict.evidence_incomplete) == (decision, True)
    assert {check.status for check in verdict.checks if check.severity == "warning"} <= {"skipped"}


COUNTS = st.dictionaries(
    st.sampled_from(["audit.critical", "sca.critical", "audit.high", "sca.high"]), st.integers(-1, 3), max_size=4
)
ROWS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from(["critical", "high"]), st.sampled_from(["audit", "sca", "quality"])),
)
CHECKS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.just("security"),
            "severity": st.sampled_from(CHECK_SEVERITIES),
            "findings": st.sampled_from(["critical", "high"]),
            "at_most": st.integers(1, 3),
            "on_missing": st.sampled_from(ON_MISSING),
        },
        optional={"at_least": st.integers(0, 1), "within": st.sampled_from([["audit"], ["audit", "quality"]])},
    ),
    min_size=1,
    max_size=4,
)


def numbered(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"c-{place}", **check} for place, check in enumerate(checks)]


@given(
    checks=CHECKS, counts=COUNTS, rows=ROWS, first=st.sets(st.sampled_from("abcdef")), more=st.sampled_from("abcdef")
)
def test_adding_a_suppression_never_makes_a_decision_worse(
    checks: list[dict[str, Any]], counts: dict[str, int], rows: dict[str, tuple[str, str]], first: set[str], more: str
) -> None:
    """Also where counts and lists contradict one another, and with limits on both sides."""
    findings = [finding(name, severity=severity, dimension=where) for name, (severity, where) in rows.items()]
    payload = candidate(counts, findings=findings)
    less, all_ = (
        judged(*numbered(checks), payload=payload, suppressions=[suppression(name) for name in sorted(names)])
        for names in (first, first | {more})
    )
    assert WORSE[all_.decision] <= WORSE[less.decision]
    for before, after in zip(less.checks, all_.checks, strict=True):
        assert not (before.status != "fail" and after.status == "fail")
        assert after.observed is None or after.observed <= (before.observed or 0)


@given(checks=CHECKS, counts=COUNTS, place=st.integers(0, 4))
def test_adding_a_failing_blocker_always_fails(
    checks: list[dict[str, Any]], counts: dict[str, int], place: int
) -> None:
    """Nothing outweighs a blocker, wherever it stands."""
    payload = candidate({**counts, "compliance.score": 10})
    failing = {"id": "x", "type": "compliance", "severity": "blocker", "metric": "compliance.score", "at_least": 60}
    all_ = numbered(checks)
    all_.insert(place, failing)
    assert judged(*all_, payload=payload).decision == "fail"


@given(checks=CHECKS, counts=COUNTS, rows=ROWS, names=st.permutations("abc"))
def test_the_same_evidence_gives_the_same_verdict(
    checks: list[dict[str, Any]], counts: dict[str, int], rows: dict[str, tuple[str, str]], names: list[str]
) -> None:
    """To the byte, in whatever order suppressions and findings come."""
    findings = [finding(name, severity=severity, dimension=where) for name, (severity, where) in rows.items()]
    told = [
        canonical_bytes(
            {
                "decision": verdict.decision,
                "checks": [check.as_dict() for check in verdict.checks],
                "suppressions": [one.as_dict(now=NOW) for one in verdict.suppressions],
            }
        )
        for order in (1, -1)
        for verdict in [
            judged(
                *numbered(checks),
                payload=candidate(counts, findings=findings[::order]),
                suppressions=list(map(suppression, names[::order])),
            )
        ]
    ]
    assert told[0] == told[1]


def test_an_info_check_never_changes_a_decision() -> None:
    """It is there to be read."""
    verdict = judged({**CRITICAL, "severity": "info"}, **SEEN["findings"]["bad"])
    assert (verdict.decision, verdict.counts["blockers_failed"], verdict.counts["warnings_failed"]) == ("pass", 0, 0)


def test_without_a_project_name_all_suppressions_are_taken_to_be_its_own() -> None:
    """Whoever asked the store for one project's has no others."""
    for name, decision in ((None, "pass"), ("my-service", "pass"), ("other", "fail")):
        verdict = decide(
            profile(CRITICAL),
            payload=SEEN["findings"]["bad"]["payload"],
            diff=None,
            suppressions=[suppression("f")],
            now=NOW,
            places={},
            project_name=name,
        )
        assert verdict.decision == decision


@pytest.mark.parametrize(
    ("rule", "before", "after", "lacking"),
    [
        ({"dimension_state": "regressed", "on_dimension": "sca"}, {"sca.score": 100}, {}, "sca.score"),
        ({"dimension_state": "regressed", "on_dimension": "sca"}, {"sca.score": 100}, {"sca.score": None}, "sca.score"),
        ({"dimension_state": "regressed"}, {"sca.score": 100}, {}, "sca.score"),
        ({"metric_delta_abs": 1, "on_metric": "sca.high"}, {"sca.high": 0}, {"sca.low": 3}, "sca.high"),
        (
            {"OR": [{"dimension_state": "regressed", "on_dimension": "audit"},
                    {"dimension_state": "regressed", "on_dimension": "sca"}]},
            {"sca.score": 100}, {}, "sca.score",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("on_missing", "status"), [("skip", "skipped"), ("fail", "fail")])
def test_a_scanner_that_is_left_out_is_no_way_past_the_gate(
    rule: dict[str, Any],
    before: dict[str, float | None],
    after: dict[str, float | None],
    lacking: str,
    on_missing: str,
    status: str,
) -> None:
    """What the candidate no longer says cannot be known not to have got worse."""
    earlier, later = candidate({"audit.score": 90, **before}), candidate({"audit.score": 91, **after})
    check = {**NO_WORSE, "forbid": rule, "on_missing": on_missing}
    verdict = judged(check, payload=later, diff=compute_diff(earlier, later))
    [found] = verdict.checks
    assert (found.status, found.missing, verdict.evidence_incomplete) == (status, (lacking,), True)
    assert found.message.startswith(f"no data: the candidate does not say {lacking}")


def test_a_findings_list_that_is_left_out_is_no_way_past_the_gate() -> None:
    """Nothing was added to a list that is not there."""
    earlier = candidate({"audit.score": 90}, findings=[finding("f-1")])
    later = candidate({"audit.score": 91})
    check = {**NO_WORSE, "forbid": {"set_added_min": 1, "panel": "findings"}}
    [found] = judged(check, payload=later, diff=compute_diff(earlier, later)).checks
    assert (found.status, found.missing) == ("skipped", ("findings",))


def test_what_did_get_worse_fails_whatever_else_is_missing() -> None:
    """A missing report softens nothing."""
    earlier, later = candidate({"audit.score": 90, "sca.score": 100}), candidate({"audit.score": 60})
    check = {**NO_WORSE, "forbid": {"dimension_state": "regressed"}}
    [found] = judged(check, payload=later, diff=compute_diff(earlier, later)).checks
    assert found.status == "fail"


def test_a_scanner_that_is_left_out_in_turns_is_no_way_past_the_gate() -> None:
    """First without the report, then worse with it: what the state before did not say cannot be compared with."""
    earlier, later = candidate({"audit.score": 90}), candidate({"audit.score": 90, "sca.score": 10})
    [found] = judged(NO_WORSE, payload=later, diff=compute_diff(earlier, later)).checks
    assert (found.status, found.missing) == ("skipped", ("sca.score",))
    assert "the state before did not say sca.score" in found.message


@pytest.mark.parametrize(
    ("rule", "judged_again"),
    [
        ({"dimension_state": "regressed", "on_dimension": "audit"}, False),
        ({"dimension_state": "regressed"}, False),
        ({"metric_delta_abs": 1, "on_metric": "audit.high", "direction": "up"}, False),
        ({"set_added_min": 1, "panel": "findings"}, False),
        ({"dimension_state": "regressed", "on_dimension": "sca"}, True),
    ],
)
def test_one_of_two_tools_that_is_left_out_is_no_way_past_the_gate(rule: dict[str, Any], judged_again: bool) -> None:
    """Fewer findings by fewer tools are not fewer findings; what the other dimensions say still counts."""
    measures: dict[str, float | None] = {"audit.score": 60, "audit.high": 3, "sca.score": 90}
    earlier = candidate(measures, findings=[finding("f-1"), finding("f-2")])
    later = candidate(measures | {"audit.score": 95, "audit.high": 0}, findings=[finding("f-1")])
    check = {**NO_WORSE, "forbid": rule}
    verdict = decide(
        profile(check), payload=later, diff=compute_diff(earlier, later), suppressions=(), now=NOW, places={},
        left_out={"audit": ["semgrep"]},
    )  # fmt: skip
    [found] = verdict.checks
    assert found.status == ("pass" if judged_again else "skipped")
    assert ("semgrep" in found.missing) is not judged_again


@pytest.mark.parametrize(("on_missing", "status"), [("skip", "skipped"), ("fail", "fail")])
def test_findings_of_a_dimension_that_was_counted_before_are_not_none_now(on_missing: str, status: str) -> None:
    """An empty report of dependencies does not stand in for the code's audit that was left out."""
    earlier = candidate({"audit.critical": 0, "sca.critical": 0})
    later = candidate({"sca.critical": 0})
    check = {**CRITICAL, "on_missing": on_missing}
    diff = compute_diff(earlier, later)
    [found] = judged(check, payload=later, diff=diff).checks
    assert (found.status, found.missing) == (status, ("audit",))
    [seen] = judged(check, payload=later, diff=compute_diff(later, candidate({"sca.critical": 1}))).checks
    assert seen.status == "pass"


def test_findings_over_the_limit_fail_whatever_is_missing() -> None:
    """A missing report softens nothing."""
    earlier, later = candidate({"audit.critical": 0, "sca.critical": 0}), candidate({"sca.critical": 2})
    [found] = judged(CRITICAL, payload=later, diff=compute_diff(earlier, later)).checks
    assert (found.status, found.observed) == ("fail", 2)


def test_a_scanner_that_failed_is_no_clean_one_even_at_the_first_gate() -> None:
    """Nothing to compare with, and an empty report of dependencies beside it: what failed is still said."""
    summaries = {
        "audit": {"score": None, "measures": [{"id": "critical", "value": None, "status": "error"}]},
        "sca": {"score": 100, "measures": [{"id": "critical", "value": 0}]},
    }
    [found] = judged(CRITICAL, payload=project_payload(summaries), diff=None).checks
    assert (found.status, found.missing) == ("skipped", ("audit",))
