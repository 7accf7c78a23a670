"""The grammar of profiles: the path and the advice of every refusal, and one canonical document."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import InvalidInput
from stillframe.model.canonical import canonical_bytes
from stillframe.rules.profile_grammar import MOST_CHECKS, read_profile
from tests.rules.candidates import COVERAGE, CRITICAL, NO_WORSE


def document(*checks: Any, **said: Any) -> dict[str, Any]:
    return {"name": "ours", "check": list(checks or (CRITICAL,)), **said}


def without(check: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in check.items() if name not in names}


def refusals(given: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read_profile(given, taken=("standard",))
    return {fault.path: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("given", "path", "advice"),
    [
        ([], "$", "a profile is an object"),
        (None, "$", "not null"),
        ({}, "$.name", "1 to 64 of a-z"),
        (document(name="a b"), "$.name", "the text 'a b'"),
        (document(name="n" * 65), "$.name", "1 to 64"),
        (document(name="Standard"), "$.name", "'Standard' is built in"),
        (document(title="a\nb"), "$.title", "one line of at most 200"),
        (document(title="\ud800"), "$.title", "one line"),
        (document(titel="x"), "$.titel", "did you mean 'title'"),
        (document(checks=[]), "$.checks", "did you mean 'check'"),
        ({"name": "ours"}, "$.check", "at least one check, [[check]] in TOML, not null"),
        ({"name": "ours", "check": []}, "$.check", "not an empty list"),
        ({"name": "ours", "check": {"id": "x"}}, "$.check", "not an object"),
        (document(*[{**CRITICAL, "id": f"c{n}"} for n in range(MOST_CHECKS + 1)]), "$.check", "201 checks"),
        (document("x"), "$.check[0]", "a check is an object"),
        (document(CRITICAL, CRITICAL), "$.check[1].id", "'critical' is there twice"),
        (document(without(CRITICAL, "id")), "$.check[0].id", "not null"),
        (document(without(CRITICAL, "type")), "$.check[0].type", "must be one of security, quality"),
        (document({**CRITICAL, "type": "securty"}), "$.check[0].type", "did you mean 'security'"),
        (document(without(CRITICAL, "severity")), "$.check[0].severity", "blocker, warning, info, not null"),
        (document({**CRITICAL, "severity": "bloker"}), "$.check[0].severity", "did you mean 'blocker'"),
        (document({**CRITICAL, "findings": "critcal"}), "$.check[0].findings", "did you mean 'critical'"),
        (document({**CRITICAL, "findings": 1}), "$.check[0].findings", "not 1"),
        (document({**CRITICAL, "at_mots": 1}), "$.check[0].at_mots", "did you mean 'at_most'"),
        (document({**CRITICAL, "a b": 1}), "$.check[0]['a b']", "unknown member"),
        (document({**CRITICAL, 7: 1}), "$.check[0][7]", "unknown member"),
        (document({**CRITICAL, "metric": "sca.score"}), "$.check[0]", "exactly one of findings, metric, forbid"),
        (document(without(CRITICAL, "findings")), "$.check[0]", "not none of them"),
        (document(without(CRITICAL, "at_most")), "$.check[0]", "need a limit: at_most, at_least or both"),
        (document(without(COVERAGE, "at_least")), "$.check[0]", "need a limit"),
        (document({**CRITICAL, "at_least": 2, "at_most": 1}), "$.check[0].at_least", "2 is more than at_most, 1"),
        (document({**CRITICAL, "within": []}), "$.check[0].within", "one dimension or more"),
        (document({**CRITICAL, "within": "sca"}), "$.check[0].within", "not the text 'sca'"),
        (document({**CRITICAL, "within": ["sca", "adit"]}), "$.check[0].within[1]", "did you mean 'audit'"),
        (document({**CRITICAL, "within": [1]}), "$.check[0].within[0]", "known: health, audit"),
        (document({**COVERAGE, "within": ["sca"]}), "$.check[0].within", "goes with findings, not with metric"),
        (document({**NO_WORSE, "within": ["sca"]}), "$.check[0].within", "not with forbid"),
        (document({**NO_WORSE, "at_most": 1}), "$.check[0].at_most", "limits of its own"),
        (document({**CRITICAL, "on_missing": "fial"}), "$.check[0].on_missing", "did you mean 'fail'"),
        (document({**CRITICAL, "on_missing": None}), "$.check[0].on_missing", "skip, fail, not null"),
        (document({**COVERAGE, "metric": "coverage"}), "$.check[0].metric", "DIMENSION.MEASURE"),
        (document({**COVERAGE, "metric": "qualty.x"}), "$.check[0].metric", "did you mean 'quality'"),
        (document({**COVERAGE, "metric": "quality"}), "$.check[0].metric", "did you mean 'quality.score'"),
        (document({**COVERAGE, "metric": "quality."}), "$.check[0].metric", "did you mean 'quality.score'"),
        (document({**COVERAGE, "metric": "dimensions"}), "$.check[0].metric", "is no metric"),
        (document({**COVERAGE, "metric": ""}), "$.check[0].metric", "name of a metric"),
        (document({**COVERAGE, "metric": 3}), "$.check[0].metric", "not 3"),
        (document({**NO_WORSE, "forbid": {}}), "$.check[0].forbid", "holds no condition"),
        (document({**NO_WORSE, "forbid": 3}), "$.check[0].forbid", "a rule is a JSON object"),
        (
            document({**NO_WORSE, "forbid": {"AND": [{"set_added_min": 0}]}}),
            "$.check[0].forbid.AND[0].set_added_min",
            "1 or more",
        ),
        (
            document({**NO_WORSE, "forbid": {"metric_delta_abs": 1, "on_metric": "\ud800"}}),
            "$.check[0].forbid",
            "JSON cannot say",
        ),
        (document({**NO_WORSE, "forbid": {"set_added_min": 2**60}}), "$.check[0].forbid", "JSON cannot say"),
    ],
)
def test_a_refusal_says_where_and_what_is_allowed(given: object, path: str, advice: str) -> None:
    """Each fault has its JSON path."""
    assert advice in refusals(given)[path]


@pytest.mark.parametrize("limit", [-1, -0.5, float("nan"), float("inf"), True, False, None, "5", [5], 10**400, 2**53])
@pytest.mark.parametrize("member", ["at_most", "at_least"])
def test_a_limit_is_a_number_of_zero_or_more(limit: object, member: str) -> None:
    """Anything else would be a limit that nobody can read, or one that holds nothing; one fault says so."""
    found = refusals(document(without(CRITICAL, "at_most") | {member: limit}))
    assert list(found) == [f"$.check[0].{member}"]
    assert "a number of 0 or more" in found[f"$.check[0].{member}"]


def test_all_faults_are_told_at_once() -> None:
    """Nobody corrects a file fault by fault."""
    faults = refusals(document({**CRITICAL, "type": "x", "severity": "y"}, {**COVERAGE, "metric": "z"}, name=""))
    assert {"$.name", "$.check[0].type", "$.check[0].severity", "$.check[1].metric"} <= faults.keys()


def test_the_path_begins_where_the_reader_was_told() -> None:
    """A profile inside a request has its place there."""
    with pytest.raises(InvalidInput, match=re.escape("$.profile.check: ")):
        read_profile({"name": "ours"}, path="$.profile")


def test_defaults_are_filled_in() -> None:
    """The document says all that a check does."""
    assert read_profile(document(COVERAGE, NO_WORSE, CRITICAL)) == {
        "name": "ours",
        "title": "",
        "check": [
            {**COVERAGE, "title": "", "on_missing": "skip"},
            {**NO_WORSE, "title": "", "on_missing": "skip"},
            {**CRITICAL, "title": "", "on_missing": "skip", "within": ["audit", "sca"]},
        ],
    }


def test_findings_of_no_weight_are_looked_for_in_audit_alone() -> None:
    """No vulnerability is only `info`, so a check of them would always miss half."""
    assert read_profile(document({**CRITICAL, "findings": "info"}))["check"][0]["within"] == ["audit"]


@pytest.mark.parametrize(
    "spelled",
    [
        document({**CRITICAL, "title": "", "on_missing": "skip", "within": ["sca", "audit"]}, title=""),
        document({**CRITICAL, "at_most": 0.0, "within": ("audit", "sca", "sca")}),
        document({**CRITICAL, "at_most": -0.0}),
        dict(reversed(document(dict(reversed(CRITICAL.items()))).items())),
    ],
)
def test_spelling_makes_no_other_document(spelled: dict[str, Any]) -> None:
    """Order, defaults and the kind of a number are no content."""
    assert canonical_bytes(read_profile(spelled)) == canonical_bytes(read_profile(document()))


def test_a_rule_stands_in_its_canonical_form() -> None:
    """Two spellings of one rule are one rule."""
    rule = {"not": {"value_delta_pct": 0.1, "on_field": "elo", "direction": "any"}}
    said = read_profile(document({**NO_WORSE, "forbid": rule}))["check"][0]["forbid"]
    assert said == {"NOT": {"value_delta_pct": 0.1, "on_field": "elo"}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*CRITICAL, *COVERAGE, *NO_WORSE, "title", "within", "on_missing"])


@given(check=st.dictionaries(NAMES, JSON), said=st.dictionaries(st.sampled_from(["name", "title", "check"]), JSON))
def test_whatever_is_given_is_read_or_refused(check: dict[str, Any], said: dict[str, Any]) -> None:
    """Never a traceback; and what was read once is read again as itself."""
    for form in (CRITICAL, COVERAGE, NO_WORSE):
        try:
            found = read_profile(document({**form, **check}, **said))
        except InvalidInput:
            continue
        assert read_profile(found) == found
