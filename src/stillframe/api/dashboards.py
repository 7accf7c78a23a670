"""Routes of dashboards: made, listed, read, changed, looked at live."""

from __future__ import annotations

from typing import Any

from stillframe.api.answers import Answer, page_answer
from stillframe.api.asked import Asked, inside
from stillframe.api.bodies import ApplyBody, ViewSpecBody
from stillframe.api.door import Door
from stillframe.api.shapes import AppliedShape, DashboardShape, DashboardWithHead, LiveShape, Paged
from stillframe.capture import parse_view_spec
from stillframe.flows import dashboards
from stillframe.model.dashboard import Dashboard, Head

door = Door("Dashboards")


@door.post("/api/dashboards", takes=ViewSpecBody, answers=DashboardShape, status=201)
def create_dashboard(asked: Asked) -> Answer:
    """Make a dashboard from a view spec."""
    body = asked.read(ViewSpecBody)
    with inside("view_spec_json"):
        view_spec = parse_view_spec(body.view_spec_json)
        created = dashboards.create_dashboard(asked.services, asked.caller, view_spec=view_spec)
    return Answer(created.as_dict(), status=201)


@door.post("/api/dashboards/apply", takes=ApplyBody, answers=AppliedShape)
def apply_dashboard(asked: Asked) -> Answer:
    """Make the dashboard that a view spec describes, or bring it to what the view spec says."""
    body = asked.read(ApplyBody)
    act = dashboards.plan_view_spec if body.dry_run else dashboards.apply_view_spec
    with inside("view_spec_json"):
        view_spec = parse_view_spec(body.view_spec_json)
        done = act(asked.services, asked.caller, view_spec=view_spec)
    return Answer({"slug": view_spec.slug, "dry_run": body.dry_run, **done.as_dict()})


@door.get("/api/dashboards", answers=Paged[DashboardShape])
def list_dashboards(asked: Asked, *, limit: int | None = None, cursor: str | None = None) -> Answer:
    """List the dashboards that you may see."""
    found = dashboards.list_dashboards(asked.services, asked.caller, limit=asked.page_limit(limit), cursor=cursor)
    return page_answer(found, Dashboard.as_dict)


@door.get("/api/dashboard/{dashboard_ref}", answers=DashboardWithHead, refuses=[404])
def get_dashboard(asked: Asked, dashboard_ref: str) -> Answer:
    """Read a dashboard, by its id or slug, and where it stands."""
    dashboard, head = dashboards.get_dashboard(asked.services, asked.caller, dashboard_ref=dashboard_ref)
    return Answer({**dashboard.as_dict(), "head": _head(head)})


@door.change("PUT", "/api/dashboard/{dashboard_ref}", takes=ViewSpecBody, answers=DashboardShape, refuses=[404, 409])
def replace_dashboard(asked: Asked, dashboard_ref: str) -> Answer:
    """Give a dashboard another view spec; its history stays."""
    body = asked.read(ViewSpecBody)
    with inside("view_spec_json"):
        view_spec = parse_view_spec(body.view_spec_json)
        replaced = dashboards.replace_dashboard(
            asked.services, asked.caller, dashboard_ref=dashboard_ref, view_spec=view_spec
        )
    return Answer(replaced.as_dict())


@door.get("/api/dashboard/{dashboard_ref}/live", answers=LiveShape, refuses=[404, 502])
def live(asked: Asked, dashboard_ref: str) -> Answer:
    """Run a dashboard's view spec and store nothing."""
    return Answer(dashboards.live(asked.services, asked.caller, dashboard_ref=dashboard_ref).as_dict())


def _head(head: Head) -> dict[str, Any]:
    names = ("last_snapshot_id", "last_sequence", "head_snapshot_id", "head_content_hash")
    return {name: getattr(head, name) for name in names}
