"""Answers about reports and releases are what their documentation says, member by member."""

from __future__ import annotations

from stillframe.api.release_shapes import CheckedShape, DecisionLineShape, DecisionShape
from stillframe.model.gate import GateRecord
from tests.api.cast import COVERED_PROFILE, Form, House, coverage
from tests.api.test_shapes import check
from tests.api.world import candidate_of, suppression_of

RELEASE = "/api/v1/release"
SNAPSHOTS = "/api/v2/dashboard/snapshots"


def test_what_is_answered_about_reports_and_releases_is_what_is_documented(house: House) -> None:
    """A story through the answers; members beside the documented ones, or missing, fail."""
    ask, project = house.ask, "a/b"
    house.made("admin", "/api/groups", {"id": "team-a"})
    house.made("admin", "/api/projects", {"name": project, "group_id": "team-a"})
    health = f"{SNAPSHOTS}/{{project_name}}/health"
    check(house, ask("admin", "GET", f"{SNAPSHOTS}/{project}/health"), ("get", health))
    brought = Form(request={"kloc": 2}, reports={"coverage.json": coverage()})
    route = "/api/projects/{name}/reports"
    taken = check(
        house, ask("admin", "POST", f"/api/projects/{project}/reports", files=brought.parts()), ("post", route)
    )
    check(house, ask("admin", "GET", f"{SNAPSHOTS}/{project}/health"), ("get", health))
    replay = f"{SNAPSHOTS}/{{snapshot_id}}/replay"
    check(house, ask("admin", "POST", f"{SNAPSHOTS}/{taken['id']}/replay"), ("post", replay))
    failing = Form(
        request={"project_name": project, "profile": COVERED_PROFILE}, reports={"coverage.json": coverage(20)}
    )
    for form in (candidate_of(project), failing):
        check(house, ask("admin", "POST", f"{RELEASE}/check", files=form.parts()), ("post", f"{RELEASE}/check"))
    lines = check(house, ask("admin", "GET", f"{RELEASE}/history"), ("get", f"{RELEASE}/history"))["items"]
    assert {line["decision"] for line in lines} == {"pass", "fail"}
    one = f"{RELEASE}/history/{{decision_id}}"
    for line in lines:
        check(house, ask("admin", "GET", f"{RELEASE}/history/{line['id']}"), ("get", one))
    for name in ("profiles", "suppressions"):
        check(house, ask("admin", "GET", f"{RELEASE}/{name}"), ("get", f"{RELEASE}/{name}"))
    made = ask("admin", "POST", f"{RELEASE}/suppressions", json=suppression_of(project))
    check(house, made, ("post", f"{RELEASE}/suppressions"))


def test_a_line_of_history_is_the_record_without_its_answer() -> None:
    """What is listed is what is stored; the whole is read one by one."""
    assert set(DecisionLineShape.model_fields) == set(GateRecord.__slots__) - {"answer"}
    assert set(CheckedShape.model_fields) - set(DecisionShape.model_fields) == {"dispatch"}
