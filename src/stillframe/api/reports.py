"""The route of tool reports: files in, a project's next snapshot out."""

from __future__ import annotations

from stillframe.api.answers import Answer
from stillframe.api.asked import Ask
from stillframe.api.bodies import ReportsBody
from stillframe.api.door import Door
from stillframe.api.evidence import snapshot_request
from stillframe.api.release_shapes import ReportsTakenShape
from stillframe.api.uploads import Uploaded
from stillframe.flows import reports
from stillframe.flows.reading_reports import GivenReport, ReadingOptions

door = Door("Reports")


@door.post(
    "/api/projects/{name:path}/reports",
    takes=ReportsBody,
    answers=ReportsTakenShape,
    status=201,
    refuses=[404, 507],
    keeps_receipt=True,
    body_required=False,
    reports="required",
)
def take_reports(asked: Uploaded, name: str) -> Answer:
    """Bring tool reports of a project, which become its next snapshot; they are read whole or not at all."""
    body = asked.read(ReportsBody)
    taken = reports.take_report_snapshot(
        asked.services,
        asked.caller,
        project_name=name,
        reports=given_in(asked),
        request=snapshot_request(body),
        options=ReadingOptions(kloc=body.kloc, root=body.root),
        receipt=asked.receipt,
    )
    return Answer(taken.as_dict(), status=201)


def given_in(asked: Ask) -> list[GivenReport]:
    """Return the reports that came with a request; each is read from disk when it is its turn."""
    return [GivenReport(name=found.name, size=found.size, read=found.read) for found in asked.uploads]
