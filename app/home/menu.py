"""What stands in the bar at the top, for whom."""

from dataclasses import dataclass

from flask import Flask

from app.errors import N_
from app.people.permissions import (
    FIND_PAYMENTS,
    RESET_LOGINS,
    SEE_AGENTS,
    SEE_AUDIT,
    SEE_CANCELLATIONS,
    SEE_CHANGES,
    SEE_DEPOSITS,
    SEE_EXCEPTIONS,
    SEE_INTAKE,
    SEE_OWN_BALANCE,
    SEE_OWN_PAYMENTS,
    SEE_OWN_STATEMENT,
    SEE_PRIVACY,
    SEE_REPORTS,
)
from app.web.actor import actor_or_none


@dataclass(frozen=True)
class Item:
    """
    :ivar permissions: one of them is enough; none means everybody who is signed in
    :ivar is_folded: stands under *More*: what is not looked at every hour
    """

    title: str
    endpoint: str
    icon: str
    permissions: tuple[str, ...] = ()
    is_folded: bool = False


MENU = (
    Item(N_("First page"), "home.first_page", "home"),
    Item(N_("Balance"), "balance.balance", "wallet", (SEE_OWN_BALANCE,)),
    Item(N_("Payments"), "collections.payments", "receipt", (SEE_OWN_PAYMENTS, FIND_PAYMENTS)),
    Item(N_("Deposits"), "deposits.deposits", "cash", (SEE_DEPOSITS,)),
    Item(N_("Cancellations"), "cancellation_queue.queue", "arrow-back-up", (SEE_CANCELLATIONS,)),
    Item(N_("Changes"), "changes.queue", "checks", (SEE_CHANGES,)),
    Item(N_("Mail and papers"), "intake.queue", "list-check", (SEE_INTAKE,)),
    Item(N_("Persons"), "agents.persons", "users", (SEE_OWN_STATEMENT,)),
    Item(N_("Reports"), "reports.reports", "file-spreadsheet", (SEE_REPORTS,)),
    Item(N_("Exceptions"), "exceptions.exceptions", "alert-triangle", (SEE_EXCEPTIONS,)),
    Item(N_("Agents"), "agents.agents", "building-store", (SEE_AGENTS,)),
    Item(N_("Announcements"), "announcements.announcements", "list-check"),
    Item(N_("Forms"), "forms.forms", "printer", is_folded=True),
    Item(N_("Hours and bank days"), "cut_offs.cut_offs", "clock", (FIND_PAYMENTS,), is_folded=True),
    Item(N_("Ready reasons"), "reasons.reasons", "checks", (FIND_PAYMENTS,), is_folded=True),
    Item(N_("The institution's people"), "resets.staff", "users", (RESET_LOGINS,), is_folded=True),
    Item(N_("Personal data"), "privacy.requests", "shield-check", (SEE_PRIVACY,), is_folded=True),
    Item(N_("Audit trail"), "audit.audit", "history", (SEE_AUDIT,), is_folded=True),
)


def install(app: Flask) -> None:
    app.jinja_env.globals["menu"] = menu


def menu(*, folded: bool = False) -> list[Item]:
    """Nothing is folded where it would be alone under *More*."""
    person = actor_or_none()
    if person is None:
        return []
    mine = [item for item in MENU if not item.permissions or any(person.may(permission) for permission in item.permissions)]
    if sum(item.is_folded for item in mine) < 2:
        return [] if folded else mine
    return [item for item in mine if item.is_folded == folded]
