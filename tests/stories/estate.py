"""Two teams with their projects, for stories about who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stillframe.flows.identity import local_caller
from tests.stories.house import House, Person, person

EVIDENCE = "/api/v2/dashboard"
SECRET = "zephyr-secret"
"""A project that only the other team may see: its name must be nowhere else."""


@dataclass(kw_only=True)
class Estate:
    """
    Bob edits team-a, Dora reads it, Charlie edits team-b; Alice is the administrator.

    Shape   team-a owns `my-service` and `a/b`; team-b owns `zephyr-secret`.
    """

    house: House
    dora: Person

    def group(self, name: str, **members: str) -> None:
        """Make a group with members by their role."""
        self.house.alice.post("/api/groups", {"id": name, "name": name})
        for user, role in members.items():
            answer = self.house.alice.ask("PUT", f"/api/groups/{name}/members/{user}", {"role": role})
            assert answer.is_success, answer.text

    def project(self, name: str, group: str) -> None:
        self.house.alice.post("/api/projects", {"name": name, "group_id": group})

    def keep(self, who: Person, **members: Any) -> Any:
        """Take a snapshot of a scope; a minute passes first."""
        self.house.clock.move(minutes=1)
        return who.post(f"{EVIDENCE}/snapshots", members)

    def score(self, project: str, health: float, *, critical: int = 0, who: Person | None = None) -> Any:
        """Bring a project's summary, as its editor."""
        return self.keep(
            who or self.house.alice, scope="project", project_name=project, summaries=summary(health, critical=critical)
        )


def estate_of(house: House) -> Estate:
    """Return the two teams with their people and projects, none of which has a snapshot yet."""
    local = local_caller(house.services, "root")
    dora = person(house.services, house.client, local, name="dora", role="viewer")
    estate = Estate(house=house, dora=dora)
    estate.group("team-a", bob="editor", dora="viewer")
    estate.group("team-b", charlie="editor")
    estate.project("my-service", "team-a")
    estate.project("a/b", "team-a")
    estate.project(SECRET, "team-b")
    return estate


def summary(health: float, *, critical: int = 0) -> dict[str, Any]:
    """Return a summary document with a health score and so many critical findings."""
    return {
        "schema": "stillframe.summary/1",
        "tool": "scorer",
        "version": "1.0",
        "summaries": {
            "health": {"score": health, "tolerance": 0.5},
            "sca": {
                "score": max(0, 90 - 15 * critical),
                "tolerance": 0.5,
                "measures": [{"id": "critical", "value": critical, "better": "lower", "unit": "findings"}],
            },
        },
        "findings": [
            {"id": f"CVE-{number}", "dimension": "sca", "severity": "critical", "title": f"Flaw {number}"}
            for number in range(critical)
        ],
    }
