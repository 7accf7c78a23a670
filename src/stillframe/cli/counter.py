"""The counter: what a command can ask for, whether the database is opened here or a server is asked for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from stillframe.errors import InvalidInput

if TYPE_CHECKING:
    from stillframe.capture import ViewSpec
    from stillframe.cli.brought import Brought

Document: TypeAlias = dict[str, Any]
"""A JSON object as the HTTP API answers it: what a command prints."""


class Counter(Protocol):
    """
    Everything that commands ask for at either place.

    Shape   What is asked is said in the members of the API's request bodies, what is answered in its documents. A list
            is `{items, next_cursor}`; `limit` None means as many as a page may hold.
    Errors  The same at both places: what is wrong with what was given, who may not, what is not there. From a server
            also Unauthenticated and ServerUnreachable.
    Source  docs/reference/cli.md.
    """

    def apply(self, view_spec: ViewSpec, *, dry_run: bool) -> Document:
        """Make or change the dashboard that a view spec describes: `{slug, dry_run, action, changes, dashboard}`."""
        ...

    def dashboards(self, *, limit: int | None, cursor: str | None) -> Document:
        """List the dashboards."""
        ...

    def dashboard(self, ref: str) -> Document:
        """Read a dashboard and its head."""
        ...

    def live(self, ref: str) -> Document:
        """Run a dashboard's view spec."""
        ...

    def take(self, ref: str, said: Mapping[str, Any]) -> Document:
        """Take a dashboard's snapshot."""
        ...

    def take_scope(self, said: Mapping[str, Any]) -> Document:
        """Take the snapshot of a project, a group or a portfolio."""
        ...

    def snapshots(
        self, wanted: Mapping[str, str | None], *, limit: int | None, offset: int, cursor: str | None
    ) -> Document:
        """List snapshots of every scope, or of those that `wanted` names; a page says its `limit_applied`."""
        ...

    def snapshot(self, snapshot_id: str) -> Document:
        """Read a snapshot with its payload."""
        ...

    def accept(self, snapshot_id: str) -> Document:
        """Accept an empty capture."""
        ...

    def policy(self) -> Document:
        """Read what is kept, and for how long."""
        ...

    def pair(self, ref: str, *, from_id: str | None, to_id: str | None) -> tuple[str, str]:
        """Find which two snapshots of a dashboard to compare, by default its last two good ones."""
        ...

    def compare(self, said: Mapping[str, Any]) -> Document:
        """Compare two snapshots, or a project at two times."""
        ...

    def export(self, snapshot_id: str, said: Mapping[str, Any]) -> bytes:
        """Make a document of a snapshot, or of a comparison."""
        ...

    def trends(self, project: str, said: Mapping[str, Any]) -> Document:
        """Read a project's metrics over time."""
        ...

    def periods(self, project: str, said: Mapping[str, str]) -> Document:
        """Compare two periods of a project."""
        ...

    def take_reports(self, project: str, said: Mapping[str, Any], reports: Sequence[Brought]) -> Document:
        """Keep what tool reports say of a project as its next snapshot."""
        ...

    def replay(self, snapshot_id: str) -> Document:
        """Read a snapshot's stored reports again, and compare what they say with what is stored."""
        ...

    def health(self, project: str) -> Document:
        """Read a project's health as it is known now."""
        ...

    def check_release(self, said: Mapping[str, Any], reports: Sequence[Brought]) -> Document:
        """Put a candidate before a release gate."""
        ...

    def profiles(self) -> Document:
        """List all profiles that a check may name."""
        ...

    def decisions(self, project: str | None, *, limit: int | None, cursor: str | None) -> Document:
        """List what gates decided, of a project or of all that the caller may see."""
        ...

    def decision(self, decision_id: str) -> Document:
        """Read a decision exactly as it was answered then."""
        ...

    def suppress(self, said: Mapping[str, Any]) -> Document:
        """Let a finding not count at release gates until a day."""
        ...

    def suppressions(self, project: str | None, *, ended: bool, limit: int | None, cursor: str | None) -> Document:
        """List suppressions, of a project or of all that the caller may see; with `ended` those too that ended."""
        ...

    def lift(self, suppression_id: str) -> None:
        """Take a suppression back before its day."""
        ...

    def subscribe(self, ref: str, said: Mapping[str, Any]) -> Document:
        """Make a subscription."""
        ...

    def subscriptions(self, ref: str) -> Document:
        """List all subscriptions of a dashboard that the caller may see."""
        ...

    def change_subscription(self, ref: str, subscription_id: str, said: Mapping[str, Any]) -> Document:
        """Change what is named of a subscription."""
        ...

    def preview(self, ref: str, said: Mapping[str, Any]) -> Document:
        """Ask what a subscription would have told."""
        ...

    def test_subscription(self, ref: str, subscription_id: str) -> Document:
        """Send the real last diff to a subscriber, marked as a test."""
        ...

    def evaluations(self, ref: str, subscription_id: str, *, limit: int | None, cursor: str | None) -> Document:
        """List what a subscription's rule said of each snapshot, and why it was told or not."""
        ...

    def new_secret(self, ref: str, subscription_id: str, *, overlap_seconds: int) -> Document:
        """Give a webhook another secret."""
        ...

    def resume(self, ref: str, subscription_id: str, *, replay: bool) -> Document:
        """Let a paused subscription go on."""
        ...

    def unsubscribe(self, ref: str, subscription_id: str) -> None:
        """Remove a subscription."""
        ...

    def make_group(self, said: Mapping[str, Any]) -> Document:
        """Make a group."""
        ...

    def groups(self) -> Document:
        """List all groups that the caller may see."""
        ...

    def group(self, group_id: str) -> Document:
        """Read a group and its members."""
        ...

    def rename_group(self, group_id: str, name: str) -> Document:
        """Give a group another name."""
        ...

    def set_member(self, group_id: str, user: str, role: str) -> Document:
        """Make a user a member of a group, or give a member another role."""
        ...

    def remove_member(self, group_id: str, user: str) -> None:
        """Take a member out of a group."""
        ...

    def make_project(self, said: Mapping[str, Any]) -> Document:
        """Make a project."""
        ...

    def projects(self, *, group_id: str | None, limit: int | None, cursor: str | None) -> Document:
        """List the projects."""
        ...

    def project(self, name: str) -> Document:
        """Read a project."""
        ...

    def change_project(self, name: str, said: Mapping[str, Any]) -> Document:
        """Give a project another title or another group."""
        ...

    def audit(self, asked: Mapping[str, str | None], *, limit: int | None, cursor: str | None) -> Document:
        """List lines of the audit log: those of an `actor`, of an `object`, `from` a time on."""
        ...

    def make_token(self, said: Mapping[str, Any]) -> Document:
        """Make a token."""
        ...

    def tokens(self) -> Document:
        """List all tokens that the caller may see."""
        ...

    def revoke_token(self, token_id: str) -> None:
        """Make a token worthless."""
        ...


@contextmanager
def at_counter(*, config: Path | None, server: str | None, create: bool = False) -> Iterator[Counter]:
    """
    Stand at the counter for as long as the block runs: a server's, if one is named, else the database's own.

    Shape   `create`: make a missing database; a server looks after its own.
    Errors  InvalidInput for a configuration beside a server, an address that is none, and a missing token; what
            `cli.desk.opened` raises.
    """
    if server:
        if config is not None:
            raise InvalidInput.at(
                "--config | --server",
                "give one of them: a server has its own configuration (STILLFRAME_SERVER counts as --server)",
            )
        from stillframe.cli.remote import remote_counter

        yield remote_counter(server)
        return
    from stillframe.cli.desk import opened
    from stillframe.cli.local import LocalCounter

    with opened(config, create=create) as desk:
        yield LocalCounter(desk)
