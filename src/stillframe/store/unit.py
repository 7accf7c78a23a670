"""A unit of work: every repository over one transaction."""

from __future__ import annotations

from functools import cached_property

from stillframe.store.ageing import Ageing
from stillframe.store.attempts import Attempts
from stillframe.store.audit import Audit
from stillframe.store.claims import Claims
from stillframe.store.cleanup import Cleanup
from stillframe.store.confirmations import Confirmations
from stillframe.store.dashboards import Dashboards
from stillframe.store.discussion import Comments, Notifications
from stillframe.store.endpoints import Endpoints
from stillframe.store.evaluations import Evaluations
from stillframe.store.evidence import Notices, Verdicts
from stillframe.store.gates import Gates
from stillframe.store.gauges import Gauges
from stillframe.store.heads import Heads
from stillframe.store.idempotency import Idempotency
from stillframe.store.identity import Personas, Tokens, Users
from stillframe.store.leases import Leases, Workers
from stillframe.store.listing import Listing
from stillframe.store.member_lists import MemberLists
from stillframe.store.outbox import Outbox
from stillframe.store.ownership import Groups, Projects
from stillframe.store.report_cleanup import ReportCleanup
from stillframe.store.reports import Reports
from stillframe.store.series import Series
from stillframe.store.snapshots import Snapshots
from stillframe.store.standings import Standings
from stillframe.store.subscriptions import Subscriptions
from stillframe.store.suppressions import Suppressions
from stillframe.store.tellings import Tellings
from stillframe.store.trials import Trials
from stillframe.store.waiting import Waiting
from stillframe.store.work import Work


class Unit:
    """What one transaction can do. Belongs to one thread, and ends with the block that opened it."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @cached_property
    def users(self) -> Users:
        return Users(self._work)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self._work)

    @cached_property
    def personas(self) -> Personas:
        return Personas(self._work)

    @cached_property
    def groups(self) -> Groups:
        return Groups(self._work)

    @cached_property
    def projects(self) -> Projects:
        return Projects(self._work)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self._work)

    @cached_property
    def dashboards(self) -> Dashboards:
        return Dashboards(self._work)

    @cached_property
    def heads(self) -> Heads:
        return Heads(self._work)

    @cached_property
    def member_lists(self) -> MemberLists:
        return MemberLists(self._work)

    @cached_property
    def snapshots(self) -> Snapshots:
        return Snapshots(self._work)

    @cached_property
    def listing(self) -> Listing:
        return Listing(self._work)

    @cached_property
    def series(self) -> Series:
        return Series(self._work)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self._work)

    @cached_property
    def gates(self) -> Gates:
        return Gates(self._work)

    @cached_property
    def suppressions(self) -> Suppressions:
        return Suppressions(self._work)

    @cached_property
    def attempts(self) -> Attempts:
        return Attempts(self._work)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self._work)

    @cached_property
    def confirmations(self) -> Confirmations:
        return Confirmations(self._work)

    @cached_property
    def standings(self) -> Standings:
        return Standings(self._work)

    @cached_property
    def evaluations(self) -> Evaluations:
        return Evaluations(self._work)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self._work)

    @cached_property
    def claims(self) -> Claims:
        return Claims(self._work)

    @cached_property
    def waiting(self) -> Waiting:
        return Waiting(self._work)

    @cached_property
    def endpoints(self) -> Endpoints:
        return Endpoints(self._work)

    @cached_property
    def trials(self) -> Trials:
        return Trials(self._work)

    @cached_property
    def tellings(self) -> Tellings:
        return Tellings(self._work)

    @cached_property
    def verdicts(self) -> Verdicts:
        return Verdicts(self._work)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self._work)

    @cached_property
    def comments(self) -> Comments:
        return Comments(self._work)

    @cached_property
    def notifications(self) -> Notifications:
        return Notifications(self._work)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self._work)

    @cached_property
    def workers(self) -> Workers:
        return Workers(self._work)

    @cached_property
    def idempotency(self) -> Idempotency:
        return Idempotency(self._work)

    @cached_property
    def cleanup(self) -> Cleanup:
        return Cleanup(self._work)

    @cached_property
    def report_cleanup(self) -> ReportCleanup:
        return ReportCleanup(self._work)

    @cached_property
    def gauges(self) -> Gauges:
        return Gauges(self._work)

    @cached_property
    def ageing(self) -> Ageing:
        return Ageing(self._work)
