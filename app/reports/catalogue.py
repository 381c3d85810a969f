"""Which reports there are, and who may see which."""

from dataclasses import dataclass

from app.errors import NotFound
from app.markets import INSTITUTION, Market
from app.people.permissions import ROLES
from app.reports.audit import AUDIT
from app.reports.cancellations import CANCELLATIONS
from app.reports.journal import JOURNAL
from app.reports.payments import PAYMENTS
from app.reports.report import Report
from app.reports.statement import STATEMENT
from app.reports.top_ups import TOP_UPS
from app.reports.trial_balance import TRIAL_BALANCE
from app.web.actor import Actor

CATALOGUE = {report.name: report for report in (PAYMENTS, TOP_UPS, CANCELLATIONS, STATEMENT, TRIAL_BALANCE, JOURNAL, AUDIT)}


@dataclass(frozen=True)
class Asker:
    """
    Who wants a report.

    :ivar agent: a person of an agent sees this agent's rows, whatever is asked for; ``None`` for the institution's people
    """

    by: str
    permissions: frozenset[str]
    agent: str | None
    market: Market
    language: str

    @classmethod
    def of(cls, actor: Actor) -> "Asker":
        return cls(actor.by, actor.permissions, actor.agent, actor.market, actor.language)


def console(language: str) -> Asker:
    """Whoever may run commands on the institution's own machine."""
    return Asker("console", ROLES["accountant"] | ROLES["auditor"], None, INSTITUTION, language)


def reports_for(asker: Asker) -> list[Report]:
    return [report for report in CATALOGUE.values() if report.permission in asker.permissions]


def find_report(name: str, *, asker: Asker) -> Report:
    """:raises NotFound: if there is none, or it is not for the asker"""
    for report in reports_for(asker):
        if report.name == name:
            return report
    raise NotFound
